/** Who asks for a SKU first waits no longer than who asks later: its figures are read beside its sales part, by the same number. */
import { expect, it } from "vitest";
import type { AtpDeps } from "./deps.ts";
import { ask, checkoutConfig, openCheckout, type Part, short } from "./testing/checkout.ts";

/** `asked`: reads in the order in which they begin and end, of a process that has asked before. */
async function watched(stock: Record<string, Part>, kits: object[] = []) {
  const checkout = openCheckout({ ...stock, NUT: { ifs: 1 } }, undefined, checkoutConfig({ cacheSeconds: 0 }, kits));
  const deps = checkout.replica();
  const asked: string[] = [];
  const { ifs } = deps;
  const slow =
    <A extends readonly string[], T>(name: string, read: (site: never, keys: A) => Promise<T>) =>
    async (site: never, keys: A): Promise<T> => {
      asked.push(`${name} ${keys.join(" ")}`);
      await checkout.clock.sleep(30);
      asked.push(`/${name}`);
      return read(site, keys);
    };
  const watching = {
    salesParts: slow("parts", ifs.salesParts as never),
    salesPartsOf: slow("sharers", ifs.salesPartsOf as never),
    openDemand: slow("demand", ifs.openDemand as never),
    stockRows: slow("stock", ifs.stockRows as never),
  };
  const watchingDeps = { ...deps, ifs: { ...ifs, ...watching } } as unknown as AtpDeps;
  await ask(deps, { lines: { NUT: 1 } });
  return { asked, checkout, deps: watchingDeps };
}

it("is asked for beside the sales part, and not once more", async () => {
  const { deps, asked } = await watched({ BOLT: { ifs: 5, shop: 5 } });
  expect(short(await ask(deps, { lines: { BOLT: 1 } }))).toEqual(["BOLT: confirm by ifs, 5, available"]);
  expect(asked.filter((read) => !read.startsWith("/"))).toEqual([
    "parts BOLT",
    "demand BOLT",
    "stock BOLT",
    "sharers BOLT",
  ]);
  expect(asked.indexOf("demand BOLT")).toBeLessThan(asked.indexOf("/parts"));
});

it("counts the part of the sales part, whatever was guessed", async () => {
  const { deps, asked } = await watched({ BOLT: { ifs: 900, shop: 5, partNo: "SCREW" }, SCREW: { ifs: 3 } });
  expect(short(await ask(deps, { lines: { BOLT: 4 } }))).toEqual(["BOLT: partial by ifs, 3, partlyAvailable"]);
  expect(asked).toContain("demand SCREW");
  asked.length = 0;
  await ask(deps, { lines: { BOLT: 1 } });
  expect(asked).not.toContain("demand BOLT");
});

it("guesses nothing of a kit, and nothing of a number that a gateway could mind", async () => {
  const kits = [{ catalogNo: "KIT", components: [{ catalogNo: "BOLT" }] }];
  const { deps, asked } = await watched(
    { BOLT: { ifs: 5 }, KIT: { ifs: 0, shop: 4, partNo: null }, "A#1": { ifs: 7, shop: 7 } },
    kits,
  );
  await ask(deps, { lines: { KIT: 1 } });
  await ask(deps, { lines: { "A#1": 1 } });
  const [firstDemand, secondDemand] = asked.filter((read) => read.startsWith("demand"));
  expect([firstDemand, secondDemand]).toEqual(["demand BOLT", "demand A#1"]);
  expect(asked.indexOf("demand BOLT")).toBeGreaterThan(asked.indexOf("/parts"));
  expect(asked.indexOf("demand A#1")).toBeGreaterThan(asked.lastIndexOf("/parts"));
});

it("leaves the first reads of a process to what is certain", async () => {
  const { checkout } = await watched({ BOLT: { ifs: 900, shop: 5, partNo: "SCREW" }, SCREW: { ifs: 3 } });
  checkout.ifsReads.length = 0;
  await ask(checkout.replica(), { lines: { BOLT: 1 } });
  expect(checkout.ifsReads).toEqual(["SCREW"]);
});
