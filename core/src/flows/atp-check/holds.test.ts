import { describe, expect, it } from "vitest";
import { holdShardKey } from "../../ct/holds.ts";
import { openHoldShards, toldHolds } from "../../ct/testing/hold-shards.ts";
import { decimal } from "../../domain/decimal.ts";
import { TransientError } from "../../domain/failure.ts";
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import { HOLD_SHARDS, holdShardOf, MOST_HOLDS, REST_MS, type StockHold } from "../../domain/stock-hold.ts";
import type { AtpDeps } from "./deps.ts";
import { ask, checkoutConfig, demandOf, openCheckout, orderOf, type Part, short } from "./testing/checkout.ts";

async function openShards(stock: Record<string, Part>, config = checkoutConfig()) {
  const shards = await openHoldShards();
  return { ...shards, ...openCheckout(stock, shards.store.holds, config) };
}

const SECOND = 1000;

const shardOf = (partNo: string) => holdShardKey(holdShardOf({ site: "S1" as Contract, partNo: partNo as PartNo }));
const accepted = (decisions: readonly { accepted: boolean }[]) => decisions.filter(({ accepted }) => accepted).length;

describe("the last unit", () => {
  it("is sold once, however many carts ask on how many replicas", async () => {
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } });
    const replicas = [checkout.replica(), checkout.replica()];
    const decisions = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        ask(replicas[n % 2] as AtpDeps, { lines: { BOLT: 1 }, cart: `cart-${n}`, order: `order-${n}` }),
      ),
    );
    expect(accepted(decisions)).toBe(1);
    expect(new Set(decisions.flatMap(short))).toEqual(
      new Set(["BOLT: confirm by ifs, 1, available", "BOLT: refuse by ifs, 0, outOfStock"]),
    );
    expect(await checkout.holds()).toHaveLength(1);
  });

  it("of many is counted to the last one, in few swaps", async () => {
    const checkout = await openShards({ BOLT: { ifs: 9, shop: 9 } });
    const replicas = [checkout.replica(), checkout.replica(), checkout.replica()];
    const before = checkout.platform.writes();
    const decisions = await Promise.all(
      Array.from({ length: 30 }, (_, n) =>
        ask(replicas[n % 3] as AtpDeps, { lines: { BOLT: 1 }, cart: `cart-${n}`, order: `order-${n}` }),
      ),
    );
    expect(accepted(decisions)).toBe(9);
    expect(await checkout.holds()).toHaveLength(9);
    // Three replicas, each of which may lose against the two others.
    expect(checkout.platform.writes() - before).toBeLessThanOrEqual(9);
  });

  it("is sold once to orders of which neither cart nor id is told, and a lost answer is no other buyer", async () => {
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } });
    const deps = checkout.replica();
    const access = deps.holds;
    if (!access) throw new Error("no holds");
    let isLost = false;
    const swap: typeof access.swap = async (...given) => {
      const version = await access.swap(...given);
      if (isLost) return version;
      isLost = true;
      throw new TransientError("the answer was lost");
    };
    const nameless = { lines: { BOLT: 1 }, order: "" };
    const first = await ask({ ...deps, holds: { ...access, swap } }, nameless);
    expect([first.accepted, isLost]).toEqual([true, true]);
    expect(short(await ask(checkout.replica(), nameless))).toEqual(["BOLT: refuse by ifs, 0, outOfStock"]);
    expect(await checkout.holds()).toHaveLength(1);
  });

  it("is left to whoever asks first where nothing is held", async () => {
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } });
    const { holds: _, ...deps } = checkout.replica();
    const decisions = [0, 1].map((n) => ask(deps, { lines: { BOLT: 1 }, cart: `c${n}`, order: `o${n}` }));
    expect(accepted(await Promise.all(decisions))).toBe(2);
    expect(await checkout.holds()).toEqual([]);
  });
});

