import { expect, test } from "vitest";
import type { Hint } from "../domain/hints.ts";
import type { Contract, OrderNo, PartNo } from "../domain/ids.ts";
import { createDocuments } from "./documents.ts";
import { createHints } from "./hints.ts";
import { clientOf, createPlatform } from "./testing/platform.ts";

const order = (orderNo: string): Hint => ({ object: "order", orderNo: orderNo as OrderNo });
const stock = (partNo: string): Hint => ({ object: "stock", contract: "101" as Contract, partNo: partNo as PartNo });

function aStore() {
  const { ct } = clientOf(createPlatform());
  const documents = createDocuments(ct);
  return { hints: createHints(documents), documents };
}

test("a key that is told often is one document, and gone once it was looked at", async () => {
  const { hints } = aStore();
  for (const hint of [order("1001"), stock("P.1"), order("1001"), stock("P 1")]) await hints.put(hint);
  expect(await hints.count()).toBe(3);
  const waiting = await hints.waiting(10);
  expect(waiting.map(({ hint, attempts }) => [hint, attempts])).toEqual(
    expect.arrayContaining([
      [order("1001"), 0],
      [stock("P.1"), 0],
      [stock("P 1"), 0],
    ]),
  );
  for (const hint of waiting) await hints.remove(hint);
  expect(await hints.waiting(10)).toEqual([]);
});

test("what is told again while it is looked at stays, and begins anew", async () => {
  const { hints } = aStore();
  await hints.put(order("1001"));
  const [first] = await hints.waiting(10);
  if (!first) throw new Error("no hint");
  await hints.failed(first);
  const [second] = await hints.waiting(10);
  expect(second?.attempts).toBe(1);
  await hints.put(order("1001"));
  if (second) {
    await hints.remove(second);
    await hints.failed(second);
  }
  expect((await hints.waiting(10)).map(({ hint, attempts }) => [hint, attempts])).toEqual([[order("1001"), 0]]);
});

test("a damaged document is read as one", async () => {
  const { hints, documents } = aStore();
  await documents.write("ifs-connector-hints", "odd", { hint: { object: "cheese" } });
  expect(await hints.waiting(10)).toEqual([{ key: "odd", version: 1, hint: undefined, attempts: 0 }]);
});
