/**
 * What a shop may sell out of IFS stock, by the configured formula, with its terms, so that a person can read why.
 * The stock flow and the check at checkout use these functions and no others.
 *
 *   pool  = on hand (+ in transit) - reserved (sellable rows) - open demand - in flight   inventory units, may be negative
 *   units = floor(max(0, pool) x inverted factor / factor)                           sales units of one sales part
 *   target(channel) = its part of the units - its buffer, never below 0
 *
 * Source of the rules: IFS subtracts reservations only; demand that is not reserved yet, and orders that IFS does not hold
 * yet, have to come off as well.
 */
import {
  add,
  compare,
  type DecimalString,
  decimal,
  divide,
  floorToInteger,
  isNegative,
  isZero,
  multiply,
  subtract,
  ZERO,
} from "./decimal.ts";
import type { Contract, PartNo } from "./ids.ts";
import type { IfsDemandLine, IfsSalesPart, IfsStockRow } from "./ifs-records.ts";
import { daysLater } from "./local-date.ts";
import type { SkuChannel } from "./stock-class.ts";
import type { Pool } from "./stock-config.ts";

/** The formula's settings: the part of the configuration's `stock` section that this file reads. */
export type AvailabilityRules = {
  readonly pickingLocationTypes: readonly string[];
  readonly ownOwnership: readonly string[];
  readonly blockedAvailabilityControls: readonly string[];
  readonly demandStates: readonly string[];
  readonly minShelfLifeDays: number;
  /** Whether goods on their way to a place count there. */
  readonly inTransit: "leaveOut" | "count";
};

/** The rules of one pool: its own where it has them, else the general ones. */
export const rulesOf = ({ rules }: Pick<Pool, "rules">, general: AvailabilityRules): AvailabilityRules => ({
  pickingLocationTypes: rules.pickingLocationTypes ?? general.pickingLocationTypes,
  ownOwnership: rules.ownOwnership ?? general.ownOwnership,
  blockedAvailabilityControls: rules.blockedAvailabilityControls ?? general.blockedAvailabilityControls,
  demandStates: general.demandStates,
  minShelfLifeDays: rules.minShelfLifeDays ?? general.minShelfLifeDays,
  inTransit: rules.inTransit ?? general.inTransit,
});

/** Why the stock of a row can't be sold. A row that fails several tests is counted under the first one of this order. */
export const exclusionReasons = [
  "otherWarehouse",
  "otherLocation",
  "locationType",
  "project",
  "ownership",
  "frozen",
  "blocked",
  "expired",
] as const;
export type ExclusionReason = (typeof exclusionReasons)[number];

/** Beside rows that can't be sold: what is on its way to rows that can, where the rules leave it out. */
const notCounted = [...exclusionReasons, "inTransit"] as const;
export type NotCounted = (typeof notCounted)[number];

/** The stock of one part in one pool, inventory units. Nothing of commercetools is in it. */
export type PoolFigure = {
  readonly pool: string;
  readonly contract: Contract;
  readonly partNo: PartNo;
  /** Of the rows that can be sold. */
  readonly onHand: DecimalString;
  readonly reserved: DecimalString;
  /** On its way to these rows, where the rules count it; absent: nothing. */
  readonly inTransit?: DecimalString;
  /** On hand in rows that can't be sold, by reason, and what is left out because it is on its way; reasons without stock are absent. */
  readonly excluded: Readonly<Partial<Record<NotCounted, DecimalString>>>;
  /** Open quantity of order lines that IFS has not reserved. */
  readonly demand: DecimalString;
};

