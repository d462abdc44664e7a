/** Whatever an order holds, it ends as a Rejection and never as a thrown error. */
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OrderId } from "../../domain/ids.ts";
import { judge } from "./judge.ts";
import { exportOrder } from "./run.ts";
import { grossOrder, netOrder, type OrderJson } from "./testing/orders.ts";
import { createWorld, START } from "./testing/world.ts";

type TestData = { readonly OrderRest: { random(): { build(): Record<string, unknown> } } };
const { OrderRest } = createRequire(import.meta.url)("@commercetools/composable-commerce-test-data/order") as TestData;

describe("a thousand random orders of the platform's test data", () => {
  test("each is refused with a reason for people", async () => {
    const deps = createWorld().worker();
    const codes = new Map<string, number>();
    for (let index = 0; index < 1000; index += 1) {
      const judged = await judge(deps, OrderRest.random().build());
      expect(judged.ok).toBe(false);
      if (judged.ok) continue;
      const { code, message, action, owner } = judged.error;
      expect([message.length > 10, action.length > 10, owner.length > 0]).toEqual([true, true, true]);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect([...codes.values()].reduce((sum, count) => sum + count, 0)).toBe(1000);
  });

  test("as orders of the shop they end on the order and in the inbox, and nothing reaches IFS", async () => {
    const world = createWorld();
    for (let index = 0; index < 50; index += 1) {
      const id = `0b0c4c3c-0000-4000-8000-${String(index).padStart(12, "0")}`;
      const random = { ...OrderRest.random().build(), id, orderState: "Open", paymentState: "Paid", version: 1 };
      world.putOrder(JSON.parse(JSON.stringify({ ...random, createdAt: new Date(START).toISOString() })) as OrderJson);
      const outcome = await exportOrder(world.worker(), id as OrderId, { mode: "event", deadlineAt: START + 9500 });
      expect(outcome.kind).toBe("rejected");
      const { claim } = world.linkOf(id);
      expect(claim.kind === "claim" && claim.claim.phase).toBe("rejected");
    }
    expect([world.documents.size, world.exceptions.size]).toEqual([0, 50]);
  });
});

/** Replaces what is found along random steps into a good order. */
function damaged(order: OrderJson, steps: readonly number[], value: unknown): unknown {
  const copy: unknown = structuredClone(order);
  let node = copy;
  for (const [depth, step] of steps.entries()) {
    if (typeof node !== "object" || node === null) break;
    const keys = Object.keys(node);
    const key = keys[step % Math.max(keys.length, 1)];
    if (key === undefined) break;
    const record = node as Record<string, unknown>;
    if (depth === steps.length - 1 || typeof record[key] !== "object") {
      record[key] = value;
      break;
    }
    node = record[key];
  }
  return copy;
}

const nonsense = fc.oneof(
  fc.anything(),
  fc.constantFrom(
    undefined,
    null,
    "",
    0,
    -1,
    1e300,
    Number.NaN,
    "__proto__",
    "constructor",
    [],
    {},
    "2026-13-45T99:99",
  ),
  fc.integer(),
  fc.double(),
);

describe("good orders with one thing damaged", () => {
  test("are accepted or refused, never thrown", async () => {
    const deps = createWorld().worker();
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(netOrder(), grossOrder()),
        fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }),
        nonsense,
        async (order, steps, value) => {
          const judged = await judge(deps, damaged(order, steps, value));
          if (!judged.ok) refused += 1;
          expect(typeof judged.ok).toBe("boolean");
        },
      ),
      { numRuns: 3000 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  test("anything at all", async () => {
    const deps = createWorld().worker();
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (value) => {
        expect((await judge(deps, value)).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
