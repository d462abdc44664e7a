import type { InventoryEntry, Order } from "@commercetools/platform-sdk";
import { describe, expect, it } from "vitest";
import { type ConnectorConfig, connectorConfigSchema } from "../../domain/config.ts";
import { decimal, ZERO } from "../../domain/decimal.ts";
import { RefusedError, TransientError } from "../../domain/failure.ts";
import type { CatalogNo, Contract, OrderNo, PartNo, Sku } from "../../domain/ids.ts";
import type { IfsDemandLine, IfsSalesPart, IfsStockRow } from "../../domain/ifs-records.ts";
import { type Money, money } from "../../domain/money.ts";
import { noFacts } from "../../domain/threshold.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createSyncInfoFallback } from "../sync-info.ts";
import { type AtpContextOptions, createAtpContext } from "./context.ts";
import type { AvailabilityDecision } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { parseQuestion } from "./parse.ts";
import { checkAvailability } from "./run.ts";

const down = async (): Promise<never> => {
  throw new TransientError("commercetools is down");
};
/** Shows one SKU, and none that are asked for beside it. */
const downBeside = (shown: string): AtpDeps["entries"] => {
  const channel = { typeId: "channel" as const, id: "id-web" };
  return async (skus) =>
    skus.length === 1 && skus[0] === shown
      ? [{ sku: shown, supplyChannel: channel, quantityOnStock: 5, availableQuantity: 5 }]
      : down();
};

type Stock = Record<string, { ifs: number; demand?: number; shop?: number; partNo?: string | null; conv?: number }>;

const configWith = (atp: object = {}, kits: object[] = []): ConnectorConfig =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      { name: "all", company: "10", site: "S1", orderType: "W", coordinator: "C", customerNo: "1", addressNo: "1" },
    ],
    sites: [{ site: "S1", company: "10", timeZone: "Europe/Berlin" }],
    skus: { untracked: ["SERVICE"] },
    stock: { pools: [{ name: "main", site: "S1", channels: [{ supplyChannel: "web" }] }], kits: { list: kits } },
    atp,
  });

