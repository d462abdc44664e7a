/** The time of an answer to commercetools is the caller's: it begins when the request comes, and a process that is busy answers earlier by how late it is. */
import type { Call } from "core/http/server.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Running, startService } from "./testing/stand-ins.ts";

const DEADLINE_MS = 2000;
let service: Running;

beforeAll(async () => {
  service = await startService({ deadlineMs: DEADLINE_MS, defaultFailPolicy: "open" });
  await answered({ since: performance.now() });
  // From now on commercetools says nothing about any entry, nor about what is held.
  service.platform.intercept = ({ path, body }) =>
    path.startsWith("/inventory") || `${path} ${JSON.stringify(body)}`.includes("ifs-connector-holds")
      ? new Promise<never>(() => {})
      : undefined;
});
afterAll(() => service.stop());

const order = (sku: string) => ({
  action: "Create",
  resource: {
    typeId: "order",
    id: "o1",
    obj: {
      id: "o1",
      lineItems: [{ id: "l1", quantity: 1, variant: { sku }, supplyChannel: { typeId: "channel", id: service.webId } }],
    },
  },
});

/** Milliseconds until the answer that a policy gives. */
async function answered({ since }: Pick<Call, "since">): Promise<number> {
  const extension = service.routes.find(({ kind }) => kind === "extension");
  if (!extension) throw new Error("there is no extension");
  const from = performance.now();
  // commercetools counts from its request on, whatever the guard takes.
  const call = { body: order("FEW"), params: {}, query: {}, caller: undefined, since, verifiedAt: from };
  const outcome = await extension.handle(call);
  expect(outcome.kind).toBe("done");
  return performance.now() - from;
}

test("what passed before the question was read is not there for its answer", async () => {
  const whole = await answered({ since: performance.now() });
  expect(whole).toBeGreaterThan(DEADLINE_MS / 3);
  expect(whole).toBeLessThan(DEADLINE_MS);
  expect(await answered({ since: performance.now() - DEADLINE_MS / 2 })).toBeLessThan(DEADLINE_MS / 2);
});

test("a process that was late with what was due leaves time for being late again", async () => {
  const busyMs = 600;
  const first = answered({ since: performance.now() });
  for (const until = performance.now() + busyMs; performance.now() < until; );
  const second = await answered({ since: performance.now() });
  await first;
  expect(second).toBeLessThan(DEADLINE_MS - busyMs);
  // Half of the time is left for the decision all the same.
  expect(second).toBeGreaterThan(DEADLINE_MS / 2 - 50);
});
