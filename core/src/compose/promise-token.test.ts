import jwt from "jsonwebtoken";
import { describe, expect, it } from "vitest";
import { installCheckout } from "../ct/resources.ts";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import type { PromiseClaims } from "../domain/atp-promise.ts";
import { HOLD_SHARDS } from "../domain/stock-hold.ts";
import type { AtpDeps } from "../flows/atp-check/deps.ts";
import { parseExtension } from "../flows/atp-check/parse.ts";
import { ask, checkoutConfig, openCheckout, type Part, short, type Wish } from "../flows/atp-check/testing/checkout.ts";
import { systemClock } from "../runtime/clock.ts";
import { createPromises } from "./promise-token.ts";

const oldKey = { kid: "k1", secret: "a-planted-secret-of-32-characters" };
const newKey = { kid: "k2", secret: "another-planted-secret-of-32-chars" };
const projectKey = "shop";
const nowSeconds = () => Math.floor(Date.now() / 1000);
const claims = (): PromiseClaims => ({ cart: "a", lines: "digest", holds: [[3, "digestOf"]], exp: nowSeconds() + 60 });

const promisesOf = (keys = [oldKey], clock = systemClock) => {
  const made = createPromises(keys, { projectKey, clock });
  if (!made) throw new Error("no promises");
  return made;
};

describe("a promise as text", () => {
  const options = { keyid: "k1", issuer: "ifs-connector", audience: projectKey } as const;
  const unsigned = (): string => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = { ...claims(), iss: "ifs-connector", aud: projectKey };
    return `${part({ alg: "none", typ: "JWT", kid: "k1" })}.${part(body)}.`;
  };
  const tampered = (): string => {
    const [header, , signature] = promisesOf().sign(claims()).split(".");
    const body = { ...claims(), cart: "b", iss: "ifs-connector", aud: projectKey };
    return [header, Buffer.from(JSON.stringify(body)).toString("base64url"), signature].join(".");
  };
  it.each<[string, () => string, unknown]>([
    ["that was signed here is believed", () => promisesOf().sign(claims()), { ok: true, value: { cart: "a" } }],
    ["without signature", unsigned, { ok: false, error: "forged" }],
    ["that was changed", tampered, { ok: false, error: "forged" }],
    ["of another key", () => promisesOf([{ ...newKey, kid: "k1" }]).sign(claims()), { ok: false, error: "forged" }],
    ["of a key that is not known", () => promisesOf([newKey]).sign(claims()), { ok: false, error: "forged" }],
    [
      "of another algorithm, with the right key",
      () => jwt.sign(claims(), oldKey.secret, { ...options, algorithm: "HS512" }),
      { ok: false, error: "forged" },
    ],
    [
      "of another project",
      () => jwt.sign(claims(), oldKey.secret, { ...options, audience: "other" }),
      { ok: false, error: "forged" },
    ],
    [
      "of another issuer",
      () => jwt.sign(claims(), oldKey.secret, { ...options, issuer: "other" }),
      { ok: false, error: "forged" },
    ],
    [
      "whose time is over",
      () => promisesOf().sign({ ...claims(), exp: nowSeconds() - 1 }),
      { ok: false, error: "expired" },
    ],
    ["of another shape", () => jwt.sign({ cart: "a" }, oldKey.secret, options), { ok: false, error: "unreadable" }],
    ["that is no token", () => "not.a.token", { ok: false, error: "forged" }],
    ["that is nothing", () => "", { ok: false, error: "forged" }],
  ])("%s", (_, token, expected) => {
    expect(promisesOf().verify(token())).toMatchObject(expected as object);
  });

  it("outlives the exchange of keys: the first signs, all of them are believed", () => {
    const before = promisesOf([oldKey]).sign(claims());
    const both = promisesOf([newKey, oldKey]);
    expect(both.verify(before).ok).toBe(true);
    expect(promisesOf([newKey]).verify(both.sign(claims())).ok).toBe(true);
    expect(promisesOf([newKey]).verify(before)).toEqual({ ok: false, error: "forged" });
  });

  it("of a cart that holds in all shards fits a field of an order, and is believed", () => {
    const holds = Array.from({ length: HOLD_SHARDS }, (_, shard) => [shard, "-_digest"] as const);
    const token = promisesOf().sign({ ...claims(), cart: "c".repeat(200), holds });
    expect(promisesOf().verify(token)).toMatchObject({ ok: true, value: { holds } });
    const line = { id: "l", variant: { sku: "A" }, quantity: 1 };
    const custom = { fields: { ifsPromise: token } };
    const order = parseExtension({
      action: "Create",
      resource: { typeId: "order", id: "o", obj: { lineItems: [line], custom } },
    });
    expect(order).toMatchObject({ ok: true, value: { fields: { ifsPromise: token } } });
  });

  it("is not made without a key", () => {
    expect(createPromises([], { projectKey, clock: systemClock })).toBeUndefined();
  });
});