function world(stock: Stock, config = configWith(), options: Partial<AtpContextOptions> = {}) {
  const calls: string[] = [];
  const orders: Order[] = [];
  const knobs = { delayMs: 0, fail: false, hang: false, shopDown: false, linesHidden: false, held: [] as string[] };
  const partOf = (sku: string): IfsSalesPart | undefined => {
    const given = stock[sku];
    if (!given) return undefined;
    return {
      contract: "S1" as Contract,
      catalogNo: sku as CatalogNo,
      description: sku,
      partNo: (given.partNo === undefined ? sku : given.partNo) as PartNo | null,
      active: true,
      salesUnitMeas: "PCS",
      unitMeas: "PCS",
      convFactor: decimal(given.conv ?? 1),
      invertedConvFactor: decimal(1),
      priceUnitMeas: "PCS",
      priceConvFactor: decimal(1),
    };
  };
  const row = (partNo: PartNo): IfsStockRow => ({
    contract: "S1" as Contract,
    partNo,
    locationNo: "A",
    warehouse: null,
    locationType: null,
    qtyOnhand: decimal(stock[partNo]?.ifs ?? 0),
    qtyReserved: ZERO,
    frozen: false,
    availabilityControlId: null,
    partOwnership: null,
    projectId: null,
    expirationDate: null,
    lastActivityDate: null,
  });
  const demandLine = (partNo: PartNo, due: number, lineRef: string | null = null): IfsDemandLine => ({
    orderNo: "TEL" as OrderNo,
    lineNo: "1",
    relNo: "1",
    lineItemNo: "0",
    lineRef,
    contract: "S1" as Contract,
    partNo,
    state: "Released",
    revisedQtyDue: decimal(due),
    qtyAssigned: ZERO,
    qtyShipped: ZERO,
    qtyShipdiff: ZERO,
  });
  async function ifs<T>(call: string, value: () => T): Promise<T> {
    calls.push(call);
    if (knobs.hang) await new Promise<never>(() => {});
    if (knobs.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, knobs.delayMs));
    if (knobs.fail) throw new TransientError("IFS is down");
    return value();
  }
  const deps: AtpDeps = {
    context: createAtpContext({ clock: systemClock, ...options }),
    config,
    ifs: {
      salesParts: (_, catalogNos) => ifs("salesParts", () => catalogNos.flatMap((no) => partOf(no) ?? [])),
      salesPartsOf: (_, partNos) =>
        ifs("salesPartsOf", () => partNos.flatMap((no) => partOf(no as string as CatalogNo) ?? [])),
      packages: async () => [],
      openDemand: (_, partNos) =>
        ifs("openDemand", () =>
          partNos.flatMap((partNo) => {
            const due = stock[partNo]?.demand;
            return due === undefined ? [] : [demandLine(partNo, due)];
          }),
        ),
      orderLinesVisible: () => ifs("orderLinesVisible", () => !knobs.linesHidden),
      stockRows: (_, partNos) => ifs("stockRows", () => partNos.map(row)),
      plannedSupply: async () => [],
    },
    async entries(skus) {
      calls.push("entries");
      if (knobs.shopDown) throw new TransientError("commercetools is down");
      return skus.flatMap((sku): InventoryEntry[] => {
        const shop = stock[sku]?.shop;
        if (shop === undefined) return [];
        const supplyChannel = { typeId: "channel" as const, id: "id-web" };
        const base = { id: `e-${sku}`, version: 1, createdAt: "", lastModifiedAt: "" };
        return [{ ...base, sku, supplyChannel, quantityOnStock: shop, availableQuantity: shop }];
      });
    },
    heldCuts: async () => (sku) => knobs.held.includes(sku),
    partlyThere: async () => [],
    channels: { link: "id-ifs-link", claim: "id-ifs-claim" },
    channelIds: async (keys) => new Map(keys.map((key) => [key, `id-${key}`])),
    async ordersPage({ where }) {
      calls.push("orders");
      return where.some((predicate) => predicate.startsWith("not(")) ? orders : [];
    },
    skuFacts: async (skus) =>
      new Map(skus.filter((sku) => sku.startsWith("SPARE")).map((sku) => [sku, { ...noFacts, productType: "spare" }])),
    salesFigures: async () => undefined,
    logger: {
      info: () => {},
      warn: () => {},
      error: (fields) => calls.push(`error ${JSON.stringify(Object.keys(fields))}`),
    },
  };
  const sold = (sku: string, quantity: number, ageMs = 60_000): void => {
    orders.push({
      id: `o${orders.length}`,
      createdAt: new Date(Date.now() - ageMs).toISOString(),
      orderState: "Open",
      syncInfo: [],
      lineItems: [{ id: `l${orders.length}`, quantity, variant: { sku }, supplyChannel: { id: "id-web" } }],
    } as unknown as Order);
  };
  return { deps, calls, knobs, sold, orders };
}

async function ask(deps: AtpDeps, lines: Record<string, number>, deadlineMs = 1000): Promise<AvailabilityDecision> {
  const parsed = parseQuestion({
    lines: Object.entries(lines).map(([sku, quantity]) => ({ id: sku, sku, quantity, supplyChannel: "web" })),
  });
  if (!parsed.ok) throw new Error(parsed.error.message);
  return checkAvailability(deps, parsed.value, systemClock.monotonic() + deadlineMs);
}

const short = ({ lines }: AvailabilityDecision): string[] =>
  lines.map((line) => `${line.sku}: ${line.outcome} by ${line.source}, ${line.available}, ${line.reason}`);
const ifsCalls = (calls: readonly string[]): string[] =>
  calls.filter((call) => ["salesParts", "openDemand", "stockRows"].includes(call));

