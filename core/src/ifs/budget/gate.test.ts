import { expect, test } from "vitest";
import { inTurn } from "../../runtime/limit.ts";
import { virtualTime } from "../../runtime/testing/virtual-time.ts";
import { createAdaptation } from "./adaptation.ts";
import { createGate } from "./gate.ts";
import { type Lane, lanes } from "./lanes.ts";
import { createPurse } from "./purse.ts";

function world(options: { tokens: number; slots: number; served?: readonly Lane[] }) {
  const time = virtualTime();
  const purse = createPurse();
  purse.add(Array<number>(options.tokens).fill(0));
  const adaptation = createAdaptation(time.clock, () => 0);
  const slots = { now: options.slots };
  const shortages: string[] = [];
  const gate = createGate({
    clock: time.clock,
    served: options.served ?? lanes,
    purse,
    adaptation,
    slots: () => slots.now,
    refresh: () => undefined,
    reserve: () => 1,
    onStart: () => undefined,
    onShortage: (lane, of) => shortages.push(`${lane} ${of}`),
  });
  const log: string[] = [];
  const never = new AbortController().signal;
  /** A request of `ms`; its start is logged with the time. */
  const call = (lane: Lane, name: string, { ms = 100, signal = never } = {}) =>
    gate.run(lane, signal, async () => {
      log.push(`${time.elapsed()} ${name}`);
      await time.clock.sleep(ms);
      return name;
    });
  return { time, purse, gate, adaptation, slots, shortages, log, call };
}

const done = Promise.all.bind(Promise);

test("the more urgent lane starts first, and within a lane who came first", async () => {
  const { time, slots, gate, log, call } = world({ tokens: 600, slots: 0, served: ["orders"] });
  const calls = [
    call("prices", "price"),
    call("stock", "stock"),
    call("orders", "order 1"),
    call("statuses", "status"),
    call("checkout", "checkout"),
    call("orders", "order 2"),
  ];
  await time.run(0);
  slots.now = 1;
  gate.dispatch();
  await time.run(1000);
  expect(await done(calls)).toHaveLength(6);
  expect(log).toEqual(["0 checkout", "100 order 1", "200 order 2", "300 status", "400 stock", "500 price"]);
});

test("what ends something that was begun goes before the others of its lane, what has time after them, and none before a more urgent lane", async () => {
  const { time, slots, gate, log, call } = world({ tokens: 600, slots: 0, served: ["checkout", "orders"] });
  const calls = [
    call("orders", "list", { signal: inTurn("last") }),
    call("orders", "create 2"),
    call("orders", "create 3"),
    call("orders", "release 1", { signal: inTurn("first") }),
    call("checkout", "checkout"),
  ];
  await time.run(0);
  slots.now = 2;
  gate.dispatch();
  await time.run(1000);
  expect(await done(calls)).toHaveLength(5);
  const order = ["checkout", "release 1", "create 2", "create 3", "list"];
  expect(log.map((line) => line.replace(/^\d+ /, ""))).toEqual(order);
});

test("places: bulk leaves one for orders and one for checkouts, orders leave one for checkouts", async () => {
  const { time, log, call, shortages } = world({ tokens: 600, slots: 4 });
  const calls = [
    ...[1, 2, 3].map((n) => call("stock", `stock ${n}`)),
    ...[1, 2].map((n) => call("orders", `order ${n}`)),
    ...[1, 2].map((n) => call("checkout", `checkout ${n}`)),
  ];
  await time.run(0);
  expect(log).toEqual(["0 stock 1", "0 stock 2", "0 order 1", "0 checkout 1"]);
  expect(shortages).toEqual(["stock place", "orders place", "checkout place"]);
  await time.run(1000);
  await done(calls);
  expect(log.slice(4)).toEqual(["100 checkout 2", "100 order 2", "100 stock 3"]);
});

