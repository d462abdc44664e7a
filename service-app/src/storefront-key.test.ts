/** What a key that everybody can read out of a page tells of SKUs: whether they can be had, and not whether there are such. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Running, STOREFRONT_KEY, startService } from "./testing/stand-ins.ts";

const key = { "x-storefront-key": STOREFRONT_KEY };
const server = { authorization: "Bearer token-server" };
const skus = ["NOSUCH", "GONE", "FEW", "UNMAPPED"];
let service: Running;

/** FEW is there; GONE is sold out on both sides; UNMAPPED has an entry and no sales part; NOSUCH has neither. */
async function start(atp: object = {}, stock: object = {}) {
  service = await startService({ cacheSeconds: 0, deadlineMs: 5000, ...atp }, { onHand: { FEW: 3, GONE: 0 }, stock });
  const supplyChannel = { typeId: "channel", id: service.webId };
  for (const sku of ["GONE", "UNMAPPED"])
    service.platform.seed("inventory", { sku, supplyChannel, quantityOnStock: 0, availableQuantity: 0 });
}
beforeEach(() => start());
afterEach(() => service.stop());

async function ask<T>(path: string, headers: Record<string, string>, body: object): Promise<T> {
  const response = await fetch(`${service.url}/service/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

type Answer = {
  readonly accepted: boolean;
  readonly lines: readonly { readonly sku: string; readonly passes: boolean }[];
};
const lines = skus.map((sku) => ({ sku, supplyChannel: "web" }));
const passing = ({ lines: told }: Answer) => told.filter(({ passes }) => passes).map(({ sku }) => sku);

test("one that neither side has looks like one that is sold out; one with an entry keeps its policy", async () => {
  const answer = await ask<Answer>("atp", key, { lines });
  expect(answer.accepted).toBe(false);
  const [nosuch, gone] = answer.lines;
  expect({ ...nosuch, ref: "", sku: "" }).toEqual({ ...gone, ref: "", sku: "" });
  expect(passing(answer)).toEqual(["FEW", "UNMAPPED"]);
  const { answers } = await ask<{ answers: Answer[] }>("atp/batch", key, { questions: [{ lines }] });
  expect(answers.map(passing)).toEqual([["FEW", "UNMAPPED"]]);
});

test("servers are told which is which, and follow the policy", async () => {
  const answer = await ask<Answer>("atp", server, { lines });
  expect(answer.lines).toMatchObject([
    { sku: "NOSUCH", reason: "unmappedSku", policy: "open", passes: true },
    { sku: "GONE", reason: "outOfStock", policy: null, passes: false },
    { sku: "FEW", reason: "available", passes: true },
    { sku: "UNMAPPED", reason: "unmappedSku", policy: "open", passes: true },
  ]);
});

test("so is a key that may see figures", async () => {
  await service.stop();
  await start({ doors: { figures: { key: "shown" } } });
  const [nosuch] = (await ask<Answer>("atp", key, { lines })).lines;
  expect(nosuch).toMatchObject({ reason: "unmappedSku", policy: "open", passes: true });
});

test("where commercetools is the record for stock, its entries alone say what there is", async () => {
  await service.stop();
  await start({}, { direction: "commercetools" });
  expect(passing(await ask<Answer>("atp", key, { lines: lines.slice(0, 2) }))).toEqual([]);
});