describe("checkAvailability", () => {
  it("asks IFS only about lines below their threshold, demand before stock", async () => {
    const { deps, calls } = world({ BOLT: { ifs: 100, shop: 100 }, NUT: { ifs: 9, demand: 2, shop: 9 } });
    expect(short(await ask(deps, { BOLT: 3, SERVICE: 1 }))).toEqual([
      "BOLT: confirm by shop, 100, aboveThreshold",
      "SERVICE: confirm by shop, null, untracked",
    ]);
    expect(calls).toEqual(["entries"]);
    expect(short(await ask(deps, { BOLT: 3 }))).toEqual(["BOLT: confirm by shop, 100, aboveThreshold"]);
    expect(calls).toEqual(["entries"]);
    expect(short(await ask(deps, { BOLT: 3, NUT: 7 }))).toEqual([
      "BOLT: confirm by shop, 100, aboveThreshold",
      "NUT: confirm by ifs, 7, available",
    ]);
    expect(ifsCalls(calls)).toEqual(["salesParts", "openDemand", "stockRows"]);
  });

  it("takes no silence for the absence of demand: without any visible order line the policy decides", async () => {
    const { deps, calls, knobs } = world({ BOLT: { ifs: 12, shop: 2 }, NUT: { ifs: 12, shop: 2 } });
    knobs.linesHidden = true;
    expect(await ask(deps, { BOLT: 5 })).toMatchObject({
      accepted: true,
      lines: [{ outcome: "unknown", source: "policy", available: null, reason: "demandUnseen", policy: "open" }],
      corrections: [],
    });
    expect(short(await ask({ ...deps, config: configWith({ defaultFailPolicy: "closed" }) }, { BOLT: 5 }))).toEqual([
      "BOLT: unknown by policy, null, demandUnseen",
    ]);
    knobs.linesHidden = false;
    expect(short(await ask(deps, { NUT: 5 }))).toEqual(["NUT: confirm by ifs, 12, available"]);
    expect(calls.filter((call) => call === "orderLinesVisible")).toHaveLength(2);
  });

  it("asks for no proof where demand is shown, or was a moment ago", async () => {
    const { deps, calls } = world({ BOLT: { ifs: 12, demand: 1, shop: 2 }, NUT: { ifs: 12, shop: 2 } });
    await ask(deps, { BOLT: 5 });
    expect(short(await ask(deps, { NUT: 5 }))).toEqual(["NUT: confirm by ifs, 12, available"]);
    expect(calls).not.toContain("orderLinesVisible");
  });

  it("goes on where commercetools refuses to filter by syncInfo", async () => {
    const { deps, sold, orders } = world({ BOLT: { ifs: 12, shop: 2 } });
    sold("BOLT", 4);
    const link = {
      channel: { typeId: "channel", id: "id-ifs-link" },
      externalId: "W1",
      syncedAt: "2026-01-01T00:00:00Z",
    };
    sold("BOLT", 5);
    orders[1] = { ...orders[1], syncInfo: [link] } as unknown as Order;
    const page: AtpDeps["ordersPage"] = async ({ where }) => {
      if (where.some((condition) => condition.includes("syncInfo"))) {
        throw new RefusedError("commercetools", "InvalidInput", 400, "The field 'syncInfo' does not exist.");
      }
      return where.some((condition) => condition.startsWith("createdAt")) ? orders : [];
    };
    const ordersPage = createSyncInfoFallback({ clock: systemClock, logger: deps.logger })(page);
    expect(short(await ask({ ...deps, ordersPage }, { BOLT: 99 }))).toEqual([
      "BOLT: partial by ifs, 8, partlyAvailable",
    ]);
  });

  it("takes orders off that IFS does not hold yet, and names what the stock flow should correct", async () => {
    const { deps, sold } = world({ BOLT: { ifs: 24, shop: 2, conv: 12 }, NUT: { ifs: 5, shop: 9 } });
    sold("BOLT", 1);
    sold("NUT", 3, 1000);
    const decision = await ask(deps, { BOLT: 1, NUT: 3 });
    expect(short(decision)).toEqual(["BOLT: confirm by ifs, 1, available", "NUT: partial by ifs, 2, partlyAvailable"]);
    expect(decision).toMatchObject({
      accepted: false,
      corrections: [
        { sku: "BOLT", supplyChannel: "web" },
        { sku: "NUT", supplyChannel: "web" },
      ],
    });
  });

  it("knows parts without stock, SKUs without part, and channels without pool", async () => {
    const { deps } = world({ SERVICE2: { ifs: 0, partNo: null } });
    expect(short(await ask(deps, { SERVICE2: 1, NOBODY: 1 }))).toEqual([
      "SERVICE2: confirm by ifs, null, notStocked",
      "NOBODY: unknown by policy, null, unmappedSku",
    ]);
    const elsewhere = parseQuestion({ lines: [{ sku: "SERVICE2", quantity: 1, supplyChannel: "moon" }] });
    if (!elsewhere.ok) throw new Error("unreadable");
    expect(short(await checkAvailability(deps, elsewhere.value, systemClock.monotonic() + 500))).toEqual([
      "SERVICE2: unknown by policy, null, noSupplyChannel",
    ]);
  });

  it("tells each line its own threshold, also where a caller gave two of them one name", async () => {
    const config = configWith({ defaultThreshold: 10, thresholds: [{ sku: "NUT", threshold: 2 }] });
    const { deps } = world({ BOLT: { ifs: 90, shop: 90 }, NUT: { ifs: 90, shop: 90 } }, config);
    const line = (sku: string) => ({
      ref: "x",
      sku: sku as Sku,
      quantity: 1,
      supplyChannel: undefined,
      ownReserved: 0,
    });
    const request = { purpose: "question" as const, lines: [line("BOLT"), line("NUT")] };
    const { lines } = await checkAvailability(deps, request, systemClock.monotonic() + 1000);
    expect(lines.map(({ sku, threshold }) => [sku, threshold?.units])).toEqual([
      ["BOLT", 10],
      ["NUT", 2],
    ]);
  });

  it("applies threshold and policy of the product type", async () => {
    const config = configWith({ thresholds: [{ productType: "spare", threshold: 1, failPolicy: "closed" }] });
    const { deps, knobs } = world({ SPARE1: { ifs: 5, shop: 5 }, BOLT: { ifs: 5, shop: 5 } }, config);
    knobs.fail = true;
    expect(short(await ask(deps, { SPARE1: 4, BOLT: 4 }))).toEqual([
      "SPARE1: confirm by shop, 5, aboveThreshold",
      "BOLT: unknown by policy, null, ifsUnavailable",
    ]);
    const closed = await ask(deps, { SPARE1: 5, BOLT: 4 });
    expect(closed.lines.map(({ sku, policy, passes }) => [sku, policy, passes])).toEqual([
      ["SPARE1", "closed", false],
      ["BOLT", "open", true],
    ]);
    expect(closed.lines.map(({ threshold }) => threshold)).toEqual([
      { units: 1, rule: "productType", from: "configuration", name: "spare" },
      { units: 10, rule: "default", from: "configuration" },
    ]);
    // The shop is down as well: what a SKU is was read before, and its policy counts on.
    knobs.shopDown = true;
    const unseen = await ask(deps, { SPARE1: 5, BOLT: 4 });
    expect(unseen.lines.map(({ policy, reason }) => [policy, reason])).toEqual([
      ["closed", "shopUnavailable"],
      ["open", "shopUnavailable"],
    ]);
  });
});

