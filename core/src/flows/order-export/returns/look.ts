/** What the order says about its returns, and what IFS shows of them: reads alone, for what makes RMAs and for the dry run. */
import { type ConnectorConfig, returnModeOf } from "../../../domain/config.ts";
import { RefusedError, type Rejection } from "../../../domain/failure.ts";
import type { Contract, OrderId, OrderNo } from "../../../domain/ids.ts";
import type { IfsOrderDocument } from "../../../domain/ifs-records.ts";
import type { IfsReturnLookup } from "../../../domain/ifs-returns.ts";
import { type ReturnRecord, readReturns, returnReference } from "../../../domain/return-record.ts";
import type { Route } from "../../../domain/route-config.ts";
import { barredBy } from "../barred.ts";
import { positionOf } from "../claim-writer.ts";
import { routeFor } from "../judge.ts";
import { postTime } from "../posting.ts";
import { note, type Work } from "../work.ts";
import { type Due, returnsDue } from "./due.ts";
import { planReturns, type ReturnsPlan } from "./plan-returns.ts";
import { orderNotVisible, refusedReturn } from "./return-refusals.ts";

export type Returning = {
  readonly orderNo: OrderNo;
  readonly due: Extract<Due, { kind: "look" }>;
  readonly known: ReturnRecord;
};
/** Not one of this version's: nothing is written over it. */
export const FOREIGN = "foreign";

/** What the order alone says about its returns. */
export function dueOf(work: Work): Due | { readonly kind: typeof FOREIGN } {
  const { config, configVersion, channels } = work.deps.settings;
  const reading = readReturns(work.at.order, channels.returns ?? "");
  if (reading.kind === "unreadable") return { kind: FOREIGN };
  const { mode } = work.context;
  const now = work.deps.clock.now();
  return returnsDue({ order: work.order, record: reading.record, config, configVersion, mode, now });
}

export const recordOf = ({ deps, at }: Work): ReturnRecord => {
  const reading = readReturns(at.order, deps.settings.channels.returns ?? "");
  if (reading.kind === "unreadable") throw new Error("an unreadable record of returns was not refused");
  return reading.record;
};

export type Seen =
  | { readonly rejection: Rejection }
  | {
      readonly document: IfsOrderDocument;
      readonly lookup: IfsReturnLookup;
      readonly place: ReturnType<typeof placeOf>;
    };

/** A grant or a name that is missing is no outage: the order's other work goes on, and this is for a person. */
export async function seenInIfs(work: Work, returning: Returning, deadlineMs: number): Promise<Seen> {
  const { deps } = work;
  const route = await routeFor(deps, work.order);
  try {
    const document = await deps.ifsOrders.read(returning.orderNo, deadlineMs);
    if (!document) return { rejection: orderNotVisible(returning.orderNo) };
    const place = placeOf(work, document, route.ok ? route.value : undefined);
    const lookup = place.mode === "off" ? NOT_ASKED : await lookUp(work, returning, document.order.contract);
    return { document, lookup, place };
  } catch (error) {
    const barred = barredBy(error, "read");
    if (barred) throw barred;
    if (!(error instanceof RefusedError) || error.system !== "ifs") throw error;
    return { rejection: refusedReturn(error) };
  }
}

const NOT_ASKED: IfsReturnLookup = { found: [], ofOrder: [], unproven: "not asked" };

/** Policy and approver of the order's route; of an order that fits no route any more, those of its site. */
function placeOf({ deps }: Work, { order }: IfsOrderDocument, chosen: Route | undefined) {
  const { config } = deps.settings;
  const route = chosen ?? config.routes.find(({ site }) => site === order.contract);
  return {
    ...policyOf(config, route),
    approver: config.orders.afterExport.returns.approver ?? route?.coordinator,
  };
}

/** What becomes of returns, and the setting that says so. */
export const policyOf = (config: Pick<ConnectorConfig, "orders">, route: Route | undefined) => ({
  mode: returnModeOf(config, route),
  setting: route?.returns === undefined ? "orders.afterExport.returns.mode" : `routes["${route.name}"].returns`,
});

function lookUp(work: Work, { orderNo, due, known }: Returning, contract: Contract) {
  const { id } = work.at.order;
  const refs = new Set([...due.groups.map(({ ref }) => ref), ...known.returns.map(({ ref }) => ref)]);
  const query = {
    orderNo,
    contract,
    references: [...refs].map((ref) => returnReference(id, ref)),
    rmaNos: known.returns.flatMap(({ rmaNo }) => (rmaNo === "" ? [] : [rmaNo])),
  };
  note(work, "looked for returns", { references: query.references.length });
  return work.deps.ifsReturns.find(query, postTime(work));
}

/** What is to be done about what was seen. Pure. */
export function planOf(
  { deps, at }: Work,
  { due, known }: Returning,
  { document, lookup, place }: Extract<Seen, { readonly document: unknown }>,
): ReturnsPlan {
  const { config, activationStamp } = deps.settings;
  return planReturns({
    orderId: at.order.id,
    order: due.order,
    groups: due.groups,
    record: known,
    document,
    lookup,
    mode: place.mode,
    returns: config.orders.afterExport.returns,
    bySalesUnit: config.units.sellBySalesUnit,
    maxAttempts: config.orders.maxAttempts,
    activationStamp,
  });
}

/** What people call the order that an exchange names. */
export const exchangesOf =
  ({ deps }: Work) =>
  async (named: string): Promise<string> => {
    if (!/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(named)) return named;
    const other = await deps.orders.get(named as OrderId);
    if (other === undefined) return named;
    const { order, state } = positionOf(deps, other);
    const label = order.orderNumber ?? named;
    return state.orderNo === undefined ? label : `${label} (IFS order ${state.orderNo})`;
  };
