/** What of the writes to IFS the journal tells when: once per reason and content, and also of work that was broken off. */
import { describe, expect, test } from "vitest";
import { RefusedError, TransientError } from "../../domain/failure.ts";
import type { SentRequest } from "../../domain/sent.ts";
import { exportOrder } from "./run.ts";
import { ID, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { netOrder } from "./testing/orders.ts";
import type { Hook, World } from "./testing/world.ts";

const request: Omit<SentRequest, "counts"> = {
  at: "2026-11-20T10:00:00.000Z",
  request: "POST CustomerOrderHandling.svc/CustomerOrderSet",
  answer: "as it ended",
  rows: [{ into: "CustomerOrderSet", values: { Contract: "101" } }],
};

/** A piece of work that sends one request. */
function sending(world: World, hook: Hook | undefined, counts: boolean) {
  const deps = world.worker(hook);
  return exportOrder(
    {
      ...deps,
      async withSentListener(listener, work) {
        listener({ ...request, counts });
        return work();
      },
    },
    ID,
    { mode: "sweep", deadlineAt: world.clock.at + MINUTE },
  );
}

const refusing =
  (effect: string): Hook =>
  (name, phase) => {
    if (name === effect && phase === "before")
      throw new RefusedError("ifs", "ORA-20110 CustomerOrder.CLOSED", 400, "closed");
  };
/** Three times in vain, with all pauses over. */
async function thrice(world: World, effect: string): Promise<string[]> {
  const before = world.journal.length;
  for (let round = 0; round < 3; round += 1) {
    world.advance(120 * MINUTE);
    await sending(world, refusing(effect), false);
  }
  return world.journal
    .slice(before)
    .map(({ event, steps = [] }) => `${event}: ${steps.map(({ step }) => step).join()}`);
}

describe("what IFS refuses again and again is told once for each content and configuration", () => {
  test("of an order", async () => {
    const world = worldWith();
    const rejected = [expect.stringMatching(/^order-rejected: .*sent to IFS/)];
    expect(await thrice(world, "ifs.create")).toEqual(rejected);
    world.state.configVersion = 2;
    expect(await thrice(world, "ifs.create")).toEqual(rejected);
    world.editOrder(ID, { purchaseOrderNumber: "PO-77" });
    expect(await thrice(world, "ifs.create")).toEqual(rejected);
    expect(await thrice(world, "ifs.create")).toEqual([]);
  });

  test("of the change of an order that is in IFS", async () => {
    const world = worldWith();
    await run(world);
    world.editOrder(ID, { purchaseOrderNumber: "PO-77" });
    const held = [expect.stringMatching(/^order-to-be-looked-at: .*sent to IFS/)];
    expect(await thrice(world, "ifs.amend")).toEqual(held);
    world.editOrder(ID, { purchaseOrderNumber: "PO-78" });
    expect(await thrice(world, "ifs.amend")).toEqual(held);
    world.state.configVersion = 2;
    expect(await thrice(world, "ifs.amend")).toEqual(held);
    expect(await thrice(world, "ifs.amend")).toEqual([]);
  });
});

test.each([
  ["what changed IFS", true, ["sent-to-ifs"]],
  ["what changed nothing", false, []],
] as const)("of work that was broken off, %s: told %s", async (_, counts, told) => {
  const world = worldWith(netOrder());
  const down = once("ifs.salesParts", "before", () => new TransientError("IFS is down"));
  await expect(sending(world, down, counts)).rejects.toThrow("IFS is down");
  expect(world.journal.map(({ event }) => event)).toEqual(told);
});