describe("the hold of a cart", () => {
  it("is set, never added to, and stands in nobody's way but others'", async () => {
    const checkout = await openShards({ BOLT: { ifs: 5, shop: 5 } });
    const [one, two] = [checkout.replica(), checkout.replica()];
    for (const deps of [one, two, one]) {
      expect(short(await ask(deps, { lines: { BOLT: 3 }, cart: "a", order: "o-a" }))).toEqual([
        "BOLT: confirm by ifs, 5, available",
      ]);
    }
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 3 for o-a"]);
    expect(short(await ask(two, { lines: { BOLT: 3 } }))).toEqual(["BOLT: partial by ifs, 2, partlyAvailable"]);
    expect(short(await ask(two, { lines: { BOLT: 3 }, cart: "a" }))).toEqual(["BOLT: confirm by ifs, 5, available"]);
    expect(short(await ask(two, { lines: { BOLT: 3 }, cart: "b", order: "o-b" }))).toEqual([
      "BOLT: partial by ifs, 2, partlyAvailable",
    ]);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 3 for o-a"]);
  });

  it("that was given back refuses nobody whose process still remembers it", async () => {
    const checkout = await openShards({ BOLT: { ifs: 2, shop: 2 } });
    const [one, two] = [checkout.replica(), checkout.replica()];
    await ask(one, { lines: { BOLT: 2 }, cart: "a", hold: true });
    expect((await ask(two, { lines: { BOLT: 1 } })).accepted).toBe(false);
    await ask(one, { lines: { BOLT: 1 }, cart: "a", hold: true });
    expect(short(await ask(two, { lines: { BOLT: 1 } }))).toEqual(["BOLT: confirm by ifs, 1, available"]);
  });

  it("is kept by a question only where it asks to, follows the cart, and is bound by its order", async () => {
    const checkout = await openShards({ BOLT: { ifs: 5, shop: 5 } });
    const deps = checkout.replica();
    await ask(deps, { lines: { BOLT: 3 }, cart: "a" });
    expect(await checkout.holds()).toEqual([]);
    await ask(deps, { lines: { BOLT: 3 }, cart: "a", hold: true });
    await ask(deps, { lines: { BOLT: 2 }, cart: "a", hold: true });
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 2"]);
    await ask(deps, { lines: { BOLT: 2 }, cart: "a", order: "o-a" });
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 2 for o-a"]);
    // A question that comes late takes nothing from an order.
    await ask(deps, { lines: { BOLT: 1 }, cart: "a", hold: true });
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 2 for o-a"]);
  });

  it("expires: later where an order has bound it than where not, and never before", async () => {
    const config = checkoutConfig({ holds: { seconds: 60, boundSeconds: 90 } });
    const checkout = await openShards({ BOLT: { ifs: 5, shop: 5 }, NUT: { ifs: 5, shop: 5 } }, config);
    const deps = checkout.replica();
    await ask(deps, { lines: { BOLT: 5 }, cart: "a", hold: true });
    await ask(deps, { lines: { NUT: 5 }, cart: "b", order: "o-b" });
    const available = async () => (await ask(deps, { lines: { BOLT: 1, NUT: 1 } })).lines.map((line) => line.available);
    expect(await available()).toEqual([0, 0]);
    checkout.later(59);
    expect(await available()).toEqual([0, 0]);
    checkout.later(2);
    expect(await available()).toEqual([5, 0]);
    checkout.later(30);
    expect(await available()).toEqual([5, 5]);
    // Whoever writes next takes them out: what a question asked for once it need not be known any more how old it was.
    await ask(deps, { lines: { BOLT: 1, NUT: 1 }, cart: "c", order: "o-c" });
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 5", "c BOLT 1 for o-c", "c NUT 1 for o-c"]);
    checkout.later(REST_MS / SECOND);
    await ask(deps, { lines: { BOLT: 1, NUT: 1 }, cart: "d", order: "o-d" });
    expect(toldHolds(await checkout.holds())).toEqual(["d BOLT 1 for o-d", "d NUT 1 for o-d"]);
  });
});

