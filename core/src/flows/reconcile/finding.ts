/** What the ledger can find, and the sums of a run. */

/**
 * - `missing`: not in IFS. - `double`: several live IFS orders. - `notLinked`: in IFS, and the shop's order does not say so.
 * - `linkNotFound`: linked, and IFS does not show that order, or it belongs to another. - `cancelledOnOneSide`.
 * - `differentTotal`, `differentQuantities`: linked, and not the same. - `orphan`: IFS has our reference, commercetools no order.
 * - `returnMissing`, `returnDouble`, `returnNotLinked`: the same of a return and its RMA.
 */
export const findingKinds = [
  "missing",
  "double",
  "notLinked",
  "linkNotFound",
  "cancelledOnOneSide",
  "differentTotal",
  "differentQuantities",
  "orphan",
  "returnMissing",
  "returnDouble",
  "returnNotLinked",
] as const;
export type FindingKind = (typeof findingKinds)[number];

/**
 * Why it is so, as far as the connector knows: `gate` the merchant's export rule, `claim` being worked on or in doubt,
 * `exception` an open one, `recent` changed a moment ago, `policy` configured so, `foreign` of another project or
 * installation on the same site, `notProven` IFS shows nothing at all.
 */
export const reasonKinds = ["gate", "claim", "exception", "recent", "policy", "foreign", "notProven"] as const;
export type ReasonKind = (typeof reasonKinds)[number];

export type Finding = {
  readonly kind: FindingKind;
  /** commercetools order id; of an orphan, the reference in IFS. */
  readonly orderId: string;
  readonly label: string;
  readonly orderNos: readonly string[];
  /** Seconds since the shop's order was created; null for an orphan. */
  readonly ageSeconds: number | null;
  /** One sentence for people. */
  readonly detail: string;
  /** null: unexplained. A double never has a reason. */
  readonly reason: { readonly kind: ReasonKind; readonly text: string } | null;
  /** Of a double: the IFS order to keep. */
  readonly keep?: string;
};

export type LedgerCounts = {
  /** commercetools orders of the period, all. */
  readonly orders: number;
  /** Cancelled on the shop's side and not alive in IFS. */
  readonly cancelled: number;
  /** Taken out of scope by a person. */
  readonly ignored: number;
  /** In IFS exactly once, linked, and equal. */
  readonly linkedOnce: number;
  /** IFS orders looked at for the way back. */
  readonly ifsOrders: number;
  readonly findings: Readonly<Record<FindingKind, number>>;
  /** Of the findings, by reason. */
  readonly explained: Readonly<Record<ReasonKind, number>>;
  /** Findings without a reason. Both systems agree, or tell why not, only where this is zero. */
  readonly unexplained: number;
};

type Mutable = {
  orders: number;
  cancelled: number;
  ignored: number;
  linkedOnce: number;
  ifsOrders: number;
  findings: Record<FindingKind, number>;
  explained: Record<ReasonKind, number>;
  unexplained: number;
};

export type OrderVerdict = {
  readonly state: "cancelled" | "ignored" | "linkedOnce" | "finding";
  readonly findings: readonly Finding[];
};

export function startTally() {
  const zeros = <K extends string>(names: readonly K[]) =>
    Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;
  const counts: Mutable = {
    orders: 0,
    cancelled: 0,
    ignored: 0,
    linkedOnce: 0,
    ifsOrders: 0,
    findings: zeros(findingKinds),
    explained: zeros(reasonKinds),
    unexplained: 0,
  };
  const find = ({ kind, reason }: Finding): void => {
    counts.findings[kind] += 1;
    if (reason) counts.explained[reason.kind] += 1;
    else counts.unexplained += 1;
  };
  return {
    order({ state, findings }: OrderVerdict): void {
      counts.orders += 1;
      if (state !== "finding") counts[state] += 1;
      for (const finding of findings) find(finding);
    },
    ifsPage(rows: number, findings: readonly Finding[]): void {
      counts.ifsOrders += rows;
      for (const finding of findings) find(finding);
    },
    counts: (): LedgerCounts => structuredClone(counts),
  };
}
