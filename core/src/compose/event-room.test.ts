import { expect, test } from "vitest";
import { BusyError } from "../domain/failure.ts";
import { configWith } from "../flows/order-export/testing/config.ts";
import { createEventRoom, roomOf } from "./event-room.ts";

const budgetOf = (requestsPerMinute: number, release = true) => {
  const config = configWith({ orders: { release } });
  return { ...config, ifs: { ...config.ifs, budget: { ...config.ifs.budget, requestsPerMinute } } };
};

function world() {
  const time = { at: 0 };
  const room = createEventRoom({ monotonic: () => time.at });
  /** So many orders that enter together and take so long each. */
  const pass = (count: number, ms: number, most = 10) => {
    const leaves = Array.from({ length: count }, () => room.enter(most));
    time.at += ms;
    for (const leave of leaves) leave();
  };
  /** How many may enter now. */
  const free = (most = 10) => {
    const leaves: (() => void)[] = [];
    try {
      for (;;) leaves.push(room.enter(most));
    } catch (error) {
      expect(error).toBeInstanceOf(BusyError);
    }
    // In the middle between fast and slow nothing is learned.
    time.at += 4000;
    for (const leave of leaves) leave();
    return leaves.length;
  };
  return { time, room, pass, free };
}

test("there is room for what the budget ends within an event's time, and for a few in any case", () => {
  expect([1000, 600, 20].map((perMinute) => roomOf(budgetOf(perMinute)))).toEqual([33, 20, 2]);
  expect(roomOf(budgetOf(1000, false))).toBe(66);
});

test("who finds no room is refused at once; a place that was left is free, once", () => {
  const { room } = world();
  const [leave] = [room.enter(2), room.enter(2)];
  expect(() => room.enter(2)).toThrow(BusyError);
  expect(() => room.look(2)).toThrow(BusyError);
  leave?.();
  leave?.();
  room.look(2);
  room.enter(2);
  expect(() => room.enter(2)).toThrow("2 orders are under way");
});

test("while orders take too long the room shrinks, orders that were together count once, and grows back afterwards", () => {
  const { pass, free } = world();
  expect(free()).toBe(10);
  pass(10, 7000);
  expect(free()).toBe(7);
  for (let round = 0; round < 9; round += 1) pass(2, 7000);
  expect(free()).toBe(2);
  for (let round = 0; round < 3; round += 1) pass(2, 1000);
  expect(free()).toBe(5);
  for (let round = 0; round < 60; round += 1) pass(2, 1000);
  expect(free()).toBe(10);
});
