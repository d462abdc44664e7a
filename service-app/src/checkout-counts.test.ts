/** What the check counts of its doors, through the doors. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXTENSION_SECRET, type Running, STOREFRONT_KEY, startService } from "./testing/stand-ins.ts";

let service: Running;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const post = async (path: string, headers: Record<string, string>, body: object): Promise<number> => {
  const response = await fetch(`${service.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  await response.text();
  return response.status;
};

test("each door by itself, each question of a batch, and the calls of the Extension with a wrong secret", async () => {
  const key = { "x-storefront-key": STOREFRONT_KEY };
  const lines = [{ sku: "BOLT", supplyChannel: "web" }];
  const short = [{ sku: "FEW", supplyChannel: "web" }];
  const order = {
    ...{ action: "Create", resource: { typeId: "order", id: "o1", obj: { id: "o1", lineItems: [] as object[] } } },
  };
  expect(await post("/service/atp", key, { lines })).toBe(200);
  const questions = [lines, lines, short].map((one, index) => ({ id: `q${index}`, lines: one }));
  expect(await post("/service/atp/batch", key, { questions })).toBe(200);
  const since = Date.now();
  for (const authorization of ["", "former-extension-secret", `${EXTENSION_SECRET}x`]) {
    expect(await post("/service/extension", authorization ? { authorization } : {}, order)).toBe(401);
  }
  const between = Date.now();
  expect(await post("/service/extension", { authorization: EXTENSION_SECRET }, order)).toBe(200);
  await service.end();
  const [told, ...more] = await service.metrics("2000");
  expect(more).toEqual([]);
  const { doors, extensionCalls } = told?.metrics ?? {};
  const countsOf = (door: "extension" | "question" | "batch") => {
    const { answers, withoutIfs, policyOpen, total = [], ours = [] } = doors?.[door] ?? {};
    const timed = [total, ours].map((each) => each.reduce((sum, one) => sum + one, 0));
    return { answers, withoutIfs, policyOpen, timed };
  };
  expect(countsOf("question")).toEqual({ answers: 1, withoutIfs: 1, policyOpen: 0, timed: [1, 1] });
  expect(countsOf("batch")).toEqual({ answers: 3, withoutIfs: 2, policyOpen: 1, timed: [3, 3] });
  expect(countsOf("extension")).toEqual({ answers: 1, withoutIfs: 1, policyOpen: 0, timed: [1, 1] });
  const { refused, refusedAt = 0, rightAt = 0 } = extensionCalls ?? {};
  expect(refused).toBe(3);
  expect(since <= refusedAt && refusedAt <= between && between <= rightAt).toBe(true);
});
