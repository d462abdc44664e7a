import { expect, test } from "vitest";
import { BusyError } from "../domain/failure.ts";
import { configWith } from "../flows/order-export/testing/config.ts";
import { createEventRoom, roomOf } from "./event-room.ts";

const budgetOf = (requestsPerMinute: number) => {
  const config = configWith();
  return { ifs: { ...config.ifs, budget: { ...config.ifs.budget, requestsPerMinute } } };
};

test("there is room for what the budget ends within an event's time, and for a few in any case", () => {
  expect([1000, 600, 30].map((perMinute) => roomOf(budgetOf(perMinute)))).toEqual([37, 22, 4]);
});

test("who finds no room is refused at once; a place that was left is free, once", () => {
  const room = createEventRoom();
  const [leave] = [room.enter(2), room.enter(2)];
  expect(() => room.enter(2)).toThrow(BusyError);
  leave?.();
  leave?.();
  room.enter(2);
  expect(() => room.enter(2)).toThrow("2 orders are under way");
});