/** Undefined when the row can be sold out of the pool; `rules` are the pool's. `localDate` is today at the site, YYYY-MM-DD. */
export function exclusionOf(
  row: IfsStockRow,
  pool: Pick<Pool, "warehouses" | "locations">,
  { rules, localDate }: { readonly rules: AvailabilityRules; readonly localDate: string },
): ExclusionReason | undefined {
  const until = lastDayOfSale(row, rules);
  const fails: Record<ExclusionReason, boolean> = {
    otherWarehouse: pool.warehouses.length > 0 && !(row.warehouse !== null && pool.warehouses.includes(row.warehouse)),
    otherLocation: pool.locations.length > 0 && !pool.locations.includes(row.locationNo),
    locationType: row.locationType !== null && !rules.pickingLocationTypes.includes(row.locationType),
    project: row.projectId !== null && row.projectId !== "" && row.projectId !== "*",
    ownership: row.partOwnership !== null && !rules.ownOwnership.includes(row.partOwnership),
    frozen: row.frozen,
    blocked:
      row.availabilityControlId !== null && rules.blockedAvailabilityControls.includes(row.availabilityControlId),
    // Both are local dates, so text order is date order.
    expired: until !== undefined && until < localDate,
  };
  return exclusionReasons.find((reason) => fails[reason]);
}

/** A lot is usable up to and including its date, and sold as long as the buyer has `minShelfLifeDays` of it left. */
export const lastDayOfSale = (
  { expirationDate }: Pick<IfsStockRow, "expirationDate">,
  { minShelfLifeDays }: Pick<AvailabilityRules, "minShelfLifeDays">,
): string | undefined => {
  if (expirationDate === null) return undefined;
  return minShelfLifeDays === 0 ? expirationDate : daysLater(expirationDate, -minShelfLifeDays);
};

/**
 * Open, not reserved quantity of one IFS line in inventory units: `RevisedQtyDue + QtyShipdiff - QtyShipped - QtyAssigned`,
 * never below 0, because a line that was delivered in excess gives nothing back to the others.
 */
export function openQuantity(line: IfsDemandLine, rules: Pick<AvailabilityRules, "demandStates">): DecimalString {
  if (!rules.demandStates.includes(line.state)) return ZERO;
  const open = subtract(add(line.revisedQtyDue, line.qtyShipdiff), add(line.qtyShipped, line.qtyAssigned));
  return isNegative(open) ? ZERO : open;
}

/**
 * Rows and demand of one part at one site -> the figure of one of the site's pools. Rows and lines of other parts or sites are
 * a RangeError, because they would make the figure wrong without a trace.
 * Demand belongs to the site, not to a warehouse: each pool of the site bears all of it, which may understate, never overstate.
 */
export function poolFigure(
  pool: Pick<Pool, "name" | "site" | "warehouses" | "locations" | "rules">,
  partNo: PartNo,
  read: {
    readonly rows: readonly IfsStockRow[];
    readonly demand: readonly IfsDemandLine[];
    /** The general ones; what the pool has of its own comes first. */
    readonly rules: AvailabilityRules;
    readonly localDate: string;
  },
): PoolFigure {
  const rules = rulesOf(pool, read.rules);
  const contract = pool.site as Contract;
  for (const record of [...read.rows, ...read.demand]) {
    if (record.contract !== contract || record.partNo !== partNo) {
      throw new RangeError(`a record of ${record.contract}/${record.partNo} is no part of ${contract}/${partNo}`);
    }
  }
  let onHand = ZERO;
  let reserved = ZERO;
  let coming = ZERO;
  const excluded: Partial<Record<NotCounted, DecimalString>> = {};
  for (const row of read.rows) {
    const reason = exclusionOf(row, pool, { rules, localDate: read.localDate });
    if (reason === undefined) {
      onHand = add(onHand, row.qtyOnhand);
      reserved = add(reserved, row.qtyReserved);
      coming = add(coming, row.qtyInTransit ?? ZERO);
    } else if (!isZero(row.qtyOnhand)) {
      excluded[reason] = add(excluded[reason] ?? ZERO, row.qtyOnhand);
    }
  }
  const demand = add(ZERO, ...read.demand.map((line) => openQuantity(line, rules)));
  const figure = { pool: pool.name, contract, partNo, onHand, reserved, excluded, demand };
  if (isZero(coming)) return figure;
  if (rules.inTransit === "count") return { ...figure, inTransit: coming };
  return { ...figure, excluded: { ...excluded, inTransit: coming } };
}

