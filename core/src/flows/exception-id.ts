import { createHash } from "node:crypto";
import type { RejectionCode } from "../domain/failure.ts";
import { type Key, toKey } from "../domain/key.ts";
import type { FlowName } from "../domain/records.ts";

/**
 * The same problem of the same record has the same id, so that it is one row however often it is met. Without a code it is one
 * row for the record, whatever stops it. The record's id is hashed: price keys alone may fill the limit of a key.
 */
export const exceptionId = (flow: FlowName, recordId: string, code?: RejectionCode): Key =>
  toKey("ex", flow, ...(code ? [code] : []), createHash("sha256").update(recordId, "utf8").digest("hex").slice(0, 32));

/** The row of payments that do not fit an order which is in IFS. */
export const paymentRowOf = (orderId: string): Key => exceptionId("order-export", `${orderId}/payments`);

/** The row of an order's returns, beside the one of its export. */
export const returnRowOf = (orderId: string): Key => exceptionId("order-export", `${orderId}/returns`);
