import { describe, expect, it } from "vitest";
import { openHoldShards, toldHolds } from "../ct/testing/hold-shards.ts";
import type { Row } from "../ct/testing/platform-query.ts";
import { TransientError } from "../domain/failure.ts";
import type { Sku } from "../domain/ids.ts";
import { holdShardOf } from "../domain/stock-hold.ts";
import type { AtpDeps } from "../flows/atp-check/deps.ts";
import type { AvailabilityRequest, QuestionCaller } from "../flows/atp-check/parse.ts";
import { checkAvailability } from "../flows/atp-check/run.ts";
import { ask, checkoutConfig, openCheckout, type Part } from "../flows/atp-check/testing/checkout.ts";
import { systemRandom } from "../runtime/random.ts";
import { createHoldQuestions } from "./hold-questions.ts";

type Asked = {
  readonly cart?: string | undefined;
  readonly lines?: Record<string, number>;
  readonly caller?: QuestionCaller;
  readonly hold?: boolean;
  readonly deadlineMs?: number;
};

const client: QuestionCaller = { kind: "client", id: "shop-server" };

async function open(stock: Record<string, Part>, config = checkoutConfig()) {
  const shards = await openHoldShards();
  const { ct, store, platform } = shards;
  const checkout = openCheckout(stock, store.holds, config);
  const entered = async () =>
    (await Promise.all(Array.from({ length: 16 }, (_, shard) => store.callerCarts.read(shard))))
      .flatMap((shard) => shard?.holds ?? [])
      .map(({ caller, cart }) => `${caller} ${cart}`)
      .toSorted();
  return {
    ...{ ...shards, ...checkout, entered },
    addCart: (id: string, lines: Record<string, number>, more: object = {}): Row =>
      platform.seed("carts", {
        ...{ id, cartState: "Active", ...more },
        lineItems: Object.entries(lines).map(([sku, quantity]) => ({
          ...{ id: `line-${sku}`, quantity, variant: { sku }, supplyChannel: { typeId: "channel", id: "id-web" } },
        })),
      }),
    /** A process with its doors. */
    doors() {
      const deps = checkout.replica();
      const questions = createHoldQuestions({ ct, store, clock: checkout.clock, random: systemRandom });
      return {
        deps,
        end: () => Promise.all([questions.end(), deps.context.holdShards.end()]),
        ask({ cart, lines = { BOLT: 1 }, caller = client, hold = true, deadlineMs = 5000 }: Asked) {
          const deadlineAt = checkout.clock.monotonic() + deadlineMs;
          const request = requestOf({ cart, lines, caller, hold });
          return questions.asked(deps, request, {
            deadlineAt,
            check: async (of) => ({ of, decision: await checkAvailability(deps, of, deadlineAt) }),
          });
        },
      };
    },
  };
}

const requestOf = (
  asked: Required<Pick<Asked, "lines" | "caller" | "hold">> & Pick<Asked, "cart">,
): AvailabilityRequest => ({
  purpose: "question",
  lines: Object.entries(asked.lines).map(([sku, quantity]) => ({
    ...{ ref: sku, sku: sku as Sku, quantity, supplyChannel: { by: "key" as const, value: "web" }, ownReserved: 0 },
  })),
  caller: asked.caller,
  ...(asked.cart !== undefined && { cart: asked.cart }),
  ...(asked.hold && { hold: true as const }),
});

type Answer = Awaited<ReturnType<ReturnType<Awaited<ReturnType<typeof open>>["doors"]>["ask"]>>;
/** "held", "not held", or why it may not be asked. */
const short = (answer: Answer): string => {
  if (!answer.ok) return answer.error.message;
  return answer.value.decision.hold?.held ? "held" : "not held";
};
const times = (answers: readonly Answer[], text: string) => answers.filter((one) => short(one) === text).length;
const tooMany = (most: number) =>
  `The request can't be held for: hold: this client holds for ${most} carts already (atp.holds.perCaller).`;

const plenty = { BOLT: { ifs: 900, shop: 0 }, NUT: { ifs: 900, shop: 0 }, GEAR: { ifs: 900, shop: 0 } };

describe("a question that holds nothing", () => {
  it.each([
    ["does not ask to", { hold: false, cart: "a" }, undefined],
    ["names no cart", { hold: true, cart: undefined }, undefined],
    ["asks where holds are off", { hold: true, cart: "a" }, "off"],
  ])("is answered without a look at the cart: it %s", async (_, asked, mode) => {
    const shop = await open(plenty);
    const { deps, ask: question, end } = shop.doors();
    const before = shop.platform.calls.length;
    if (mode === "off") delete (deps as { holds?: AtpDeps["holds"] }).holds;
    expect(short(await question(asked))).toBe("not held");
    await end();
    const paths = shop.platform.calls.slice(before).map(({ path }) => path);
    expect(paths.filter((path) => path.startsWith("/carts") || path.includes("caller-carts"))).toEqual([]);
    expect([await shop.holds(), await shop.entered()]).toEqual([[], []]);
  });
});

