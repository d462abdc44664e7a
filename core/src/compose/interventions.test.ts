/** People's actions on the real store and the real export, between two platforms in memory. */
import { describe, expect, test } from "vitest";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import { TransientError } from "../domain/failure.ts";
import type { OrderId } from "../domain/ids.ts";
import { exceptionId } from "../flows/exception-id.ts";
import { ignoreOrder, unignoreOrder } from "../flows/order-export/ignore.ts";
import { exportOrder } from "../flows/order-export/run.ts";
import { configWith, partOf } from "../flows/order-export/testing/config.ts";
import { addressOf, netOrder } from "../flows/order-export/testing/orders.ts";
import { createWorld } from "../flows/order-export/testing/world.ts";
import { createInterventions } from "./interventions.ts";

const ids = ["0b0c4c3c-0000-4000-8000-000000000001", "0b0c4c3c-0000-4000-8000-000000000002"] as OrderId[];
const first = ids[0] as OrderId;
const rowOf = (id: string) => exceptionId("order-export", id);

/** Orders whose SKU IFS does not know yet, each refused once by its event. */
async function refusedOrders(count = 1) {
  const world = createWorld({ salesParts: [partOf("B-2")], config: configWith() });
  const store = createStore(clientOf(createPlatform()).ct, { now: () => world.clock.at });
  const deps = () => ({
    ...world.worker(),
    exceptions: store.exceptions,
    journal: store.journal,
    corrections: store.corrections,
  });
  let broken: Error | undefined;
  const people = createInterventions({
    store,
    clock: { now: () => world.clock.at, monotonic: () => world.clock.at },
    work: async () => ({
      configVersion: 1,
      routes: ["web shop"],
      async export(orderId, by, given) {
        if (broken) throw broken;
        return exportOrder(deps(), orderId, { mode: "person", by, ...given });
      },
      ignore: (orderId) => ignoreOrder(deps(), orderId),
      unignore: (orderId) => unignoreOrder(deps(), orderId),
    }),
  });
  for (const id of ids.slice(0, count)) {
    world.putOrder(netOrder({ id }));
    await exportOrder(deps(), id, { mode: "event", deadlineAt: world.clock.at + 9000 });
  }
  world.advance(60_000);
  const event = (id: OrderId) => exportOrder(deps(), id, { mode: "event", deadlineAt: world.clock.at + 9000 });
  const cure = () => {
    world.state.salesParts = [partOf("A-1"), partOf("B-2")];
  };
  const breakDown = (error: Error) => {
    broken = error;
  };
  const journal = async (id: string) =>
    (await store.journal.of(id, 100)).map(({ event: what, by, detail }) => [what, by, detail]);
  return { world, store, people, event, cure, breakDown, journal };
}

describe("retry", () => {
  test("answers what was and what is, and closes what is cured", async () => {
    const { people, cure, world, store, journal } = await refusedOrders();
    const still = await people.retry(rowOf(first), "user-1");
    expect(still).toMatchObject({
      kind: "done",
      body: { orderId: first, before: { code: "unmappedSku" }, outcome: { kind: "rejected" }, after: { attempts: 2 } },
    });
    cure();
    world.advance(1000);
    expect(await people.retry(rowOf(first), "user-1")).toMatchObject({
      kind: "done",
      body: { outcome: { kind: "linked", text: "IFS order P1000" }, after: null },
    });
    expect(await people.retry(rowOf(first), "user-1")).toMatchObject({ kind: "absent" });
    expect([world.state.creates, (await store.exceptions.list(10)).total]).toEqual([1, 0]);
    const entries = await journal(first);
    expect(entries.filter(([what]) => what === "order-retried")).toEqual([
      ["order-retried", "user-1", { code: "unmappedSku", outcome: "rejected", after: "unmappedSku" }],
      ["order-retried", "user-1", { code: "unmappedSku", outcome: "linked" }],
    ]);
  });

  test("two people at once make one order", async () => {
    const { people, cure, world } = await refusedOrders();
    cure();
    await Promise.all([people.retry(rowOf(first), "user-1"), people.retry(rowOf(first), "user-2")]);
    expect([world.state.creates, world.documents.size]).toEqual([1, 1]);
  });

  test("an exception of another flow has nothing to be started", async () => {
    const { people, store } = await refusedOrders();
    await store.exceptions.open({
      id: "ex-stock",
      flow: "stock-sync",
      code: "unmappedSku",
      recordType: "sku",
      recordId: "A-1",
      recordLabel: "A-1",
      message: "",
      action: "",
      owner: "merchant",
    });
    expect(await people.retry("ex-stock", "user-1")).toMatchObject({ kind: "rejected" });
  });
});

