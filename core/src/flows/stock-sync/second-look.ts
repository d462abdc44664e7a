/**
 * A line that IFS takes back from its reservation between the read of the demand and the read of the stock is in neither: the demand
 * still shows it reserved, the stock no longer does. So before an entry is raised, lines that were reserved are looked at once more:
 * one that has changed may have been open in between, with all that was not delivered of it.
 */
import { openQuantity } from "../../domain/availability.ts";
import { add, type DecimalString, isNegative, isZero, subtract, ZERO } from "../../domain/decimal.ts";
import type { IfsDemandLine } from "../../domain/ifs-records.ts";
import type { Current, MissedUnits } from "./current.ts";
import type { Desired, SiteFigures } from "./map.ts";
import { isRaise, planEntries } from "./plan.ts";
import type { SiteRun } from "./site-run.ts";

type Seen = { readonly desired: readonly Desired[]; readonly figures: SiteFigures; readonly current: Current };

/** What was read, with the units that the figures may have missed. Asks IFS only where an entry would be raised past a reservation. */
export async function lookAgain(run: SiteRun, { desired, figures, current }: Seen): Promise<Current> {
  const reserved = figures.demand.filter(({ qtyAssigned }) => !isZero(qtyAssigned));
  if (reserved.length === 0) return current;
  const raised = new Set(
    planEntries(desired, current).changes.flatMap(({ apply }) =>
      isRaise(apply) ? apply.desired.part.draws.map(({ partNo }) => partNo) : [],
    ),
  );
  const suspects = reserved.filter(({ partNo }) => raised.has(partNo));
  if (suspects.length === 0) return current;
  const partNos = [...new Set(suspects.map(({ partNo }) => partNo))];
  const now = await run.deps.stock.openDemand(run.contract, partNos);
  return { ...current, missed: missedUnits(suspects, now, { current, stock: run.deps.config.stock }) };
}

/** Pure: of each line that is not as it was, what it may have wanted beyond what the figure and the orders in flight account for. */
function missedUnits(
  before: readonly IfsDemandLine[],
  after: readonly IfsDemandLine[],
  { current, stock }: { readonly current: Current; readonly stock: { readonly demandStates: readonly string[] } },
): MissedUnits[] {
  const known = new Map(after.map((line) => [keyOf(line), fingerprintOf(line)]));
  return before.flatMap((line) => {
    if (known.get(keyOf(line)) === fingerprintOf(line)) return [];
    const inFlight =
      current.inFlight.find(({ lineId, partNo }) => lineId === line.lineRef && partNo === line.partNo)?.quantity ??
      ZERO;
    const wanted = subtract(add(line.revisedQtyDue, line.qtyShipdiff), line.qtyShipped);
    const quantity = positive(subtract(wanted, add(openQuantity(line, stock), inFlight)));
    return isZero(quantity) ? [] : [{ partNo: line.partNo, supplyChannelId: undefined, quantity }];
  });
}

const positive = (value: DecimalString): DecimalString => (isNegative(value) ? ZERO : value);

const keyOf = ({ orderNo, lineNo, relNo, lineItemNo }: IfsDemandLine): string =>
  JSON.stringify([orderNo, lineNo, relNo, lineItemNo]);

const fingerprintOf = (line: IfsDemandLine): string => {
  const { etag, state, revisedQtyDue, qtyAssigned, qtyShipped, qtyShipdiff } = line;
  return JSON.stringify([etag, state, revisedQtyDue, qtyAssigned, qtyShipped, qtyShipdiff]);
};