describe("a hold is for a cart as commercetools has it", () => {
  it("with what the cart has reserved itself", async () => {
    const shop = await open(plenty);
    const line = { id: "l", quantity: 2, variant: { sku: "BOLT" }, supplyChannel: { id: "id-web" } };
    shop.platform.seed("carts", {
      ...{ id: "a", cartState: "Active" },
      lineItems: [{ ...line, reservation: { typeId: "reservation", id: "r" } }],
    });
    const answer = await shop.doors().ask({ cart: "a", lines: { BOLT: 2 } });
    expect(answer.ok && answer.value.of.lines.map(({ ownReserved }) => ownReserved)).toEqual([2]);
    expect(short(answer)).toBe("held");
  });

  it.each([
    ["it does not exist", {}, "cart: commercetools has no such cart"],
    ["it is ordered", { cartState: "Ordered" }, "cart: the cart was ordered already, or is merged into another one"],
    [
      "it has other lines",
      { lines: { BOLT: 7 } },
      "lines: they are not those of the cart: a hold is for all that is in it",
    ],
  ])("and refused where %s; nothing is held, and it takes no place of its caller", async (_, cart, why) => {
    const shop = await open(plenty);
    if (Object.keys(cart).length > 0) shop.addCart("a", { BOLT: 1, ...("lines" in cart ? cart.lines : {}) }, cart);
    const { ask: question, end } = shop.doors();
    const answer = await question({ cart: "a" });
    expect(answer).toMatchObject({ ok: false, error: { code: "invalidInput", owner: "developer" } });
    expect(short(answer)).toBe(`The request can't be held for: ${why}.`);
    await end();
    expect([await shop.holds(), await shop.entered()]).toEqual([[], []]);
  });

  it("and nobody is told anything where commercetools does not show it in time", async () => {
    const shop = await open(plenty);
    shop.addCart("a", { BOLT: 1 });
    shop.platform.intercept = ({ path }) => (path.startsWith("/carts") ? new Promise<never>(() => {}) : undefined);
    const { ask: question, end } = shop.doors();
    const startedAt = shop.clock.monotonic();
    await expect(question({ cart: "a", deadlineMs: 200 })).rejects.toBeInstanceOf(TransientError);
    expect(shop.clock.monotonic() - startedAt).toBeLessThan(1000);
    await end();
    expect([await shop.holds(), await shop.entered()]).toEqual([[], []]);
  });
});

