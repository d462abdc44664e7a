/** Which forms of `$batch` a tenant takes: found out by a refusal, and told apart from a refusal of what is in it. */
import type { IfsClient } from "./client-types.ts";
import { ChangeSetRefusedError } from "./errors.ts";
import type { Body } from "./json.ts";

export type BatchForm = {
  refused(): boolean;
  /** Only after the same went through without a batch: what both ways refuse is no matter of the way. */
  remember(error: Error): void;
};

/** Remembered for the life of the process, where it is found out again at no risk. */
export function createBatchForm({ logger }: Pick<IfsClient, "logger">, event: string, known: () => boolean): BatchForm {
  let found = false;
  return {
    refused: () => found || known(),
    remember(error) {
      found = true;
      logger.warn({ refusal: error.message }, event);
    },
  };
}

/** A change set that is all or nothing. The tenant refuses it, or commits a part of it, also where the write probe says so. */
export function createChangeSetForm(client: Pick<IfsClient, "logger" | "config" | "capabilities">): BatchForm {
  const { changeSets, changeSetsAtomic } = client.capabilities.answers;
  const never = client.config.ifs.changeSets === "never" || changeSets === "no" || changeSetsAtomic === "no";
  return createBatchForm(client, "ifs-change-set-refused", () => never);
}

/**
 * True when the tenant refuses the form and not the order: no `$batch`, no change set in it, or lines that must name their
 * order. Nothing was committed, so the same rows can be sent one by one. A business refusal is none of these: sent one by
 * one it would leave half an order, and so would a wrong name in the binding, or a value that is too long. So an answer that
 * names a property of the rows is about the data, whatever its code; a body that cannot be read is about the form only where
 * the request as a whole was refused for it.
 */
export function refusesForm(error: unknown, rows: readonly Body[]): error is ChangeSetRefusedError {
  if (!(error instanceof ChangeSetRefusedError)) return false;
  if (error.code === "projectionMissing" || error.code === "grantMissing") return false;
  if (namesProperty(error.message, rows)) return false;
  if (error.code === "ODP_NOT_IMPLEMENTED" || error.status === 501) return true;
  if (error.scope === "batch") return [400, 404, 405, 406, 415].includes(error.status);
  return asksForOrder(error.message);
}

/** Both wordings are seen: of the database ("Field [ORDER_NO] is mandatory ...") and of OData ("... must have a value"). */
const asksForOrder = (message: string): boolean =>
  /\b(order_?no|rma_?no|identity_?1)\b/i.test(message) &&
  /mandatory|required|requires|must have a value/i.test(message);

/** The rows never carry what only single requests do (the order's number), so that being asked for it is no such answer. */
function namesProperty(message: string, rows: readonly Body[]): boolean {
  if (/\bMaxLength\b/i.test(message)) return true;
  const words = new Set(message.match(/\w+/g) ?? []);
  return rows.some((row) => Object.keys(row).some((name) => words.has(name)));
}