describe("a figure of the shop that is seconds old", () => {
  const order = (deps: AtpDeps, sku: string, quantity: number) => {
    const supplyChannel = { by: "key" as const, value: "web" };
    const lines = [{ ref: "a", sku: sku as Sku, quantity, supplyChannel, ownReserved: 0 }];
    return checkAvailability(deps, { purpose: "order", lines }, systemClock.monotonic() + 1000);
  };

  it("confirms what stays above the threshold; what comes close to it is read again", async () => {
    const stock: Stock = { BOLT: { ifs: 3, shop: 100 } };
    const { deps, calls } = world(stock);
    await ask(deps, { BOLT: 1 });
    stock.BOLT = { ifs: 3, shop: 3 };
    expect(short(await ask(deps, { BOLT: 4 }))).toEqual(["BOLT: confirm by shop, 100, aboveThreshold"]);
    expect(short(await ask(deps, { BOLT: 95 }))).toEqual(["BOLT: partial by ifs, 3, partlyAvailable"]);
    expect(calls.filter((call) => call === "entries")).toHaveLength(2);
    expect(short(await ask(world(stock, configWith({ shopCacheSeconds: 0 })).deps, { BOLT: 4 }))).toEqual([
      "BOLT: partial by ifs, 3, partlyAvailable",
    ]);
  });

  it("lacks the orders that passed here since: they come off before it confirms another", async () => {
    const { deps, calls } = world({ BOLT: { ifs: 100, shop: 100 } });
    const reasons: (string | undefined)[] = [];
    for (let nth = 0; nth < 4; nth += 1) reasons.push((await order(deps, "BOLT", 30)).lines[0]?.reason);
    // 100, 70, 40: another 30 would leave the threshold of 10, and nothing leaves more.
    expect(reasons).toEqual(["aboveThreshold", "aboveThreshold", "aboveThreshold", "available"]);
    expect(ifsCalls(calls)).toHaveLength(3);
  });

  it("tells how old it is, in the answer", async () => {
    const { deps } = world({ BOLT: { ifs: 3, shop: 100 } });
    await ask(deps, { BOLT: 1 });
    await systemClock.sleep(60);
    const [line] = (await ask(deps, { BOLT: 1, SERVICE: 1 })).lines;
    expect(line?.ageMs).toBeGreaterThanOrEqual(60);
    expect((await ask(deps, { SERVICE: 1 })).lines[0]).not.toHaveProperty("ageMs");
  });

  it("of questions nothing comes off", async () => {
    const { deps, calls } = world({ BOLT: { ifs: 100, shop: 100 } });
    for (let nth = 0; nth < 4; nth += 1) await ask(deps, { BOLT: 80 });
    expect(calls).toEqual(["entries"]);
  });

  it("confirms nothing once it could not be read again", async () => {
    const { deps, knobs } = world({ BOLT: { ifs: 5, shop: 100 } });
    await ask(deps, { BOLT: 1 });
    knobs.shopDown = true;
    expect(short(await ask(deps, { BOLT: 1 }))).toEqual(["BOLT: confirm by shop, 100, aboveThreshold"]);
    expect(short(await ask(deps, { BOLT: 95 }))).toEqual(["BOLT: unknown by policy, null, shopUnavailable"]);
  });
});