async function open(stock: Record<string, Part> = { BOLT: { ifs: 5, shop: 5 } }, atp: object = {}) {
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  await installCheckout(ct, {
    checkIfs: async () => "ok",
    serviceUrl: "https://service.test",
    extensionHeader: "sandbox-extension-secret",
    extensionPath: "/extension",
  });
  const store = createStore(ct, { now: Date.now });
  const checkout = openCheckout(stock, store.holds, checkoutConfig({ promise: { field: "ifsPromise" }, ...atp }));
  const replica = (): AtpDeps => ({ ...checkout.replica(), promises: promisesOf([oldKey], checkout.clock) });
  const promised = async (deps: AtpDeps, wish: Wish) => {
    const { hold } = await ask(deps, { ...wish, hold: true });
    return hold?.promise?.token ?? "";
  };
  const holds = async () =>
    (await store.holds.all()).flatMap((shard) =>
      shard.holds.map(({ owner, partNo, units, order }) => `${owner} ${partNo} ${units} ${order ?? "unbound"}`),
    );
  return { ...checkout, replica, promised, holds, store };
}

describe("an order with a promise", () => {
  it("passes by its hold, which it binds, on any replica and as often as it is asked for, without IFS", async () => {
    const checkout = await open();
    const lines = { BOLT: 2 };
    const ifsPromise = await checkout.promised(checkout.replica(), { lines, cart: "a" });
    const reads = checkout.ifsReads.length;
    const deps = checkout.replica();
    for (const order of ["o-1", "o-1", "o-2"]) {
      const decision = await ask(deps, { lines, cart: "a", order, fields: { ifsPromise } });
      expect([decision.accepted, short(decision)]).toEqual([true, ["BOLT: confirm by promise, 2, promised"]]);
      expect(await checkout.holds()).toEqual([`a BOLT 2 ${order}`]);
    }
    expect(checkout.ifsReads.length).toBe(reads);
    expect(deps.context.counters.promisesKept).toBe(3);
  });

  const sold = { BOLT: { ifs: 0, shop: 0 } };
  it.each<[string, string, (token: string) => Wish, number]>([
    ["of a cart that changed", "otherLines", (token) => wishOf(token, { lines: { BOLT: 3 } }), 0],
    ["of another cart", "otherCart", (token) => wishOf(token, { cart: "b" }), 0],
    ["whose time is over", "expired", (token) => wishOf(token, {}), 301],
    ["that nobody signed", "forged", () => wishOf("a.b.c", {}), 0],
  ])("is checked as without it, where the promise is one %s", async (_, why, wish, later) => {
    const checkout = await open();
    const token = await checkout.promised(checkout.replica(), { lines: { BOLT: 2 }, cart: "a" });
    Object.assign(checkout.stock, sold);
    checkout.later(later);
    const deps = checkout.replica();
    const decision = await ask(deps, wish(token));
    expect([decision.accepted, decision.lines[0]?.reason]).toEqual([false, "outOfStock"]);
    expect(deps.context.counters.promisesRefused).toEqual({ [why]: 1 });
    expect(checkout.told).toEqual(["promise-refused"]);
  });

  it("passes by the holds of a long cart", async () => {
    const parts = Array.from({ length: 150 }, (_, n) => `PART-${n}`);
    const checkout = await open(Object.fromEntries(parts.map((part) => [part, { ifs: 1, shop: 1 }])));
    const lines = Object.fromEntries(parts.map((part) => [part, 1]));
    const ifsPromise = await checkout.promised(checkout.replica(), { lines, cart: "a" });
    const deps = checkout.replica();
    const decision = await ask(deps, { lines, cart: "a", order: "o-1", fields: { ifsPromise } });
    expect([decision.accepted, new Set(decision.lines.map(({ source }) => source))]).toEqual([
      true,
      new Set(["promise"]),
    ]);
    expect(deps.context.counters.promisesRefused).toEqual({});
  });

  it("is checked as without it, where its hold is gone", async () => {
    const checkout = await open();
    const ifsPromise = await checkout.promised(checkout.replica(), { lines: { BOLT: 2 }, cart: "a" });
    for (const { shard, holds } of await checkout.store.holds.all()) {
      if (holds.length > 0) await checkout.store.holds.swap(Number(shard.slice(-3)), [], 2);
    }
    Object.assign(checkout.stock, sold);
    const deps = checkout.replica();
    const decision = await ask(deps, wishOf(ifsPromise, {}));
    expect([decision.accepted, decision.lines[0]?.reason]).toEqual([false, "outOfStock"]);
    expect(deps.context.counters.promisesRefused).toEqual({ notHeld: 1 });
  });

  describe("of which no order came", () => {
    const lines = { BOLT: 1 };
    const attempted = async () => {
      const checkout = await open({ BOLT: { ifs: 1, shop: 1 } });
      const ifsPromise = await checkout.promised(checkout.replica(), { lines, cart: "a" });
      checkout.later(10);
      const wish: Wish = { lines, cart: "a", order: "o-1", fields: { ifsPromise } };
      expect((await ask(checkout.replica(), wish)).accepted).toBe(true);
      // Another extension refuses the order, long enough for what it bound to end.
      checkout.later(125);
      return { ...checkout, again: () => ask(checkout.replica(), { ...wish, order: "o-2" }) };
    };

    it("keeps its hold from others as long as it was told", async () => {
      const checkout = await attempted();
      const other = { lines, cart: "b", order: "o-b" };
      expect((await ask(checkout.replica(), other)).accepted).toBe(false);
      expect(short(await checkout.again())).toEqual(["BOLT: confirm by promise, 1, promised"]);
      // By then it would have ended without any attempt.
      checkout.later(470);
      expect((await ask(checkout.replica(), other)).accepted).toBe(true);
    });

    it("binds without a promise no less", async () => {
      const checkout = await open({ BOLT: { ifs: 1, shop: 1 } });
      await ask(checkout.replica(), { lines, cart: "a", hold: true });
      await ask(checkout.replica(), { lines, cart: "a", order: "o-1" });
      checkout.later(125);
      expect((await ask(checkout.replica(), { lines, cart: "b", order: "o-b" })).accepted).toBe(false);
    });

    it("is the cart's own again: it may hold less", async () => {
      const checkout = await open({ BOLT: { ifs: 3, shop: 3 } });
      await ask(checkout.replica(), { lines: { BOLT: 3 }, cart: "a", hold: true });
      await ask(checkout.replica(), { lines: { BOLT: 3 }, cart: "a", order: "o-1" });
      checkout.later(125);
      await ask(checkout.replica(), { lines, cart: "a", hold: true });
      expect(await checkout.holds()).toEqual(["a BOLT 1 unbound"]);
    });
  });

  it("is counted once: its hold ends with the binding, and is taken out", async () => {
    const checkout = await open({ BOLT: { ifs: 2, shop: 2 } });
    const lines = { BOLT: 1 };
    const ifsPromise = await checkout.promised(checkout.replica(), { lines, cart: "a" });
    await ask(checkout.replica(), { lines, cart: "a", order: "o-1", fields: { ifsPromise } });
    checkout.ordered.add("a");
    // IFS has taken and shipped it, and nobody lists it as in flight any more.
    checkout.stock.BOLT = { ifs: 1, shop: 1 };
    checkout.later(119);
    expect((await ask(checkout.replica(), { lines })).accepted).toBe(false);
    checkout.later(2);
    expect((await ask(checkout.replica(), { lines, cart: "b", order: "o-b" })).accepted).toBe(true);
    expect(await checkout.holds()).toEqual(["b BOLT 1 o-b"]);
  });

  it("has lines that needed no hold looked at again", async () => {
    const checkout = await open({ BOLT: { ifs: 5, shop: 5 }, NUT: { ifs: 100, shop: 100 } });
    const lines = { BOLT: 2, NUT: 1 };
    const ifsPromise = await checkout.promised(checkout.replica(), { lines, cart: "a" });
    checkout.stock.NUT = { ifs: 0, shop: 0 };
    const decision = await ask(checkout.replica(), { lines, cart: "a", order: "o-1", fields: { ifsPromise } });
    expect(short(decision)).toEqual(["BOLT: confirm by promise, 2, promised", "NUT: refuse by ifs, 0, outOfStock"]);
    expect(decision.accepted).toBe(false);
  });
});