test("with a single place a process that serves checkouts serves nothing else; others serve every lane with it", async () => {
  const strict = world({ tokens: 600, slots: 1 });
  strict.call("stock", "stock").catch(() => undefined);
  const checkout = strict.call("checkout", "checkout");
  await strict.time.run(500);
  await checkout;
  expect(strict.log).toEqual(["0 checkout"]);
  const job = world({ tokens: 600, slots: 1, served: ["orders", "stock"] });
  const calls = [job.call("stock", "stock"), job.call("orders", "order")];
  await job.time.run(500);
  await done(calls);
  expect(job.log).toEqual(["0 stock", "100 order"]);
});

test("tokens: bulk leaves some for orders and checkouts, and waits until they are there again", async () => {
  const { time, log, call } = world({ tokens: 10, slots: 20 });
  const calls = Array.from({ length: 10 }, (_, n) => call("stock", `stock ${n}`, { ms: 1 }));
  // A tenth of a minute apart, and two tokens remain for each of the two more urgent classes together.
  await time.run(59_000);
  expect(log.map((line) => line.split(" ")[0])).toEqual([
    "0",
    "6000",
    "12000",
    "18000",
    "24000",
    "30000",
    "36000",
    "42000",
  ]);
  calls.push(...[1, 2].map((n) => call("checkout", `checkout ${n}`, { ms: 1 })));
  await time.run(0);
  expect(log.slice(8)).toEqual(["59000 checkout 1", "59000 checkout 2"]);
  await time.run(30_000);
  await done(calls);
  // Of the tokens that come back from 60 s on, the first two are for the next checkouts and orders again.
  expect(log.slice(10)).toEqual(["72000 stock 8", "78000 stock 9"]);
});

test("an aborted request leaves the queue with its signal's reason and costs nothing", async () => {
  const { time, purse, call, gate } = world({ tokens: 1, slots: 1, served: ["stock"] });
  const first = call("stock", "first", { ms: 500 });
  const leaver = new AbortController();
  const waiting = call("stock", "second", { signal: leaver.signal });
  const late = expect(waiting).rejects.toThrow("too late");
  await time.run(100);
  leaver.abort(new Error("too late"));
  await late;
  await expect(call("stock", "third", { signal: leaver.signal })).rejects.toThrow("too late");
  await time.run(1000);
  await first;
  expect([gate.waiting("stock"), gate.busy(), purse.restedAt(1)]).toEqual([0, 0, 60_000]);
});

test("work that fails frees its place", async () => {
  const { time, gate, log, call } = world({ tokens: 600, slots: 1, served: ["stock"] });
  const failing = gate.run("stock", new AbortController().signal, () => Promise.reject(new Error("refused")));
  const next = call("stock", "next");
  await expect(failing).rejects.toThrow("refused");
  await time.run(200);
  await next;
  expect(log).toEqual(["0 next"]);
});

test("throttled: nobody starts before Retry-After, and bulk at half the pace afterwards", async () => {
  const { time, adaptation, log, call } = world({ tokens: 60, slots: 8, served: ["stock"] });
  adaptation.observe({ status: 429, elapsedMs: 5, read: true, retryAfterMs: 3000 });
  const calls = Array.from({ length: 4 }, (_, n) => call("stock", `stock ${n}`, { ms: 1 }));
  calls.push(call("checkout", "checkout", { ms: 1 }));
  await time.run(12_000);
  await done(calls);
  expect(log).toEqual(["3000 checkout", "4600 stock 0", "6600 stock 1", "8600 stock 2", "10600 stock 3"]);
});

test("who was far ahead with many tokens does not wait for it with few", async () => {
  const { time, purse, log, call } = world({ tokens: 800, slots: 4, served: ["orders"] });
  const burst = Array.from({ length: 100 }, (_, index) => call("orders", `burst ${index}`, { ms: 10 }));
  await time.run(60_000);
  expect(await done(burst)).toHaveLength(100);
  purse.give(795, { leave: 0, soon: 0 });
  await time.run(30_000);
  const before = log.length;
  const later = [call("orders", "later"), call("orders", "and another")];
  await time.run(200);
  expect(await done(later)).toHaveLength(2);
  expect(log.slice(before)).toEqual(["90000 later", "90000 and another"]);
});