describe("retry of all of one code", () => {
  test("counts what became of them, and a second call goes on behind the first", async () => {
    const { people, cure, world } = await refusedOrders(2);
    const given = { code: "unmappedSku", limit: 1 };
    const one = await people.retryAll(given, "user-1");
    expect(one).toMatchObject({ tried: 1, closed: 0, stillOpen: 1, left: 1, stopped: null });
    cure();
    world.advance(1000);
    const two = await people.retryAll({ ...given, since: one.since }, "user-1");
    expect(two).toMatchObject({ tried: 1, closed: 1, left: 0 });
    const none = await people.retryAll({ ...given, since: one.since }, "user-1");
    expect(none).toMatchObject({ tried: 0, left: 0 });
    expect(world.state.creates).toBe(1);
  });

  test("goes through all of them, and counts what is left, however many there are", async () => {
    const { people, store, world } = await refusedOrders(1);
    const row = await store.exceptions.get(rowOf(first));
    if (!row) throw new Error("no exception");
    // Newer rows of the same code, more than a page, of which the oldest try is to come first.
    for (let index = 0; index < 520; index += 1) {
      world.advance(1);
      await store.exceptions.open({ ...row, id: `ex-${index}`, recordId: `order-${index}`, message: "another cause" });
    }
    world.advance(1000);
    const all = await people.retryAll({ code: "unmappedSku", limit: 1 }, "user-1");
    expect([all.results.map(({ orderId }) => orderId), all.tried, all.left]).toEqual([[first], 1, 520]);
  });

  test("of one cause, whatever the message says", async () => {
    const { people, store } = await refusedOrders(2);
    const [row, other] = await store.exceptions.byCode("unmappedSku", 10);
    if (!row?.cause || !other) throw new Error("no exception");
    expect([row.cause, other.cause]).toEqual(["unmappedSku/lineItems.variant.sku/A-1", row.cause]);
    await store.exceptions.open({ ...other, message: "in the words of a later version" });
    await store.exceptions.open({ ...row, id: "ex-b", cause: "unmappedSku/lineItems.variant.sku/B-2" });
    expect(
      await people.retryAll({ cause: "unmappedSku/lineItems.variant.sku/C-3", limit: 10 }, "user-1"),
    ).toMatchObject({
      code: "unmappedSku",
      tried: 0,
      left: 0,
    });
    const { results } = await people.retryAll(
      { cause: row.cause, limit: 10, since: new Date(8.64e15).toISOString() },
      "user-1",
    );
    expect(results.map(({ orderId }) => orderId).sort()).toEqual([...ids]);
  });

  test("of those whose message has the words", async () => {
    const { people } = await refusedOrders(2);
    expect(await people.retryAll({ code: "unmappedSku", limit: 10, containing: "b-2" }, "user-1")).toMatchObject({
      tried: 0,
      left: 0,
    });
    expect(await people.retryAll({ code: "unmappedSku", limit: 10, containing: "a-1" }, "user-1")).toMatchObject({
      tried: 2,
      left: 0,
    });
  });

  test("ends at an outage and says so", async () => {
    const { people, breakDown } = await refusedOrders(2);
    breakDown(new TransientError("IFS does not answer"));
    expect(await people.retryAll({ code: "unmappedSku", limit: 10 }, "user-1")).toMatchObject({
      tried: 0,
      left: 2,
      stopped: "IFS does not answer",
    });
  });
});