describe("the hold of an order", () => {
  it.each([
    ["by its id", { id: "o-a" }],
    ["by its cart, where the id was another one", { id: "other", cart: "a" }],
  ])("counts until the order itself does, %s, and not twice", async (_, shown) => {
    const checkout = await openShards({ BOLT: { ifs: 5, shop: 5 } });
    const deps = checkout.replica();
    await ask(deps, { lines: { BOLT: 2 }, cart: "a", order: "o-a" });
    const available = async () => (await ask(deps, { lines: { BOLT: 1 } })).lines[0]?.available;
    expect(await available()).toBe(3);
    checkout.orders.push(
      orderOf({ ...shown, sku: "BOLT", quantity: 2, createdAt: checkout.clock.now() - 60 * SECOND }),
    );
    expect(await available()).toBe(3);
    checkout.demand.push(demandOf(shown.id, "BOLT", 2));
    expect(await available()).toBe(3);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 2 for o-a"]);
  });

  it("outlives the process that died between the swap and the answer, and is the cart's own when it tries again", async () => {
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } });
    const dying = checkout.replica();
    const access = dying.holds;
    if (!access) throw new Error("no holds");
    const never = new Promise<never>(() => {});
    const dead = new Promise<void>((die) => {
      let isDead = false;
      const mortal: typeof access = {
        ...access,
        read: async (shard) => (isDead ? never : access.read(shard)),
        async swap(...given) {
          await access.swap(...given);
          isDead = true;
          die();
          return never;
        },
      };
      void ask({ ...dying, holds: mortal }, { lines: { BOLT: 1 }, cart: "a", order: "o-a" });
    });
    await dead;
    const living = checkout.replica();
    expect((await ask(living, { lines: { BOLT: 1 }, cart: "b", order: "o-b" })).accepted).toBe(false);
    expect((await ask(living, { lines: { BOLT: 1 }, cart: "a", order: "o-a2" })).accepted).toBe(true);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 1 for o-a2"]);
  });

  it("keeps the larger quantity while an earlier attempt may still become the order", async () => {
    const checkout = await openShards({ BOLT: { ifs: 5, shop: 5 } });
    const deps = checkout.replica();
    await ask(deps, { lines: { BOLT: 3 }, cart: "a", order: "first" });
    await ask(deps, { lines: { BOLT: 1 }, cart: "a", order: "second" });
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 3 for second"]);
  });
});

describe("when commercetools does not answer", () => {
  const withAnswer = async (what: (post: number) => "lost" | "refused" | undefined) => {
    const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } }, checkoutConfig({ defaultFailPolicy: "closed" }));
    let posts = 0;
    const { fetch } = checkout.platform;
    const deps = checkout.replica();
    const access = deps.holds;
    if (!access) throw new Error("no holds");
    checkout.platform.intercept = async (call) => {
      if (call.method !== "POST" || call.path !== "/custom-objects") return undefined;
      posts += 1;
      const misfortune = what(posts);
      if (misfortune === undefined) return undefined;
      if (misfortune === "lost") {
        checkout.platform.intercept = () => undefined;
        await fetch(`https://api.test/shop${call.path}`, { method: "POST", body: JSON.stringify(call.body) });
      }
      throw new TypeError("fetch failed");
    };
    return { checkout, deps };
  };

  it("a swap whose answer was lost is found done", async () => {
    const { checkout, deps } = await withAnswer((post) => (post === 1 ? "lost" : undefined));
    const before = checkout.platform.writes();
    const decision = await ask(deps, { lines: { BOLT: 1 }, cart: "a", order: "o-a" });
    expect([decision.accepted, toldHolds(await checkout.holds())]).toEqual([true, ["a BOLT 1 for o-a"]]);
    // The one that was lost, and its shadow in this test.
    expect(checkout.platform.writes() - before).toBe(2);
  });

  it("a swap that never happened is made again", async () => {
    const { checkout, deps } = await withAnswer((post) => (post === 1 ? "refused" : undefined));
    const decision = await ask(deps, { lines: { BOLT: 1 }, cart: "a", order: "o-a" });
    expect([decision.accepted, toldHolds(await checkout.holds())]).toEqual([true, ["a BOLT 1 for o-a"]]);
  });

  it("the policy decides at the deadline, and says that it was the hold that failed", async () => {
    const { checkout, deps } = await withAnswer(() => "refused");
    const decision = await ask(deps, { lines: { BOLT: 1 }, cart: "a", order: "o-a", deadlineMs: 300 });
    expect(decision).toMatchObject({ accepted: false, lines: [{ outcome: "unknown", policy: "closed" }] });
    expect(["deadline", "holdsUnavailable"]).toContain(decision.lines[0]?.reason);
    expect(await checkout.holds()).toEqual([]);
  });
});

