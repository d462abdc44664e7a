/** A message is only a hint: the order is read again, whatever arrives, however often, in whatever order. */
import type { OrderId } from "../../domain/ids.ts";
import type { OrderEventDeps } from "./deps.ts";
import { type ExportContext, type ExportOutcome, exportOrder } from "./run.ts";

export type OrderHint = { readonly resourceTypeId: string; readonly resourceId: string };

/**
 * One outcome for each order that the message is about; none for other resources. Throws what `exportOrder` throws (first
 * failure after all orders had their turn), so that the message comes again.
 */
export async function handleOrderEvent(
  deps: OrderEventDeps,
  hint: OrderHint,
  context: ExportContext,
): Promise<ExportOutcome[]> {
  const outcomes: ExportOutcome[] = [];
  let failure: { readonly error: unknown } | undefined;
  for (const id of await ordersOf(deps, hint)) {
    try {
      outcomes.push(await exportOrder(deps, id, context));
    } catch (error) {
      failure ??= { error };
      deps.refused(id, error);
    }
  }
  if (failure) throw failure.error;
  return outcomes;
}

async function ordersOf(deps: OrderEventDeps, { resourceTypeId, resourceId }: OrderHint): Promise<OrderId[]> {
  if (resourceTypeId === "order") return [resourceId as OrderId];
  if (resourceTypeId !== "payment") return [];
  return (await deps.ordersByPayment(resourceId)).map(({ id }) => id as OrderId);
}