describe("an entry whose cut waits for a person", () => {
  it("proves nothing: IFS is asked, however much the shop shows", async () => {
    const { deps, calls, knobs } = world({ BOLT: { ifs: 5, shop: 500 }, NUT: { ifs: 5, shop: 500 } });
    knobs.held.push("BOLT");
    expect(short(await ask(deps, { BOLT: 6, NUT: 6 }))).toEqual([
      "BOLT: partial by ifs, 5, partlyAvailable",
      "NUT: confirm by shop, 500, aboveThreshold",
    ]);
    expect(ifsCalls(calls)).toEqual(["salesParts", "openDemand", "stockRows"]);
  });
});

describe("a kit at the checkout", () => {
  it("has what its components allow, and shares them with their other buyers", async () => {
    const config = configWith({}, [
      {
        catalogNo: "KIT",
        components: [
          { catalogNo: "BOLT", quantity: 2 },
          { catalogNo: "NUT", quantity: 1 },
        ],
      },
    ]);
    const stock = { KIT: { ifs: 0, partNo: null, shop: 4 }, BOLT: { ifs: 9 }, NUT: { ifs: 100 } };
    expect(short(await ask(world(stock, config).deps, { KIT: 5 }))).toEqual([
      "KIT: partial by ifs, 4, partlyAvailable",
    ]);
    const beside = world({ ...stock, BOLT: { ifs: 9, shop: 5 } }, config);
    expect(short(await ask(beside.deps, { KIT: 3 }))).toEqual(["KIT: partial by ifs, 2, partlyAvailable"]);
    // One kit sold: two bolts less, for both.
    beside.sold("KIT", 1);
    expect(short(await ask(beside.deps, { KIT: 3, BOLT: 9 }))).toEqual([
      "KIT: partial by ifs, 2, partlyAvailable",
      "BOLT: partial by ifs, 3, partlyAvailable",
    ]);
  });
});

