/** What a run left as it was, because IFS did not show its rows, is no figure to sell by: the check at checkout asks IFS. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { sandbox, shop } from "./doctor-fixture.ts";
import { EXTENSION_SECRET, openStockService, type StockService, shown } from "./stock-service-fixture.ts";

/** Stocked at site 101, sold by the piece, and by no other SKU. */
const [PART, OTHER] = ["HN.M5.A2", "HN.M5.A4"] as const;

/** A part whose rows are not shown; beside witnesses there is no row at all. And what IFS was asked about stock. */
const platform = { hides: undefined as string | undefined, asked: [] as string[] };
const watched: typeof fetch = async (input, init) => {
  const url = decodeURIComponent(String(input instanceof Request ? input.url : input));
  if (!url.includes("InventoryPartInStockSet")) return fetch(input, init);
  platform.asked.push(url);
  if (!platform.hides || !url.includes(`'${platform.hides}'`)) return fetch(input, init);
  const isBesideWitnesses = url.split("PartNo eq ").length - 1 <= 6;
  const [asked, instead] = isBesideWitnesses
    ? ["Contract eq '101'", "Contract eq 'X'"]
    : [`'${platform.hides}'`, "'X'"];
  // Another question, so that all of its pages agree.
  return fetch(encodeURI(url.replaceAll(asked, instead)), init);
};

let bench: StockService;
beforeAll(async () => {
  bench = await openStockService({ fetch: watched });
  for (const part of [PART, OTHER])
    await sandbox("clerk/receive", { part, site: "101", qty: "200", location: "PICK-01" });
  await bench.run(Date.now());
});
afterAll(() => bench.close());

/** As commercetools asks at the creation of an order; the status, and whether IFS was asked for its stock. */
async function order(sku: string, quantity: number) {
  platform.asked.length = 0;
  const channel = shop.model.world.collection("channel").findUnique("key", "hamburg");
  const lineItems = [{ id: "l1", quantity, variant: { sku }, supplyChannel: { typeId: "channel", id: channel?.id } }];
  const obj = { id: "order-1", cart: { typeId: "cart", id: "c1" }, lineItems };
  const response = await fetch(`${bench.url}/service/extension`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: EXTENSION_SECRET },
    body: JSON.stringify({ action: "Create", resource: { typeId: "order", id: "order-1", obj } }),
  });
  return [response.status, platform.asked.some((url) => url.includes(`'${sku}'`))];
}

test("its SKU is below its threshold for the check, whatever the entry shows", async () => {
  const before = shown(PART) ?? 0;
  await sandbox("clerk/issue", { part: PART, site: "101", qty: "195", location: "PICK-01" });
  platform.hides = PART;
  await bench.run(Date.now());
  expect(shown(PART)).toBe(before);
  platform.hides = undefined;
  // Far more is shown in both entries; IFS has less of the first one.
  expect([await order(PART, before - 20), await order(OTHER, 100)]).toEqual([
    [400, true],
    [200, false],
  ]);
});