describe("a cart with several parts", () => {
  const stock = { BOLT: { ifs: 1, shop: 1 }, NUT: { ifs: 1, shop: 1 }, GEAR: { ifs: 1, shop: 1 } };

  it("takes all or nothing: of carts that want the same parts one gets all of them", async () => {
    const checkout = await openShards(stock);
    const replicas = [checkout.replica(), checkout.replica()];
    const wishes: Record<string, number>[] = [
      { BOLT: 1, NUT: 1, GEAR: 1 },
      { GEAR: 1, NUT: 1, BOLT: 1 },
      { NUT: 1, GEAR: 1 },
      { GEAR: 1, BOLT: 1 },
    ];
    const decisions = await Promise.all(
      wishes.map((lines, n) => ask(replicas[n % 2] as AtpDeps, { lines, cart: `c${n}`, order: `o${n}` })),
    );
    const winners = decisions.flatMap((decision, n) => (decision.accepted ? [n] : []));
    expect(winners).toHaveLength(1);
    const winner = winners[0] ?? -1;
    expect(toldHolds(await checkout.holds())).toEqual(
      Object.keys(wishes[winner] ?? {})
        .toSorted()
        .map((part) => `c${winner} ${part} 1 for o${winner}`),
    );
  });

  it("gives back what it took when another part is gone, to what its cart held before", async () => {
    const checkout = await openShards({ BOLT: { ifs: 9, shop: 9 }, NUT: { ifs: 1, shop: 1 } });
    const deps = checkout.replica();
    await ask(deps, { lines: { BOLT: 2 }, cart: "a", hold: true });
    const other = checkout.replica();
    const access = deps.holds;
    if (!access) throw new Error("no holds");
    // Somebody is quicker between the look at the shards and the swap.
    let isFirst = true;
    const read: typeof access.read = async (shard) => {
      const state = await access.read(shard);
      if (isFirst && holdShardKey(shard) === shardOf("NUT")) {
        isFirst = false;
        await ask(other, { lines: { NUT: 1 }, cart: "b", order: "o-b" });
      }
      return state;
    };
    const slow = { ...checkout.replica(), holds: { ...access, read } };
    expect(short(await ask(slow, { lines: { BOLT: 5, NUT: 1 }, cart: "a", order: "o-a" }))).toEqual([
      "BOLT: confirm by ifs, 9, available",
      "NUT: refuse by ifs, 0, outOfStock",
    ]);
    await slow.context.holdShards.end();
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 2", "b NUT 1 for o-b"]);
  });

  it("holds nothing where a line is refused from the start", async () => {
    const checkout = await openShards(stock);
    const decision = await ask(checkout.replica(), { lines: { BOLT: 1, NUT: 2 }, cart: "a", order: "o-a" });
    expect([decision.accepted, await checkout.holds()]).toEqual([false, []]);
  });
});

describe("kits and parts of several sales parts", () => {
  it("hold each part that they draw on, in its own units", async () => {
    const kit = {
      catalogNo: "KIT",
      components: [
        { catalogNo: "BOLT", quantity: 2 },
        { catalogNo: "NUT", quantity: 1 },
      ],
    };
    const checkout = await openShards(
      { KIT: { ifs: 0, partNo: null, shop: 3 }, BOLT: { ifs: 7 }, NUT: { ifs: 100 } },
      checkoutConfig({}, [kit]),
    );
    const deps = checkout.replica();
    expect((await ask(deps, { lines: { KIT: 2 }, cart: "a", order: "o-a" })).accepted).toBe(true);
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 4 for o-a", "a NUT 2 for o-a"]);
    expect(short(await ask(deps, { lines: { KIT: 2 } }))).toEqual(["KIT: partial by ifs, 1, partlyAvailable"]);
    expect(short(await ask(deps, { lines: { KIT: 3 }, cart: "a" }))).toEqual(["KIT: confirm by ifs, 3, available"]);
  });

  it("count for everybody who sells the same part", async () => {
    const checkout = await openShards({
      BOLT: { ifs: 30, shop: 30 },
      BOX: { ifs: 0, partNo: "BOLT", conv: 12, shop: 2 },
    });
    const deps = checkout.replica();
    expect(short(await ask(deps, { lines: { BOX: 1 } }))).toEqual(["BOX: confirm by ifs, 1, available"]);
    await ask(deps, { lines: { BOX: 1 }, cart: "a", order: "o-a" });
    expect(toldHolds(await checkout.holds())).toEqual(["a BOLT 12 for o-a"]);
    expect(short(await ask(deps, { lines: { BOX: 1 } }))).toEqual(["BOX: refuse by ifs, 0, outOfStock"]);
  });
});

