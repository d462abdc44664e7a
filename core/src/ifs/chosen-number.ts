/** Order numbers of our own: asked for where the write probe has shown that IFS takes them, and understood where one is taken. */
import { ConflictError, OrderExistsError, RefusedError, UnknownOutcomeError } from "../domain/failure.ts";
import type { OrderNo } from "../domain/ids.ts";
import type { IfsOrderDocument, IfsOrderDraft } from "../domain/ifs-records.ts";
import type { TimedSignal } from "../runtime/limit.ts";
import type { IfsClient } from "./client.ts";

type Create = (draft: IfsOrderDraft, orderNo: OrderNo | undefined, signal: TimedSignal) => Promise<IfsOrderDocument>;
type ReadOrder = (orderNo: OrderNo, signal: TimedSignal) => Promise<IfsOrderDocument | undefined>;

/**
 * `create` under the first number of the draft that no other order has; without a number where the tenant chooses. Throws an
 * OrderExistsError where one of them is this very order: nothing was created now.
 */
export function createWithNumber(
  { capabilities, logger }: Pick<IfsClient, "capabilities" | "logger">,
  { create, read }: { readonly create: Create; readonly read: ReadOrder },
) {
  let asked = capabilities.answers.orderNoChosen === "yes";

  /** Undefined: another order has this number, or IFS takes none. */
  async function tryNumber(
    draft: IfsOrderDraft,
    orderNo: OrderNo,
    signal: TimedSignal,
  ): Promise<IfsOrderDocument | undefined> {
    try {
      return await create(draft, orderNo, signal);
    } catch (error) {
      if (saysExists(error)) await requireForeign(orderNo, { ref: draft.header.externalRef, refusal: error }, signal);
      else if (refusesNumbers(error)) asked = false;
      else throw error;
      logger.warn({ orderNo, refusal: error.message }, "ifs-order-number-refused");
      return undefined;
    }
  }

  return async (draft: IfsOrderDraft, signal: TimedSignal): Promise<IfsOrderDocument> => {
    for (const orderNo of draft.header.orderNos ?? []) {
      const made = asked ? await tryNumber(draft, orderNo, signal) : undefined;
      if (made) return made;
    }
    return create(draft, undefined, signal);
  };

  /** Returns where the order of that number is another one's. */
  async function requireForeign(
    orderNo: OrderNo,
    { ref, refusal }: { readonly ref: string; readonly refusal: Error },
    signal: TimedSignal,
  ): Promise<void> {
    const found = await read(orderNo, signal);
    if (found?.order.externalRef === ref) throw new OrderExistsError(orderNo);
    if (found) return;
    if (refusal instanceof ConflictError) throw refusal;
    // IFS says that it is there, and shows nothing of it: what it is, only a later look can tell.
    throw new UnknownOutcomeError(`IFS says that order ${orderNo} exists, and it is not visible`, { cause: refusal });
  }
}

/** The tenant has changed since it was probed; nothing was created. */
const refusesNumbers = (error: unknown): error is RefusedError =>
  error instanceof RefusedError && /\bORDER_?NO\b.*may not be specified/i.test(error.message);

/** The key of the header, not of one of its rows. `ORA-00001` is the database's own word for it. */
function saysExists(error: unknown): error is RefusedError | ConflictError {
  if (error instanceof ConflictError) return true;
  if (!(error instanceof RefusedError)) return false;
  const [, unit] = /^ORA-\d{5} (\w+)\./.exec(error.code) ?? [];
  if (unit !== undefined && unit !== "CustomerOrder") return false;
  return /^ORA-(20112|00001)\b|_EXIST\b/.test(error.code) || /already exist/i.test(error.message);
}
