/** An answer says whose figure decided each line, and how old that figure is. */
import { expect, it } from "vitest";
import type { Contract, PartNo } from "../../domain/ids.ts";
import { figureKey } from "./context.ts";
import type { AtpDeps } from "./deps.ts";
import { ask, checkoutConfig, openCheckout } from "./testing/checkout.ts";

const stock = {
  MANY: { ifs: 90, shop: 90 },
  FEW: { ifs: 5, shop: 5 },
  FIT: { ifs: 0, shop: 5, partNo: null },
  SET: { ifs: 0, shop: 1, partNo: null },
};
const kits = [{ catalogNo: "SET", components: [{ catalogNo: "FEW" }, { catalogNo: "MANY" }] }];
const open = (atp: object = { cacheSeconds: 60, shopCacheSeconds: 30 }) => {
  const checkout = openCheckout(stock, undefined, checkoutConfig(atp, kits));
  const deps = checkout.replica();
  const told = async (lines: Record<string, number>, given: AtpDeps = deps) =>
    (await ask(given, { lines })).lines.map(({ sku, source, ageMs }) => ({
      ...{ sku, source },
      // What a test takes itself is less than a second.
      seconds: ageMs === undefined ? undefined : Math.floor(ageMs / 1000),
      isWhole: ageMs === undefined || Number.isInteger(ageMs),
    }));
  return { checkout, deps, told };
};
const by = (sku: string, source: string, seconds: number | undefined) => ({ sku, source, seconds, isWhole: true });

it("of IFS's figures, of the shop's, and of a sales part that has no stock", async () => {
  const { checkout, told } = open();
  const lines = { MANY: 1, FEW: 1, FIT: 1 };
  expect(await told(lines)).toEqual([by("MANY", "shop", 0), by("FEW", "ifs", 0), by("FIT", "ifs", 0)]);
  checkout.idle(20);
  expect(await told(lines)).toEqual([by("MANY", "shop", 20), by("FEW", "ifs", 20), by("FIT", "ifs", 20)]);
});

it("of several figures the oldest counts", async () => {
  const { checkout, deps, told } = open();
  await told({ FEW: 1 });
  checkout.idle(20);
  // The cache is bounded: the other component's figure has gone, and is read again now.
  deps.context.figures.delete(figureKey("S1" as Contract, "MANY" as PartNo));
  expect(await told({ SET: 1 })).toEqual([by("SET", "ifs", 20)]);
});

it("also where IFS refuses a line", async () => {
  const { checkout, told } = open();
  await told({ FEW: 1 });
  checkout.idle(20);
  expect(await told({ FEW: 99 })).toEqual([by("FEW", "ifs", 20)]);
});

it("none where no figure decided: the policy did", async () => {
  const { deps, told } = open();
  const away = { ...deps, ifs: { ...deps.ifs, stockRows: () => Promise.reject(new Error("away")) } };
  expect(await told({ FEW: 1 }, away)).toEqual([by("FEW", "policy", undefined)]);
});

it("of the entry, also below the threshold, where commercetools is the record for stock", async () => {
  const { deps, told } = open();
  const config = { ...deps.config, stock: { ...deps.config.stock, direction: "commercetools" as const } };
  expect(await told({ FEW: 1 }, { ...deps, config })).toEqual([by("FEW", "shop", 0)]);
});