describe("the cap of carts for which a client holds", () => {
  const capped = (perCaller: number) => checkoutConfig({ holds: { perCaller } });

  it("is kept to the last one, however many questions come at once on however many replicas", async () => {
    const shop = await open(plenty, capped(5));
    const parts = Object.keys(plenty);
    const wishes = Array.from({ length: 36 }, (_, n) => ({ cart: `cart-${n}`, lines: { [parts[n % 3] ?? ""]: 1 } }));
    for (const { cart, lines } of wishes) shop.addCart(cart, lines);
    const processes = [shop.doors(), shop.doors(), shop.doors()];
    const answers = await Promise.all(wishes.map((wish, n) => processes[n % 3]?.ask(wish) as Promise<Answer>));
    expect([times(answers, "held"), times(answers, tooMany(5))]).toEqual([5, 31]);
    expect(new Set((await shop.holds()).map(({ owner }) => owner)).size).toBe(5);
    expect(answers.find((answer) => !answer.ok)).toMatchObject({
      error: { action: "Wait until some of them are ordered or expire, or raise atp.holds.perCaller." },
    });
  });

  it("counts a cart once, and for each client by itself; a session holds for its own cart and is not counted", async () => {
    const shop = await open(plenty, capped(1));
    for (const cart of ["a", "b"]) shop.addCart(cart, { BOLT: 1 });
    const { ask: question } = shop.doors();
    const other: QuestionCaller = { kind: "client", id: "other-server" };
    const session: QuestionCaller = { kind: "session", id: "s", cartId: "b" };
    expect(short(await question({ cart: "a" }))).toBe("held");
    expect(short(await question({ cart: "a" }))).toBe("held");
    expect(short(await question({ cart: "b" }))).toBe(tooMany(1));
    expect(short(await question({ cart: "b", caller: session }))).toBe("held");
    expect(short(await question({ cart: "b", caller: other }))).toBe("held");
    expect(await shop.entered()).toEqual(["other-server b", "shop-server a"]);
  });

  it("has room again when a hold has expired", async () => {
    const shop = await open(plenty, checkoutConfig({ holds: { perCaller: 1, seconds: 60 } }));
    for (const cart of ["a", "b"]) shop.addCart(cart, { BOLT: 1 });
    const { ask: question } = shop.doors();
    await question({ cart: "a" });
    shop.later(59);
    expect(short(await question({ cart: "b" }))).toBe(tooMany(1));
    shop.later(3);
    expect(short(await question({ cart: "b" }))).toBe("held");
    expect(await shop.entered()).toEqual(["shop-server b"]);
  });

  it("has room again when a cart was ordered, and not for one that is being held in this moment", async () => {
    const shop = await open(plenty, capped(1));
    for (const cart of ["a", "b"]) shop.addCart(cart, { BOLT: 1 });
    const { deps, ask: question } = shop.doors();
    await question({ cart: "a" });
    await ask(deps, { lines: { BOLT: 1 }, cart: "a", order: "o-a" });
    // So young an entry may be of a question that has not placed its hold yet.
    expect(short(await question({ cart: "b" }))).toBe(tooMany(1));
    shop.later(11);
    expect(short(await question({ cart: "b" }))).toBe("held");
    expect(await shop.entered()).toEqual(["shop-server b"]);
  });

  it("has room again when a promise has bound what a cart holds, which keeps the name of its caller", async () => {
    const shop = await open(plenty, capped(1));
    for (const cart of ["a", "b"]) shop.addCart(cart, { BOLT: 1 });
    const { deps, ask: question } = shop.doors();
    await question({ cart: "a" });
    const [held] = (await shop.holds()).map((hold) => ({ ...hold, order: "o-a" }));
    if (!held) throw new Error("nothing is held");
    await deps.holds?.swap(holdShardOf(held), [held], 2);
    shop.later(11);
    expect(short(await question({ cart: "b" }))).toBe("held");
  });

  it("is not used up by a question whose entry was written, and whose answer was lost", async () => {
    const shop = await open(plenty, capped(1));
    shop.addCart("a", { BOLT: 2 });
    const { fetch } = shop.platform;
    shop.platform.intercept = async ({ method, path, body }) => {
      if (method !== "POST" || body?.container !== "ifs-connector-caller-carts") return undefined;
      shop.platform.intercept = () => undefined;
      await fetch(`https://api.test/shop${path}`, { method, body: JSON.stringify(body) });
      throw new TypeError("fetch failed");
    };
    const { ask: question, end } = shop.doors();
    expect((await question({ cart: "a" })).ok).toBe(false);
    await end();
    expect(await shop.entered()).toEqual([]);
  });

  it("is not used up by carts for which nothing is held: out of stock, or above their threshold", async () => {
    const shop = await open({ BOLT: { ifs: 1, shop: 0 }, NUT: { ifs: 900, shop: 900 } }, capped(1));
    shop.addCart("a", { BOLT: 2 });
    shop.addCart("b", { NUT: 1 });
    shop.addCart("c", { BOLT: 1 });
    const { ask: question, end } = shop.doors();
    expect(short(await question({ cart: "a", lines: { BOLT: 2 } }))).toBe("not held");
    await end();
    expect(short(await question({ cart: "b", lines: { NUT: 1 } }))).toBe("held");
    await end();
    expect(await shop.entered()).toEqual([]);
    expect(short(await question({ cart: "c" }))).toBe("held");
    expect(toldHolds(await shop.holds())).toEqual(["c BOLT 1"]);
  });

  it("still counts a cart that one question holds for, when another of the same cart fails", async () => {
    const shop = await open(plenty, capped(1));
    for (const cart of ["a", "b"]) shop.addCart(cart, { BOLT: 1 });
    const [one, two] = [shop.doors(), shop.doors()];
    let isSlow = true;
    shop.platform.intercept = async ({ path }) => {
      if (path !== "/carts/a" || !isSlow) return undefined;
      isSlow = false;
      await shop.clock.sleep(300);
      return undefined;
    };
    const failing = one.ask({ cart: "a", lines: { BOLT: 9 } });
    await shop.clock.sleep(100);
    expect(short(await two.ask({ cart: "a" }))).toBe("held");
    expect((await failing).ok).toBe(false);
    await one.end();
    expect(await shop.entered()).toEqual(["shop-server a"]);
    expect(short(await two.ask({ cart: "b" }))).toBe(tooMany(1));
  });

  it("cannot be kept without its document: nothing is held, it is told, and nobody else is hindered", async () => {
    const shop = await open(plenty);
    shop.addCart("a", { BOLT: 1 });
    shop.platform.tables.get("custom-objects/ifs-connector-caller-carts")?.clear();
    const { ask: question } = shop.doors();
    shop.platform.intercept = ({ path }) => (path.startsWith("/carts") ? new Promise<never>(() => {}) : undefined);
    await expect(question({ cart: "a", deadlineMs: 200 })).rejects.toBeInstanceOf(TransientError);
    // The look at the cart that nobody waits for any more comes to its end.
    await shop.clock.sleep(300);
    shop.platform.intercept = () => undefined;
    expect(shop.told).toEqual(["caller-carts-missing"]);
    expect(await shop.holds()).toEqual([]);
    expect(short(await question({ cart: "a", caller: { kind: "session", id: "s", cartId: "a" } }))).toBe("held");
  });
});