test("an ignored order leaves the inbox until it is taken back, and is then judged at once", async () => {
  const { people, cure, event, store, journal } = await refusedOrders();
  expect(await people.ignore(rowOf(first), "sold by telephone instead", "user-1")).toEqual({
    kind: "done",
    body: { id: rowOf(first), orderId: first, phase: "ignored" },
  });
  cure();
  expect((await event(first)).kind).toBe("skipped");
  expect([(await store.exceptions.list(10)).total, (await store.ignored.list(10)).map(({ by }) => by)]).toEqual([
    0,
    ["user-1"],
  ]);
  expect(await people.unignore(rowOf(first), "user-2")).toMatchObject({
    kind: "done",
    body: { outcome: { kind: "linked" }, after: null },
  });
  expect(await people.unignore(rowOf(first), "user-2")).toMatchObject({ kind: "absent" });
  // Entries of one instant have no order among themselves.
  const acts = (await journal(first)).flatMap(([what, by]) => (by === undefined ? [] : [`${what} ${by}`]));
  expect(acts.sort()).toEqual([
    "order-ignored user-1",
    "order-linked user-2",
    "order-retried user-2",
    "order-unignored user-2",
  ]);
});

test("a correction is journaled with what was before, and tried at once; a route that is not configured is refused", async () => {
  const { people, world, store, journal } = await refusedOrders();
  world.state.salesParts = [partOf("A-1-NEW"), partOf("B-2")];
  expect(await people.edit(rowOf(first), { route: "nowhere" }, "user-1")).toMatchObject({ kind: "rejected" });
  const line = String((netOrder().lineItems as { id: string }[])[0]?.id);
  const corrections = { lines: { [line]: { catalogNo: "A-1-NEW" } }, shippingAddress: { lastName: "Berg" } };
  expect(await people.edit(rowOf(first), corrections, "user-1")).toMatchObject({
    kind: "done",
    body: {
      outcome: { kind: "linked" },
      after: null,
      corrections: { before: "nothing", after: `line ${line}: sales part A-1-NEW; shipping address: lastName` },
    },
  });
  expect(world.sent.get("P1000")?.lines[0]?.catalogNo).toBe("A-1-NEW");
  expect(JSON.stringify(await journal(first))).not.toContain("Berg");
  // An address is not kept longer than it is needed.
  expect(await store.corrections.read(first)).toBeUndefined();
});

describe("a change after the export that waits for a person", () => {
  /** Linked, then sent to another town after the goods were picked. */
  async function waiting() {
    const bench = await refusedOrders();
    bench.cure();
    await bench.people.retry(rowOf(first), "user-1");
    bench.world.setLine("P1000", "line-A-1", { state: "Picked" });
    bench.world.editOrder(first, { shippingAddress: addressOf({ city: "Bremen" }) });
    expect((await bench.event(first)).kind).toBe("held");
    return { ...bench, cityOf: () => bench.world.sent.get("P1000")?.shipTo?.city };
  }

  test("is retried alone or with all of its code, once IFS lets it", async () => {
    const { people, world, cityOf } = await waiting();
    expect(await people.retry(rowOf(first), "user-1")).toMatchObject({ body: { after: { code: "heldForReview" } } });
    world.setLine("P1000", "line-A-1", { state: "Released" });
    world.advance(1000);
    expect(await people.retryAll({ code: "heldForReview", limit: 10 }, "user-1")).toMatchObject({
      tried: 1,
      closed: 1,
    });
    expect([cityOf(), world.documents.size]).toEqual(["Bremen", 1]);
  });

  test("is corrected for this order alone, and what was corrected is not taken back by the next edit", async () => {
    const { people, world, store, event, cityOf } = await waiting();
    world.setLine("P1000", "line-A-1", { state: "Released" });
    world.advance(1000);
    expect(await people.edit(rowOf(first), { shippingAddress: { city: "Kiel" } }, "user-1")).toMatchObject({
      body: { outcome: { kind: "amended" }, after: null },
    });
    expect([cityOf(), await store.corrections.read(first)]).toEqual(["Kiel", undefined]);
    world.editOrder(first, { purchaseOrderNumber: "PO-1" });
    expect([(await event(first)).kind, cityOf()]).toEqual(["held", "Kiel"]);
  });

  test("is ignored, and back in scope judged again with its link", async () => {
    const { people, world, store, event, cityOf } = await waiting();
    await people.ignore(rowOf(first), "the parcel is on its way", "user-1");
    expect([(await event(first)).kind, (await store.exceptions.list(10)).total]).toEqual(["skipped", 0]);
    expect(await people.unignore(rowOf(first), "user-1")).toMatchObject({ body: { after: { code: "heldForReview" } } });
    expect([world.linkOf(first).orderNo, cityOf(), world.documents.size]).toEqual(["P1000", "Hamburg", 1]);
  });
});