/** What is left of a pool after orders that its figure does not contain. Inventory units; negative when more was sold than is there. */
export const poolAvailable = (figure: PoolFigure, inFlight: DecimalString): DecimalString =>
  subtract(add(figure.onHand, figure.inTransit ?? ZERO), add(figure.reserved, figure.demand, inFlight));

/** Inventory units per sales unit, as `factor / inverted`: IFS keeps both, so that a third of a metre is exact. */
export type UnitFactor = { readonly factor: DecimalString; readonly inverted: DecimalString };

export const ONE_TO_ONE: UnitFactor = { factor: decimal(1), inverted: decimal(1) };

/**
 * Undefined for a factor that is zero or negative: such a sales part can't be counted. Where one commercetools piece is one
 * inventory unit (`sellBySalesUnit` off), the factor of the sales part plays no role.
 */
export function unitFactor(
  part: Pick<IfsSalesPart, "convFactor" | "invertedConvFactor">,
  units: { readonly sellBySalesUnit: boolean },
): UnitFactor | undefined {
  if (!units.sellBySalesUnit) return ONE_TO_ONE;
  const positive = (value: DecimalString) => compare(value, ZERO) > 0;
  if (!positive(part.convFactor) || !positive(part.invertedConvFactor)) return undefined;
  return { factor: part.convFactor, inverted: part.invertedConvFactor };
}

export const toInventoryUnits = (salesUnits: number, by: UnitFactor): DecimalString =>
  divide(multiply(decimal(salesUnits), by.factor), by.inverted);

/** More than anybody stocks, and what a 32-bit quantity holds: a count beyond it is a slip of IFS, and must not end a run. */
export const MOST_UNITS = 2_000_000_000;

/**
 * Whole sales units in a quantity of inventory units; 0 for a negative quantity, at most `MOST_UNITS`. 35 pieces in boxes of 12
 * are 2.
 */
export function toSalesUnits(inventoryUnits: DecimalString, by: UnitFactor): number {
  if (isNegative(inventoryUnits)) return 0;
  const units = divide(multiply(inventoryUnits, by.inverted), by.factor);
  return compare(units, decimal(MOST_UNITS)) > 0 ? MOST_UNITS : floorToInteger(units);
}

type DividedChannel = Omit<SkuChannel, "terms" | "live" | "onSum">;

export type ChannelTarget = {
  readonly supplyChannel: string;
  /** Sales units that fall to the channel before its buffer. */
  readonly share: number;
  /** Sales units held back: those of the setting, or of its share where that is more. May exceed what there is. */
  readonly buffer: number;
  /** The SKU class that the buffer is of; undefined: the channel's own. */
  readonly bufferClass: string | undefined;
  readonly target: number;
};

/**
 * Whole sales units divided among a pool's channels by their shares. Shares that add up to more than 1 are scaled down to 1:
 * whatever is configured, the parts never add up to more than the units. Cumulative rounding leaves no unit over when they add
 * up to 1, so the last piece can be sold by somebody.
 */
export function divideAmongChannels(units: number, channels: readonly DividedChannel[]): ChannelTarget[] {
  const shares = channels.map(({ share }) => decimal(share));
  const sum = add(ZERO, ...shares);
  const divisor = compare(sum, decimal(1)) > 0 ? sum : decimal(1);
  let cumulative = ZERO;
  let given = 0;
  return channels.map(({ supplyChannel, buffer: least, bufferShare, bufferClass }, index) => {
    cumulative = add(cumulative, shares[index] ?? ZERO);
    const upTo = floorToInteger(divide(multiply(decimal(units), cumulative), divisor));
    const share = upTo - given;
    given = upTo;
    const buffer = bufferOf(share, { buffer: least, bufferShare });
    return { supplyChannel, share, buffer, bufferClass, target: Math.max(0, share - buffer) };
  });
}

/** Units held back of so many. */
export const bufferOf = (units: number, { buffer, bufferShare }: { buffer: number; bufferShare: number }): number =>
  Math.max(buffer, units - withoutPart(units, bufferShare));

