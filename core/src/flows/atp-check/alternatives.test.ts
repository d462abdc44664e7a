/** What other supply channels have of a line that is short: where the route allows it, in the same reads, and never late. */
import { describe, expect, it } from "vitest";
import { type ConnectorConfig, connectorConfigSchema } from "../../domain/config.ts";
import type { Contract, Sku } from "../../domain/ids.ts";
import { virtualTime } from "../../runtime/testing/virtual-time.ts";
import { createAtpContext } from "./context.ts";
import type { AvailabilityDecision } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import type { AvailabilityRequest } from "./parse.ts";
import { toAnswer, toExtensionResponse } from "./respond.ts";
import { checkAvailability } from "./run.ts";
import { checkoutConfig, openCheckout, type Part } from "./testing/checkout.ts";

/** `web` and `store` are of one pool of S1, `munich` is of S2. */
function configWith(routes: object[], more: { atp?: object; stock?: object } = {}): ConnectorConfig {
  const base = checkoutConfig();
  const [route] = base.routes;
  return connectorConfigSchema.parse({
    ...base,
    routes: routes.map((each) => ({ ...route, supply: "any", ...each })),
    sites: [...base.sites, { site: "S2", company: "10", timeZone: "Europe/Berlin" }],
    stock: {
      pools: [
        {
          name: "main",
          site: "S1",
          channels: ["web", "store"].map((supplyChannel) => ({ supplyChannel, share: 0.5 })),
        },
        { name: "south", site: "S2", channels: [{ supplyChannel: "munich" }] },
      ],
      ...more.stock,
    },
    atp: { cacheSeconds: 0, ...more.atp },
  });
}

const both = [{ alternatives: ["store", "munich"] }];
const BOLT = { BOLT: { ifs: 6, shop: 3 } };
type Entries = Record<string, number>;

function open(
  config = configWith(both),
  {
    s1 = BOLT,
    s2 = { BOLT: { ifs: 4 } },
    entries = { web: 3, store: 3, munich: 4 },
  }: {
    s1?: Record<string, Part>;
    s2?: Record<string, Part>;
    entries?: Entries;
  } = {},
) {
  const sites = {
    S1: openCheckout(s1, undefined, config).replica(),
    S2: openCheckout(s2, undefined, config).replica(),
  };
  const calls: string[] = [];
  const knobs = { hang: "" };
  const at = async <T>(name: string, contract: Contract, read: (ifs: AtpDeps["ifs"]) => Promise<T[]>): Promise<T[]> => {
    calls.push(`${name} ${contract}`);
    if (knobs.hang === contract) await new Promise<never>(() => {});
    const rows = await read(sites[contract as "S1" | "S2"].ifs);
    return rows.map((row) => ({ ...row, contract }));
  };
  const base = sites.S1;
  const deps: AtpDeps = {
    ...base,
    ifs: {
      ...base.ifs,
      salesParts: (c, nos) => at("salesParts", c, (ifs) => ifs.salesParts(c, nos)),
      salesPartsOf: (c, nos) => at("salesPartsOf", c, (ifs) => ifs.salesPartsOf(c, nos)),
      openDemand: (c, nos) => at("openDemand", c, (ifs) => ifs.openDemand(c, nos)),
      stockRows: (c, nos) => at("stockRows", c, (ifs) => ifs.stockRows(c, nos)),
    },
    async entries(skus) {
      calls.push("entries");
      return skus.flatMap((sku) =>
        Object.entries(entries).map(([channel, units]) => ({
          ...{ sku, supplyChannel: { typeId: "channel" as const, id: `id-${channel}` } },
          ...{ quantityOnStock: units, availableQuantity: units },
        })),
      );
    },
  };
  return { deps, calls, knobs };
}

const lineOf = (quantity: number) => ({
  ...{ ref: "l1", sku: "BOLT" as Sku, quantity, ownReserved: 0 },
  supplyChannel: { by: "key" as const, value: "web" },
});
const request = (quantity: number, more: Partial<AvailabilityRequest> = {}): AvailabilityRequest => ({
  purpose: "question",
  caller: { kind: "client", id: "c" },
  lines: [lineOf(quantity)],
  ...more,
});
const decide = (deps: AtpDeps, asked: AvailabilityRequest, ms = 5000) =>
  checkAvailability(deps, asked, deps.context.clock.monotonic() + ms);
const offered = async (deps: AtpDeps, asked: AvailabilityRequest, ms?: number) =>
  (await decide(deps, asked, ms)).lines[0]?.alternatives?.map(
    ({ supplyChannel, available, source, reason }) => `${supplyChannel}: ${available} by ${source}, ${reason}`,
  );

