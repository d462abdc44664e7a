/**
 * A line that IFS takes back from its reservation between the read of the demand and the read of the stock is in neither: the demand
 * still shows it reserved, the stock no longer does. So before an entry is raised, lines that were reserved are looked at once more:
 * one that has changed may have been open in between, with all that was not delivered of it.
 */
import { openQuantity } from "../../domain/availability.ts";
import { add, type DecimalString, isNegative, isZero, subtract, ZERO } from "../../domain/decimal.ts";
import type { IfsDemandLine } from "../../domain/ifs-records.ts";
import type { Current, MissedUnits } from "./current.ts";
import { movedBetweenSites } from "./joint-second-look.ts";
import type { Desired, SiteFigures } from "./map.ts";
import { isRaise, planEntries } from "./plan.ts";
import type { SiteRun } from "./site-run.ts";

type Seen = { readonly desired: readonly Desired[]; readonly figures: SiteFigures; readonly current: Current };

/** What was read, with the units that the figures may have missed. Asks IFS only where an entry would be raised past a reservation. */
export async function lookAgain(run: SiteRun, { desired, figures, current }: Seen): Promise<Current> {
  const sites = [{ site: run, figures }, ...peersIn(run, figures)].flatMap(({ site, figures: { demand } }) => {
    const reserved = demand.filter(({ qtyAssigned }) => !isZero(qtyAssigned));
    return reserved.length === 0 ? [] : [{ site, reserved }];
  });
  if (sites.length === 0 && !figures.peers) return current;
  const raised = planEntries(desired, current).changes.flatMap(({ apply }) =>
    isRaise(apply) ? [apply.desired, ...(apply.desired.joint?.parts ?? [])] : [],
  );
  const missed = await movedBetweenSites(run, raised);
  for (const { site, reserved } of sites) {
    const own = raised.filter(({ figure }) => figure.contract === site.contract);
    const partsRaised = new Set(own.flatMap(({ part }) => part.draws.map(({ partNo }) => partNo)));
    const suspects = reserved.filter(({ partNo }) => partsRaised.has(partNo));
    if (suspects.length === 0) continue;
    const partNos = [...new Set(suspects.map(({ partNo }) => partNo))];
    const now = await site.deps.stock.openDemand(site.contract, partNos);
    missed.push(...missedUnits(suspects, now, { current, stock: run.deps.config.stock }));
  }
  return missed.length === 0 ? current : { ...current, missed };
}

const peersIn = ({ together }: SiteRun, { peers = [] }: SiteFigures) =>
  peers.flatMap(({ contract, figures }) => {
    const site = together.find((one) => one.contract === contract);
    return site ? [{ site, figures }] : [];
  });

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
    return isZero(quantity)
      ? []
      : [{ contract: line.contract, partNo: line.partNo, supplyChannelId: undefined, quantity }];
  });
}

const positive = (value: DecimalString): DecimalString => (isNegative(value) ? ZERO : value);

const keyOf = ({ orderNo, lineNo, relNo, lineItemNo }: IfsDemandLine): string =>
  JSON.stringify([orderNo, lineNo, relNo, lineItemNo]);

const fingerprintOf = (line: IfsDemandLine): string => {
  const { etag, state, revisedQtyDue, qtyAssigned, qtyShipped, qtyShipdiff } = line;
  return JSON.stringify([etag, state, revisedQtyDue, qtyAssigned, qtyShipped, qtyShipdiff]);
};
