/** What becomes of the parts of a hold where not all of it can be taken. */
import { describe, expect, it } from "vitest";
import { holdShardKey } from "../../ct/holds.ts";
import { openHoldShards, toldHolds } from "../../ct/testing/hold-shards.ts";
import type { Call } from "../../ct/testing/platform.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import { holdShardOf } from "../../domain/stock-hold.ts";
import type { AtpDeps } from "./deps.ts";
import { ask, checkoutConfig, openCheckout, type Part, short } from "./testing/checkout.ts";

async function openShards(stock: Record<string, Part>, config = checkoutConfig()) {
  const shards = await openHoldShards();
  return { ...shards, ...openCheckout(stock, shards.store.holds, config) };
}

const shardOf = (partNo: string) => holdShardKey(holdShardOf({ site: "S1" as Contract, partNo: partNo as PartNo }));
const swapsOf = (partNo: string) => (call: Call) =>
  call.method === "POST" && call.path === "/custom-objects" && call.body?.key === shardOf(partNo);

const stock = { BOLT: { ifs: 9, shop: 9 }, NUT: { ifs: 9, shop: 9 } };
const lines = { BOLT: 1, NUT: 1 };
const allGivenBack = (deps: AtpDeps) => deps.context.holdShards.end();

describe("where one shard vanishes while another has taken its part", () => {
  const open = async (policy: "open" | "closed") => {
    const checkout = await openShards(stock, checkoutConfig({ defaultFailPolicy: policy }));
    const { platform } = checkout;
    platform.intercept = (call) => {
      if (!swapsOf("NUT")(call)) return undefined;
      const shards = platform.tables.get("custom-objects/ifs-connector-holds");
      for (const [id, { key }] of shards ?? []) if (key === shardOf("NUT")) shards?.delete(id);
      return undefined;
    };
    return checkout;
  };

  it("an order that is refused leaves nothing held, and what its cart held before is back", async () => {
    const checkout = await open("closed");
    const deps = checkout.replica();
    await ask(deps, { lines: { BOLT: 2 }, cart: "a", hold: true });
    const decision = await ask(deps, { lines, cart: "a", order: "o-a" });
    expect([decision.accepted, short(decision)[1]]).toEqual([false, "NUT: unknown by policy, null, holdsUnavailable"]);
    await allGivenBack(deps);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 2"]);
  });

  it("an order that the policy lets pass keeps what is held", async () => {
    const checkout = await open("open");
    const deps = checkout.replica();
    expect((await ask(deps, { lines, cart: "a", order: "o-a" })).accepted).toBe(true);
    await allGivenBack(deps);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 1 for o-a"]);
  });

  it("a question is told that nothing is held, and nothing is, whatever the policy", async () => {
    const checkout = await open("open");
    const deps = checkout.replica();
    expect((await ask(deps, { lines, cart: "a", hold: true })).hold).toEqual({ held: false });
    await allGivenBack(deps);
    expect(await checkout.holds()).toEqual([]);
  });
});

describe("where commercetools takes a hold and is silent about it", () => {
  /** The swap of the nuts is done so late that the answer is given. */
  const open = async (policy: "open" | "closed", { swaps = 2, lateMs = 800 } = {}) => {
    const checkout = await openShards(stock, checkoutConfig({ defaultFailPolicy: policy }));
    const { platform } = checkout;
    let left = swaps;
    platform.intercept = async (call) => {
      if (left === 0 || !swapsOf("NUT")(call)) return undefined;
      left -= 1;
      await checkout.clock.sleep(lateMs);
      return undefined;
    };
    return checkout;
  };

  it("an order that is refused at the deadline gives back what arrives after it", async () => {
    const checkout = await open("closed");
    const deps = checkout.replica();
    const decision = await ask(deps, { lines, cart: "a", order: "o-a", deadlineMs: 600 });
    expect([decision.accepted, decision.lines[0]?.policy]).toEqual([false, "closed"]);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 1 for o-a"]);
    await allGivenBack(deps);
    await checkout.clock.sleep(300);
    expect(await checkout.holds()).toEqual([]);
  });

  it("an order that passes at the deadline keeps it", async () => {
    const checkout = await open("open");
    const deps = checkout.replica();
    expect((await ask(deps, { lines, cart: "a", order: "o-a", deadlineMs: 600 })).accepted).toBe(true);
    await checkout.clock.sleep(400);
    await allGivenBack(deps);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 1 for o-a", "a NUT 1 for o-a"]);
  });

  it("a question takes nothing from the order that was made of its cart meanwhile", async () => {
    const checkout = await open("closed", { swaps: 1, lateMs: 100_000 });
    const deps = checkout.replica();
    const asked = ask(deps, { lines, cart: "a", hold: true, deadlineMs: 400 });
    await checkout.clock.sleep(100);
    expect((await ask(checkout.replica(), { lines, cart: "a", order: "o-a" })).accepted).toBe(true);
    expect((await asked).hold).toEqual({ held: false });
    await allGivenBack(deps);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 1 for o-a", "a NUT 1 for o-a"]);
  });
});

describe("where a part is gone", () => {
  it("the order is refused at once, and not when what it took has been given back", async () => {
    const checkout = await openShards({ BOLT: { ifs: 9, shop: 9 }, NUT: { ifs: 1, shop: 1 } });
    const deps = checkout.replica();
    const other = checkout.replica();
    let isQuicker = false;
    let bolts = 0;
    let isAnswered = false;
    checkout.platform.intercept = async (call) => {
      if (swapsOf("NUT")(call) && !isQuicker) {
        isQuicker = true;
        await ask(other, { lines: { NUT: 1 }, cart: "b", order: "o-b" });
      }
      if (!swapsOf("BOLT")(call)) return undefined;
      bolts += 1;
      // The second is what gives them back.
      if (bolts > 1 && !isAnswered) throw new TypeError("fetch failed");
      return undefined;
    };
    const decision = await ask(deps, { lines, cart: "a", order: "o-a", deadlineMs: 900 });
    isAnswered = true;
    expect(short(decision)[1]).toBe("NUT: refuse by ifs, 0, outOfStock");
    await allGivenBack(deps);
    expect(toldHolds(await checkout.holds())).toEqual(["b NUT 1 for o-b"]);
  });
});