const wishOf = (ifsPromise: string, more: Partial<Wish>): Wish => ({
  ...{ lines: { BOLT: 2 }, cart: "a", order: "o-1", fields: { ifsPromise } },
  ...more,
});

describe("a promise is given", () => {
  it("with a hold alone, and never outlives it", async () => {
    const checkout = await open(
      { BOLT: { ifs: 5, shop: 5 } },
      { holds: { seconds: 40 }, promise: { field: "ifsPromise" } },
    );
    const deps = checkout.replica();
    const { hold } = await ask(deps, { lines: { BOLT: 2 }, cart: "a", hold: true });
    const [held] = (await checkout.store.holds.all()).flatMap(({ holds }) => holds);
    expect(hold).toMatchObject({ held: true, until: held?.until });
    expect(hold?.promise?.until).toBeLessThanOrEqual(held?.until ?? 0);
    expect(hold?.promise?.until).toBeGreaterThan((held?.until ?? 0) - 1000);
    expect((await ask(deps, { lines: { BOLT: 2 }, cart: "a" })).hold).toBeUndefined();
    expect((await ask(deps, { lines: { BOLT: 9 }, cart: "a", hold: true })).hold).toEqual({ held: false });
  });

  it("for no line that commercetools did not hold, and for nothing where nothing had to be held", async () => {
    const checkout = await open({ BOLT: { ifs: 5, shop: 5 }, NUT: { ifs: 100, shop: 100 } });
    const deps = checkout.replica();
    expect((await ask(deps, { lines: { NUT: 1 }, cart: "a", hold: true })).hold).toEqual({ held: true });
    const broken: AtpDeps = {
      ...deps,
      holds: {
        ...{ chance: () => 0, attempt: () => "x", cartsOver: async () => new Set<string>() },
        ...{ read: async () => ({ holds: [], version: 1 }) },
        swap: () => new Promise<never>(() => {}),
      },
    };
    const decision = await ask(broken, { lines: { BOLT: 1 }, cart: "a", hold: true, deadlineMs: 200 });
    expect([decision.accepted, decision.hold]).toEqual([true, { held: false }]);
  });
});