describe("a line that is short", () => {
  it("is told what each channel has that the route names", async () => {
    const { deps } = open();
    expect(await offered(deps, request(5))).toEqual([
      "store: 3 by ifs, partlyAvailable",
      "munich: 4 by ifs, partlyAvailable",
    ]);
  });

  it("is told of none where the route names none, and IFS is asked for none", async () => {
    const { deps, calls } = open(configWith([{}]));
    expect(await offered(deps, request(5))).toBeUndefined();
    expect(calls.filter((call) => call.endsWith("S2"))).toEqual([]);
  });

  it("goes by the route of its store", async () => {
    const routes = [{ when: { store: "de" }, alternatives: ["munich"] }, { alternatives: [] }];
    const { deps } = open(configWith(routes));
    const names = async (facts: AvailabilityRequest["facts"]) =>
      offered(deps, { ...request(5), ...(facts && { facts }) });
    expect(await names({ store: ["de"] })).toEqual(["munich: 4 by ifs, partlyAvailable"]);
    expect(await names({ store: ["at"] })).toBeUndefined();
    expect(await names({})).toBeUndefined();
  });

  it("is told by the shop alone of a channel that has plenty", async () => {
    const { deps, calls } = open(undefined, { entries: { web: 3, store: 3, munich: 90 } });
    expect(await offered(deps, request(5))).toContain("munich: 90 by shop, aboveThreshold");
    expect(calls.filter((call) => call.endsWith("S2"))).toEqual([]);
  });

  it("is told by the entries where commercetools is the record for stock", async () => {
    const { deps, calls } = open(configWith(both, { stock: { direction: "commercetools" } }));
    expect(await offered(deps, request(5))).toEqual([
      "store: 3 by shop, partlyAvailable",
      "munich: 4 by shop, partlyAvailable",
    ]);
    expect(calls).toEqual(["entries"]);
  });
});

it("a line that can be had is told of none, and no other site is asked", async () => {
  const { deps, calls } = open();
  expect(await offered(deps, request(2))).toBeUndefined();
  expect(calls.filter((call) => call.endsWith("S2"))).toEqual([]);
});

it("another channel of the same site costs no request", async () => {
  const alone = open(configWith([{}]));
  await offered(alone.deps, request(5));
  const beside = open(configWith([{ alternatives: ["store"] }]));
  expect(await offered(beside.deps, request(5))).toEqual(["store: 3 by ifs, partlyAvailable"]);
  expect(beside.calls).toEqual(alone.calls);
});

it("another site is read once for each entity set, however many lines and requests are short", async () => {
  const parts = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`P${index}`, { ifs: 6 }]));
  const { deps, calls } = open(undefined, { s1: parts, s2: parts });
  const lines = Object.keys(parts).map((sku) => ({ ...lineOf(5), ref: sku, sku: sku as Sku }));
  await Promise.all(Array.from({ length: 10 }, () => decide(deps, { ...request(5), lines })));
  expect(calls.filter((call) => call.endsWith("S2")).toSorted()).toEqual([
    "openDemand S2",
    "salesParts S2",
    "salesPartsOf S2",
    "stockRows S2",
  ]);
});

describe("a site that hangs", () => {
  /** In time that passes only when nothing else can happen. */
  async function during(entries: Entries, quantity: number, ms: number) {
    const time = virtualTime();
    const { deps, knobs } = open(undefined, { entries });
    knobs.hang = "S2";
    const timed = { ...deps, context: createAtpContext({ clock: time.clock }) };
    let decision: AvailabilityDecision | undefined;
    void decide(timed, request(quantity), ms).then((made) => {
      decision = made;
    });
    await time.until(() => decision !== undefined, 60_000);
    return { decision, tookMs: time.elapsed() };
  }

  it("is told as not known by the deadline, and the answer is not late", async () => {
    const { decision, tookMs } = await during({ web: 3, store: 3, munich: 4 }, 5, 400);
    expect(tookMs).toBe(400);
    expect(decision?.lines[0]).toMatchObject({ outcome: "partial", source: "ifs", available: 3, passes: false });
    expect(decision?.lines[0]?.alternatives).toEqual([
      expect.objectContaining({ supplyChannel: "store", available: 3 }),
      { supplyChannel: "munich", available: null, earliestDate: null, reason: "deadline", source: null, ageMs: null },
    ]);
  });

  it("keeps no line waiting that can be had", async () => {
    const { decision, tookMs } = await during({ web: 1, store: 3, munich: 4 }, 3, 3000);
    expect([decision?.accepted, tookMs < 200]).toEqual([true, true]);
  });
});

describe("at the doors", () => {
  const doors = configWith(both).atp.doors;

  it("commercetools hands them on, and a server is told; a key is not, and nothing is read for it", async () => {
    const { deps, calls } = open();
    const { caller: _, ...asOrder } = request(5);
    const order = toExtensionResponse(await decide(deps, { ...asOrder, purpose: "order" }), doors);
    expect(order).toMatchObject({
      body: {
        errors: [{ extensionExtraInfo: { alternatives: [{ supplyChannel: "store" }, { supplyChannel: "munich" }] } }],
      },
    });
    const server = request(5);
    expect(toAnswer(server, await decide(deps, server), doors).lines[0]).toMatchObject({
      alternatives: [{ supplyChannel: "store" }, { supplyChannel: "munich" }],
    });
    calls.length = 0;
    const byKey = request(5, { caller: { kind: "key", id: "k" } });
    const decision = await decide(deps, byKey);
    expect(decision.lines[0]).not.toHaveProperty("alternatives");
    expect(calls.filter((call) => call.endsWith("S2"))).toEqual([]);
  });

  it("a caller without figures sees none, whatever was decided", async () => {
    const { deps } = open();
    const decision = await decide(deps, request(5));
    const byKey = request(5, { caller: { kind: "key", id: "k" } });
    expect(JSON.stringify(toAnswer(byKey, decision, doors))).not.toMatch(/alternatives|munich|available/);
  });
});
