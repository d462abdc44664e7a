/** A number that IFS refuses to be asked for spoils nobody else's answer, whichever of the reads refuses it, and is never taken for nothing. */
import { describe, expect, it } from "vitest";
import { RefusedError, RefusedKeysError } from "../../domain/failure.ts";
import type { AtpDeps } from "./deps.ts";
import { ask, checkoutConfig, openCheckout, orderOf, type Part, short } from "./testing/checkout.ts";

type Read = "salesParts" | "salesPartsOf" | "openDemand" | "stockRows";

/** `reads`: what IFS refuses in which of them; a list without it is answered. `asked`: what each read was asked for. */
function refusing(deps: AtpDeps, reads: Partial<Record<Read, string>>) {
  const asked: Record<Read, string[][]> = { salesParts: [], salesPartsOf: [], openDemand: [], stockRows: [] };
  const guarded = <K extends string, T>(name: Read, read: (site: never, keys: readonly K[]) => Promise<T>) => {
    return async (site: never, keys: readonly K[]): Promise<T> => {
      asked[name].push([...keys]);
      const refused = keys.filter((key) => key === reads[name]);
      const cause = new RefusedError("ifs", "invalidInput", 400, "a character is not allowed");
      if (refused.length > 0) throw new RefusedKeysError(refused, { cause, asked: name });
      return read(site, keys);
    };
  };
  const { ifs } = deps;
  return {
    asked,
    deps: {
      ...deps,
      ifs: {
        ...ifs,
        salesParts: guarded("salesParts", ifs.salesParts),
        salesPartsOf: guarded("salesPartsOf", ifs.salesPartsOf),
        openDemand: guarded("openDemand", ifs.openDemand),
        stockRows: guarded("stockRows", ifs.stockRows),
      },
    } as AtpDeps,
  };
}

const open = (stock: Record<string, Part>, kits: object[] = [], reads: Partial<Record<Read, string>> = {}) => {
  const checkout = openCheckout(stock, undefined, checkoutConfig({}, kits));
  return { checkout, ...refusing(checkout.replica(), reads) };
};
const pair = { BOLT: { ifs: 5, shop: 5 }, "A#1": { ifs: 7, shop: 7 } };

describe("a number that IFS refuses", () => {
  it.each<Read>(["salesParts", "salesPartsOf", "openDemand", "stockRows"])(
    "in %s: the policy decides its own line, and no other",
    async (read) => {
      const { deps, checkout } = open(pair, [], { [read]: "A#1" });
      const told = await Promise.all([ask(deps, { lines: { BOLT: 1 } }), ask(deps, { lines: { "A#1": 1 } })]);
      expect(told.flatMap(short)).toEqual([
        "BOLT: confirm by ifs, 5, available",
        "A#1: unknown by policy, null, ifsRefused",
      ]);
      expect(deps.context.breakerState()).toBe("closed");
      expect(checkout.told).toEqual(read === "salesParts" ? [] : ["part-refused"]);
    },
  );

  it.each<Read>(["salesParts", "salesPartsOf", "openDemand", "stockRows"])(
    "in %s is not asked for again, and is after some minutes",
    async (read) => {
      const { deps, asked, checkout } = open(pair, [], { [read]: "A#1" });
      const timesAsked = () => asked[read].filter((keys) => keys.includes("A#1")).length;
      await ask(deps, { lines: { "A#1": 1, BOLT: 1 } });
      expect(timesAsked()).toBe(1);
      expect(short(await ask(deps, { lines: { "A#1": 1, BOLT: 1 } }))).toEqual([
        "A#1: unknown by policy, null, ifsRefused",
        "BOLT: confirm by ifs, 5, available",
      ]);
      expect(timesAsked()).toBe(1);
      checkout.idle(301);
      await ask(deps, { lines: { "A#1": 1 } });
      expect(timesAsked()).toBe(2);
    },
  );
});

describe("what shares with it", () => {
  const kits = [{ catalogNo: "KIT", components: [{ catalogNo: "BOLT" }, { catalogNo: "A#1" }] }];
  const stock = { ...pair, KIT: { ifs: 0, shop: 4, partNo: null } };

  it.each<Read>(["salesParts", "salesPartsOf", "openDemand", "stockRows"])(
    "a kit of it is left to the policy by a refusal of %s, and takes its part of its other components all the same",
    async (read) => {
      const { deps } = open(stock, kits, { [read]: "A#1" });
      expect(short(await ask(deps, { lines: { KIT: 1, BOLT: 1 } }))).toEqual([
        "KIT: unknown by policy, null, ifsRefused",
        "BOLT: confirm by ifs, 2, available",
      ]);
    },
  );

  it("a kit of nothing else is not one that never runs short", async () => {
    const alone = [{ catalogNo: "KIT", components: [{ catalogNo: "A#1" }] }];
    const { deps } = open(stock, alone, { salesParts: "A#1" });
    expect(short(await ask(deps, { lines: { KIT: 1 } }))).toEqual(["KIT: unknown by policy, null, ifsRefused"]);
  });

  it("an order of the kit takes what is known of it", async () => {
    const { deps, checkout } = open(stock, kits, { salesParts: "A#1" });
    const createdAt = checkout.clock.now() - 60_000;
    checkout.orders.push(orderOf({ id: "o", sku: "KIT", quantity: 5, createdAt }));
    expect(short(await ask(deps, { lines: { BOLT: 1 } }))).toEqual(["BOLT: refuse by ifs, 0, outOfStock"]);
  });

  it("an order of a sales part that cannot be asked for takes from the part that it is of", async () => {
    const boxes = { BOLT: { ifs: 24, shop: 2 }, "BOX#12": { ifs: 0, shop: 2, partNo: "BOLT", conv: 12 } };
    const { deps, checkout } = open(boxes, [], { salesParts: "BOX#12" });
    expect((await ask(deps, { lines: { BOLT: 1 } })).lines[0]?.available).toBe(12);
    const createdAt = checkout.clock.now() - 60_000;
    checkout.orders.push(orderOf({ id: "o", sku: "BOX#12", quantity: 2, createdAt }));
    expect(short(await ask(deps, { lines: { BOLT: 1 } }))).toEqual(["BOLT: refuse by ifs, 0, outOfStock"]);
  });
});