describe("carts that reserve in commercetools", () => {
  it("are counted once as long as they reserve and hold, and not missed when the reservation ends first", async () => {
    const checkout = await openShards({ BOLT: { ifs: 5, shop: 5, reserved: 2 } });
    const deps = checkout.replica();
    await ask(deps, { lines: { BOLT: 2 }, cart: "a", hold: true, reserves: true });
    const available = async () => (await ask(deps, { lines: { BOLT: 1 } })).lines[0]?.available;
    expect(await available()).toBe(3);
    checkout.stock.BOLT = { ifs: 5, shop: 5, reserved: 3 };
    expect(await available()).toBe(2);
    checkout.stock.BOLT = { ifs: 5, shop: 5, reserved: 0 };
    expect(await available()).toBe(3);
  });

  it("their order counts beside the reservation of another cart from the moment that it is bound", async () => {
    const checkout = await openShards({ BOLT: { ifs: 2, shop: 2, reserved: 1 } });
    const deps = checkout.replica();
    await ask(deps, { lines: { BOLT: 1 }, cart: "a", order: "o-a", reserves: true });
    // The platform has ended the reservation with the order, and what is reserved now is somebody else's.
    expect(short(await ask(deps, { lines: { BOLT: 1 } }))).toEqual(["BOLT: refuse by ifs, 0, outOfStock"]);
  });
});

describe("a shard", () => {
  it.each(["open", "closed"])(
    "that is not there can hold nothing: the policy decides, %s, and it is told once",
    async (policy) => {
      const checkout = await openShards({ BOLT: { ifs: 1, shop: 1 } }, checkoutConfig({ defaultFailPolicy: policy }));
      const shards = checkout.platform.tables.get("custom-objects/ifs-connector-holds");
      for (const [id, { key }] of shards ?? []) if (key === shardOf("BOLT")) shards?.delete(id);
      const deps = checkout.replica();
      for (const cart of ["a", "b"]) {
        const decision = await ask(deps, { lines: { BOLT: 1 }, cart, order: `o-${cart}` });
        expect(short(decision)).toEqual(["BOLT: unknown by policy, null, holdsUnavailable"]);
        expect(decision.accepted).toBe(policy === "open");
      }
      expect(checkout.told).toEqual(["hold-shard-missing"]);
      expect(deps.context.counters.shardsMissing).toBeGreaterThan(0);
      expect(shards?.size).toBe(HOLD_SHARDS - 1);
    },
  );

  it("that is full takes no more: the policy decides, and what was held stays", async () => {
    const checkout = await openShards({ BOLT: { ifs: 5, shop: 5 } });
    const deps = checkout.replica();
    const access = deps.holds;
    if (!access) throw new Error("no holds");
    const shard = holdShardOf({ site: "S1" as Contract, partNo: "BOLT" as PartNo });
    const strange = (n: number): StockHold => ({
      ...{ owner: `cart-${n}`, by: "x", until: checkout.clock.now() + 60_000, sku: "NUT" as Sku, channel: "web" },
      ...{ pieces: 1, units: decimal(1), site: "S1" as Contract, partNo: "NUT" as PartNo },
    });
    await access.swap(
      shard,
      Array.from({ length: MOST_HOLDS }, (_, n) => strange(n)),
      1,
    );
    expect(short(await ask(deps, { lines: { BOLT: 1 }, cart: "a", order: "o-a" }))).toEqual([
      "BOLT: unknown by policy, null, holdsUnavailable",
    ]);
    expect(await checkout.holds()).toHaveLength(MOST_HOLDS);
  });
});
