/**
 * Which rows of an IFS customer's communication methods have to be added, changed or ended. IFS numbers these rows itself, so ours are
 * told by their mark: a row without it is somebody else's and is never touched. Pure.
 */
import type { CustomerChangesConfig } from "../../domain/customer-config.ts";
import {
  type CommKind,
  commKinds,
  type IfsCommChange,
  type IfsCommDraft,
  type IfsCommRow,
} from "../../domain/ifs-customers.ts";
import type { WantedCommunication } from "./map.ts";
import { decideField, type Lost, type Written } from "./plan.ts";

export type CommWrite = { readonly row: IfsCommRow; readonly change: IfsCommChange; readonly written: Written };
export type CommAdd = { readonly draft: IfsCommDraft; readonly written: Written };
export type CommPlan = {
  readonly add: readonly CommAdd[];
  readonly change: readonly CommWrite[];
  readonly lost: readonly Lost[];
};

export const noCommunication: CommPlan = { add: [], change: [], lost: [] };

type Given = {
  readonly wanted: WantedCommunication;
  readonly changes: CustomerChangesConfig;
  /** YYYY-MM-DD at the customer's site. */
  readonly today: string;
};

export function planCommunication(rows: readonly IfsCommRow[], given: Given): CommPlan {
  const plans = commKinds
    .filter((kind) => given.changes.communication.rows.includes(kind))
    .map((kind) => planKind(kind, rows, given));
  return {
    add: plans.flatMap(({ add }) => add),
    change: plans.flatMap(({ change }) => change),
    lost: plans.flatMap(({ lost }) => lost),
  };
}

export const nameOf = (kind: CommKind): string => `communication ${kind}`;

const isOver = ({ validTo }: IfsCommRow, today: string): boolean => typeof validTo === "string" && validTo <= today;

/** The order in which IFS numbered them, so that every worker takes the same row for the first. */
function byNumber({ commId: a }: IfsCommRow, { commId: b }: IfsCommRow): number {
  if (a.length !== b.length && /^\d+$/.test(a + b)) return a.length - b.length;
  return a < b ? -1 : 1;
}

/** What people type is compared without spaces and case; our own row has to say exactly what the shop says. */
const same = (a: string, b: string): boolean => plain(a) === plain(b);
const plain = (value: string): string => value.replaceAll(/\s/g, "").toLowerCase();

function planKind(kind: CommKind, rows: readonly IfsCommRow[], { wanted: all, changes, today }: Given): CommPlan {
  const { methods, mark } = changes.communication;
  const methodId = methods[kind];
  const ofKind = rows.filter((row) => row.methodId === methodId);
  const [own, ...surplus] = ofKind.filter((row) => row.mark === mark).toSorted(byNumber);
  const theirs = ofKind.filter((row) => row.mark !== mark && !isOver(row, today));
  const wanted = all[kind];
  const field = nameOf(kind);
  const rule = { owner: changes.owners[kind], clear: changes.clear.includes(kind) };
  // Two creates of which one was given up too early: the first one stays, so that a change has one row to go to.
  const ended = surplus.flatMap((row) => endOf(row, field, today));
  if (own === undefined) {
    const there = wanted !== undefined && theirs.some(({ value }) => same(value, wanted));
    const current = theirs[0]?.value ?? null;
    const decision = there ? NOTHING : decideField({ wanted, current }, { ...rule, clear: false });
    if (decision.kind === "lost") return { ...noCommunication, lost: [lost(field, decision.value)] };
    if (decision.kind !== "write") return noCommunication;
    const draft = { methodId, value: decision.to, mark, isDefault: theirs.length === 0 };
    return { ...noCommunication, add: [{ draft, written: { field, to: decision.to, was: "" } }] };
  }
  const over = isOver(own, today);
  const decision = decideField({ wanted, current: over || own.value === "" ? null : own.value }, rule);
  if (decision.kind === "lost") return { add: [], change: ended, lost: [lost(field, decision.value)] };
  if (decision.kind !== "write") return { ...noCommunication, change: ended };
  if (decision.to === "") return { ...noCommunication, change: [...endOf(own, field, today), ...ended] };
  const change = { value: decision.to, ...(over && { validTo: null }) };
  const written = { field, to: decision.to, was: decision.was };
  return { ...noCommunication, change: [{ row: own, change, written }, ...ended] };
}

const NOTHING = { kind: "nothing" } as const;

const lost = (field: string, value: string): Lost => ({ field, side: "commercetools", value });

/** Where the tenant has no field for it, nothing can end. */
const endOf = (row: IfsCommRow, field: string, today: string): CommWrite[] =>
  row.validTo === undefined || isOver(row, today)
    ? []
    : [{ row, change: { validTo: today }, written: { field, to: "", was: row.value } }];