describe("under load", () => {
  const skus = Array.from({ length: 20 }, (_, index) => `P${index}`);
  const stock: Stock = Object.fromEntries(skus.map((sku) => [sku, { ifs: 5, shop: 5 }]));
  const all = Object.fromEntries(skus.map((sku) => [sku, 1]));

  it("reads each entity set once for 30 requests of 20 lines, and not at all while the figures are fresh", async () => {
    const { deps, calls, knobs } = world(stock);
    knobs.delayMs = 20;
    const decisions = await Promise.all(Array.from({ length: 30 }, () => ask(deps, all)));
    expect(decisions.every(({ accepted }) => accepted)).toBe(true);
    expect(ifsCalls(calls)).toEqual(["salesParts", "openDemand", "stockRows"]);
    expect(calls.filter((call) => call === "entries")).toHaveLength(1);
    await ask(deps, all);
    expect(calls.filter((call) => call === "entries")).toHaveLength(2);
    expect(ifsCalls(calls)).toHaveLength(3);
  });

  it("reads again when the figures have aged, but sees new orders at once", async () => {
    const { deps, calls } = world(stock, configWith({ cacheSeconds: 0 }));
    await ask(deps, { P0: 1 });
    await ask(deps, { P0: 1 });
    expect(ifsCalls(calls)).toEqual(["salesParts", "openDemand", "stockRows", "openDemand", "stockRows"]);
    const cached = world(stock, configWith({ cacheSeconds: 60 }));
    await ask(cached.deps, { P0: 5 });
    cached.sold("P0", 4);
    expect(short(await ask(cached.deps, { P0: 5 }))).toEqual(["P0: partial by ifs, 1, partlyAvailable"]);
    expect(ifsCalls(cached.calls)).toHaveLength(3);
  });
});

