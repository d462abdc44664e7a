/** A delivered order with returns, in a world that exports them. */
import { decimal } from "../../../domain/decimal.ts";
import type { OrderId } from "../../../domain/ids.ts";
import { readReturns } from "../../../domain/return-record.ts";
import { type ExportContext, exportOrder } from "../run.ts";
import { configWith } from "./config.ts";
import { ID, MINUTE } from "./export.ts";
import { netOrder } from "./orders.ts";
import { CHANNELS, createWorld, type Hook, type World, type WorldOptions } from "./world.ts";

export const LINE_A = "line-A-1";
export const LINE_B = "line-B-2";

export const reasons = { codes: { "Too small": "REGRET", defect: "DEFECT" }, default: "WRONG" };

export const returning = (returns: object = {}, more: object = {}) =>
  configWith({ orders: { afterExport: { returns: { mode: "create", reasons, ...returns } } }, ...more });

/** Each return item has an id of its own; ids are told by place, so that a list that is written anew can have others. */
export const itemOf = (id: string, fields: object = {}) => ({
  type: "LineItemReturnItem",
  id,
  lineItemId: LINE_A,
  quantity: 1,
  shipmentState: "Returned",
  paymentState: "Initial",
  createdAt: "2026-11-20T10:03:00.000Z",
  lastModifiedAt: "2026-11-20T10:03:00.000Z",
  ...fields,
});
export const infoOf = (...items: object[]) => ({ items });

export type Delivered = { readonly options?: WorldOptions; readonly shipped?: number };

/** 3 of A-1 and 2 of B-2, exported as P1000 and delivered. */
export async function delivered({ options = {}, shipped }: Delivered = {}): Promise<World> {
  const world = createWorld({ config: returning(), ...options });
  world.putOrder(netOrder());
  const outcome = await runOf(world);
  if (outcome.kind !== "linked") throw new Error(`the order was not exported: ${outcome.kind}`);
  world.setState("P1000", "Delivered");
  world.setLine("P1000", LINE_A, { state: "Delivered", qtyShipped: decimal(shipped ?? 3) });
  world.setLine("P1000", LINE_B, { state: "Delivered", qtyShipped: decimal(shipped ?? 2) });
  world.journal.length = 0;
  return world;
}

export const runOf = (world: World, mode: ExportContext["mode"] = "event", hook?: Hook) =>
  exportOrder(world.worker(hook), ID as OrderId, {
    mode,
    deadlineAt: world.clock.at + (mode === "event" ? 9500 : MINUTE),
  });

export const withReturns = (world: World, ...returnInfo: object[]): void => world.editOrder(ID, { returnInfo });

/** `LineNo x quantity reason` of each RMA, with its state. */
export const rmasOf = (world: World): string[] =>
  [...world.returns.rmas.values()].map(
    ({ state, lines }) =>
      `${state}: ${lines.map((line) => `${line.lineNo} x ${line.qtyToReturn} ${line.returnReasonCode ?? "-"}`).join(", ")}`,
  );

export function recordOf(world: World) {
  const reading = readReturns(world.orders.get(ID) as unknown as Parameters<typeof readReturns>[0], CHANNELS.returns);
  if (reading.kind !== "record") throw new Error("no record of returns");
  return reading.record;
}