/** Rounded down: what is held back is never less than its share. */
const withoutPart = (units: number, part: number): number =>
  floorToInteger(multiply(decimal(units), subtract(decimal(1), decimal(part))));

/** The figure that one inventory entry should show, with everything that led to it. */
export type Availability = PoolFigure &
  ChannelTarget & {
    /** Inventory units of orders that the figure does not contain. */
    readonly inFlight: DecimalString;
    /** What is left, inventory units; kept also where it is negative and the target therefore 0. */
    readonly raw: DecimalString;
    readonly factor: UnitFactor;
    /** Whole sales units of the pool, or what falls to the SKU of them. */
    readonly units: number;
    /** Where several SKUs draw on the part, or the SKU on several parts. */
    readonly shared?: SharedUnits;
    /** Why nothing can be sold whatever there is. */
    readonly ended?: string;
  };

export type SharedUnits = {
  /** Whole sales units that fall to the SKU. */
  readonly units: number;
  /** SKUs of the shop that draw on the part, this one included. */
  readonly sharers: number;
  /** Of a kit: how many parts limit it. The figure is that of the scarcest. */
  readonly components?: number;
};

/** The targets of all channels of a pool for one sales part. */
export function availabilityOf(
  figure: PoolFigure,
  channels: readonly DividedChannel[],
  sold: Pick<Availability, "inFlight" | "factor" | "shared" | "ended">,
): Availability[] {
  const raw = poolAvailable(figure, sold.inFlight);
  const units = sold.ended === undefined ? (sold.shared?.units ?? toSalesUnits(raw, sold.factor)) : 0;
  const { inFlight, factor, shared, ended } = sold;
  const terms = { inFlight, factor, ...(shared && { shared }), ...(ended !== undefined && { ended }) };
  return divideAmongChannels(units, channels).map((channel) => ({ ...figure, ...channel, ...terms, raw, units }));
}

/** "on hand 20, reserved 5, demand 0, in flight 3: 12", for people; terms that are zero and change nothing are left out. */
export function explain(availability: Availability): string {
  const { onHand, reserved, demand, inFlight, excluded, raw, units, share, buffer, target, bufferClass } = availability;
  const components = availability.shared?.components;
  const terms = [`${components === undefined ? "" : `scarcest component ${availability.partNo}: `}on hand ${onHand}`];
  if (availability.inTransit !== undefined) terms.push(`in transit ${availability.inTransit}`);
  const minus: [string, DecimalString][] = [
    ["reserved", reserved],
    ["demand", demand],
    ["in flight", inFlight],
  ];
  for (const [name, value] of minus) if (!isZero(value)) terms.push(`${name} ${value}`);
  const left = notCounted.flatMap((reason) => (excluded[reason] ? [`${reason} ${excluded[reason]}`] : []));
  const steps = [`${terms.join(", ")}: ${raw}`];
  if (left.length > 0) steps.push(`not counted: ${left.join(", ")}`);
  steps.push(...unitSteps(availability));
  if (share !== units) steps.push(`part of this channel: ${share}`);
  if (buffer > 0) steps.push(`buffer ${bufferClass ? `of ${bufferClass} ` : ""}${buffer}: ${target}`);
  return steps.join("; ");
}

/** From inventory units to the SKU's own. */
function unitSteps({ raw, factor, units, shared, ended }: Availability): string[] {
  const steps: string[] = [];
  if (compare(factor.factor, factor.inverted) !== 0) {
    const each = isOne(factor.inverted) ? factor.factor : `${factor.factor}/${factor.inverted}`;
    steps.push(`${each} per sales unit: ${toSalesUnits(raw, factor)}`);
  }
  if (ended !== undefined) steps.push(`${ended}: 0`);
  else if (shared && shared.sharers > 1) steps.push(`divided among ${shared.sharers} SKUs: ${units}`);
  return steps;
}

const isOne = (value: DecimalString): boolean => compare(value, decimal(1)) === 0;