describe("when IFS does not answer", () => {
  it("answers by the policy at the deadline", async () => {
    const { deps, knobs } = world({ BOLT: { ifs: 5, shop: 5 } }, configWith({ deadlineMs: 5000 }));
    knobs.hang = true;
    const before = systemClock.monotonic();
    const decision = await ask(deps, { BOLT: 1 }, 120);
    const took = systemClock.monotonic() - before;
    expect(short(decision)).toEqual(["BOLT: unknown by policy, null, deadline"]);
    expect(decision.accepted).toBe(true);
    expect(took).toBeGreaterThanOrEqual(115);
    expect(took).toBeLessThan(400);
    expect(deps.context.counters).toMatchObject({ policyOpen: 1, policyClosed: 0, reasons: { deadline: 1 } });
  });

  it("answers by the policy of the class: let pass, refuse, or accept as a back-order, each counted", async () => {
    const thresholds = [
      { sku: "DEAR", failPolicy: "closed" },
      { sku: "SLOW", failPolicy: "backOrder" },
    ];
    const stock = Object.fromEntries(["BOLT", "DEAR", "SLOW"].map((sku) => [sku, { ifs: 5, shop: 5 }]));
    const { deps, knobs } = world(stock, configWith({ thresholds }));
    knobs.fail = true;
    const { accepted, lines } = await ask(deps, { BOLT: 1, DEAR: 1, SLOW: 1 });
    expect(lines.map(({ sku, policy, passes }) => [sku, policy, passes])).toEqual([
      ["BOLT", "open", true],
      ["DEAR", "closed", false],
      ["SLOW", "backOrder", true],
    ]);
    expect(accepted).toBe(false);
    expect(deps.context.counters).toMatchObject({ policyOpen: 1, policyClosed: 1, policyBackOrder: 1, refused: 1 });
  });

  it("answers by the policy when commercetools can't be read either", async () => {
    const { deps, knobs } = world({ BOLT: { ifs: 5, shop: 5 } }, configWith({ defaultFailPolicy: "closed" }));
    knobs.shopDown = true;
    expect(await ask(deps, { BOLT: 1 })).toMatchObject({
      accepted: false,
      lines: [{ outcome: "unknown", policy: "closed", reason: "shopUnavailable" }],
    });
  });

  it.each([
    ["the orders in flight", { ordersPage: down }],
    ["who of those that share a part has an entry", { entries: downBeside("BOLT") }],
  ])("tells as the shop's failure that %s can't be read, and not as one of IFS", async (_, failing) => {
    const { deps } = world({ BOLT: { ifs: 5, shop: 5 }, BOX: { ifs: 0, partNo: "BOLT", conv: 5, shop: 1 } });
    const salesPartsOf = (site: Contract) => deps.ifs.salesParts(site, ["BOLT", "BOX"] as CatalogNo[]);
    const decision = await ask({ ...deps, ifs: { ...deps.ifs, salesPartsOf }, ...failing }, { BOLT: 1 });
    expect(short(decision)).toEqual(["BOLT: unknown by policy, null, shopUnavailable"]);
    expect(deps.context.counters.reasons).toEqual({ shopUnavailable: 1 });
    expect(deps.context.breakerState()).toBe("closed");
  });

  it("lets no order pass unseen whose value closes it", async () => {
    const config = configWith({ closedFromValue: [{ currency: "EUR", amount: "500.00" }] });
    const { deps, knobs } = world({ BOLT: { ifs: 5, shop: 5 } }, config);
    knobs.fail = true;
    const passes = async (value?: Money): Promise<boolean> => {
      const lines = [{ ref: "1", sku: "BOLT" as Sku, quantity: 1, supplyChannel: undefined, ownReserved: 0 }];
      const request = { purpose: "order" as const, lines, ...(value && { value }) };
      return (await checkAvailability(deps, request, systemClock.monotonic() + 1000)).accepted;
    };
    expect(await passes()).toBe(true);
    expect(await passes(money("EUR", 49_999, 2))).toBe(true);
    expect(await passes(money("EUR", 50_000, 2))).toBe(false);
  });

  it("stops calling after repeated failures, tries again with one read, and recovers by itself", async () => {
    const { deps, calls, knobs } = world({ BOLT: { ifs: 5, shop: 5 } }, configWith(), {
      breaker: { failures: 3, halfOpenAfterMs: 1000 },
    });
    knobs.fail = true;
    const reasons: string[] = [];
    for (let request = 0; request < 20; request += 1) {
      reasons.push((await ask(deps, { BOLT: 1 })).lines[0]?.reason ?? "");
    }
    expect(deps.context.breakerState()).toBe("open");
    expect(reasons.slice(0, 3)).toEqual(["ifsUnavailable", "ifsUnavailable", "ifsUnavailable"]);
    expect(reasons.at(-1)).toBe("breakerOpen");
    const whileFailing = ifsCalls(calls).length;
    expect(whileFailing).toBeLessThanOrEqual(5);
    knobs.fail = false;
    await systemClock.sleep(1020);
    expect(short(await ask(deps, { BOLT: 1 }))).toEqual(["BOLT: confirm by ifs, 5, available"]);
    expect(deps.context.breakerState()).toBe("closed");
  });

  it("tells a defect from an outage", async () => {
    const { deps, calls } = world({ BOLT: { ifs: 5, shop: 5 } });
    const broken: AtpDeps = {
      ...deps,
      ordersPage: async () => {
        throw new TypeError("undefined is not a function");
      },
    };
    expect(short(await ask(broken, { BOLT: 1 }))).toEqual(["BOLT: unknown by policy, null, defect"]);
    expect(calls).toContain('error ["flow","error"]');
  });
});

