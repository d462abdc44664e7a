/** Lines that were sold from the stock of one site never leave from that of another without anybody having said so. */
import { expect, test } from "vitest";
import { connectorConfigSchema } from "../../domain/config.ts";
import { configWith, partOf } from "./testing/config.ts";
import { codes, run, worldWith } from "./testing/export.ts";
import { netOrder, type OrderJson } from "./testing/orders.ts";

const hamburg = { name: "Hamburg", site: "101", channels: [{ supplyChannel: "hamburg" }] };
const munich = { name: "Munich", site: "202", channels: [{ supplyChannel: "munich" }] };

function config(routes: readonly object[], pools: readonly object[] = [hamburg, munich]) {
  const base = configWith();
  return connectorConfigSchema.parse({
    ...base,
    routes: routes.map((route) => ({ ...base.routes[0], ...route })),
    sites: [...base.sites, { site: "202", company: "10", timeZone: "Europe/Berlin" }],
    stock: { ...base.stock, pools },
  });
}

/** The order's two lines, each sold from the channel of that name. */
function soldFrom(...channels: readonly (string | undefined)[]): OrderJson {
  const order = netOrder();
  const lines = order.lineItems as readonly object[];
  const sold = lines.map((line, index) => {
    const id = channels[index % channels.length];
    return { ...line, ...(id !== undefined && { supplyChannel: { typeId: "channel", id } }) };
  });
  return { ...order, lineItems: sold } as OrderJson;
}

async function exported(order: OrderJson, given: ReturnType<typeof config>) {
  const salesParts = ["101", "202"].flatMap((contract) =>
    ["A-1", "B-2"].map((catalogNo) => partOf(catalogNo, { contract: contract as never })),
  );
  const world = worldWith(order, { config: given, salesParts, channelKeys: ["hamburg", "munich", "elsewhere"] });
  const outcome = await run(world);
  return {
    kind: outcome.kind,
    sites: [...world.documents.values()].map(({ order: { contract } }) => contract),
    codes: codes(world),
    message: [...world.exceptions.values()].map(({ message }) => message).join(),
  };
}
const refused = { kind: "rejected", sites: [], codes: ["noRoute"] };
const bySupply = [{ name: "Munich", site: "202", when: { supplyChannel: "munich" } }, { name: "rest" }];

test("sold from another site's stock: refused, and told which lines", async () => {
  const told = await exported(soldFrom("munich", "hamburg"), config([{}]));
  expect(told).toMatchObject(refused);
  expect(told.message).toContain("A-1 from munich (site 202)");
  expect(told.message).not.toContain("B-2 from");
});

test("a route by supply channel leads to the site that sold it", async () => {
  expect(await exported(soldFrom("munich"), config(bySupply))).toMatchObject({ kind: "linked", sites: ["202"] });
  expect(await exported(soldFrom("hamburg"), config(bySupply))).toMatchObject({ kind: "linked", sites: ["101"] });
});

test("lines of two sites have no route, not the last one either", async () => {
  expect(await exported(soldFrom("munich", "hamburg"), config(bySupply))).toMatchObject(refused);
});

test("a route whose site IFS supplies by itself takes all of them", async () => {
  const told = await exported(soldFrom("munich", "hamburg"), config([{ supply: "any" }]));
  expect(told).toMatchObject({ kind: "linked", sites: ["101"], codes: [] });
});

test("lines without supply channel, and channels that no pool names, say nothing of a site", async () => {
  expect(await exported(soldFrom(undefined, "elsewhere"), config([{}]))).toMatchObject({ kind: "linked" });
});

test("a channel that shows the stock of several sites is sold from each of them", async () => {
  const both = [hamburg, { ...munich, channels: [{ supplyChannel: "hamburg" }] }];
  expect(await exported(soldFrom("hamburg"), config([{}], both))).toMatchObject({ kind: "linked", sites: ["101"] });
});