describe("the sales part of another number", () => {
  it("shares the pool with what is sold of it under its own number", async () => {
    const { deps, sold } = world({ BOLT: { ifs: 30, shop: 30 }, BOX: { ifs: 0, partNo: "BOLT", conv: 12, shop: 2 } });
    sold("BOLT" as Sku, 20);
    expect(short(await ask(deps, { BOX: 1 }))).toEqual(["BOX: refuse by ifs, 0, outOfStock"]);
  });
});

describe("where commercetools is the record for stock", () => {
  const config = configWith({ defaultFailPolicy: "closed" });
  const turned = { ...config, stock: { ...config.stock, direction: "commercetools" as const } };

  it("lets every order pass to commercetools' own check, whatever IFS has, and asks nobody", async () => {
    const { deps, calls } = world({ BOLT: { ifs: 0, shop: 9 }, NUT: { ifs: 9, shop: 0 } }, turned);
    const lines = ["BOLT", "NUT", "UNKNOWN"].map((sku) => ({
      ...{ ref: sku, sku: sku as Sku, quantity: 5, ownReserved: 0 },
      supplyChannel: { by: "key" as const, value: "web" },
    }));
    const decision = await checkAvailability(deps, { purpose: "order", lines }, systemClock.monotonic() + 1000);
    expect([decision.accepted, decision.corrections, calls]).toEqual([true, [], []]);
    expect(short(decision)).toEqual([
      "BOLT: confirm by shop, null, leftToShop",
      "NUT: confirm by shop, null, leftToShop",
      "UNKNOWN: confirm by shop, null, leftToShop",
    ]);
  });

  it("answers questions by the entries alone", async () => {
    const stock = {
      MANY: { ifs: 0, shop: 90 },
      FEW: { ifs: 0, shop: 5 },
      LESS: { ifs: 50, shop: 3 },
      NONE: { ifs: 50, shop: 0 },
    };
    const { deps, calls, knobs } = world(stock, turned);
    const lines = { MANY: 5, FEW: 5, LESS: 5, NONE: 5, UNKNOWN: 1, SERVICE: 1 };
    const told = [
      "MANY: confirm by shop, 90, aboveThreshold",
      "FEW: confirm by shop, 5, available",
      "LESS: partial by shop, 3, partlyAvailable",
      "NONE: refuse by shop, 0, outOfStock",
      "UNKNOWN: unknown by policy, null, unmappedSku",
      "SERVICE: confirm by shop, null, untracked",
    ];
    expect(short(await ask(deps, lines))).toEqual(told);
    expect(ifsCalls(calls)).toEqual([]);
    knobs.shopDown = true;
    expect(short(await ask(deps, { FEW: 5 }))).toEqual(["FEW: unknown by policy, null, shopUnavailable"]);
  });

  it("lets be ordered at zero what its entry says will come", async () => {
    const { deps } = world({ BOLT: { ifs: 0, shop: 0 } }, turned);
    const expectedDelivery = "2126-02-01T00:00:00.000Z";
    const entries: AtpDeps["entries"] = async (...asked) =>
      (await deps.entries(...asked)).map((entry) => ({ ...entry, restockableInDays: 4, expectedDelivery }));
    const decision = await ask({ ...deps, entries }, { BOLT: 5 });
    expect(short(decision)).toEqual(["BOLT: confirm by shop, 0, backOrder"]);
    expect(decision.lines[0]?.earliestDate).toBe("2126-02-01");
  });
});
