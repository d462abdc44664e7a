/**
 * Three ways: what an amendment was planned against, what it makes, and what IFS shows now. A field that is none of the first two was
 * changed by somebody in IFS, and is not overwritten. Pure.
 */
import { createHash } from "node:crypto";
import type { AmendmentRecord } from "../../domain/amendment-record.ts";
import { decimal } from "../../domain/decimal.ts";
import { type AmendableOrder, type IfsAddress, type IfsOrderHead, lineKeyOf } from "../../domain/ifs-records.ts";
import { type Amendment, invoiceLine } from "./plan-amendment.ts";

export type Known = AmendmentRecord["known"];

const digest = (value: unknown): string =>
  createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);

type Row = { readonly catalogNo: string; readonly buyQtyDue: string };
const lineDigest = ({ catalogNo, buyQtyDue }: Row, amounts: { net: string; gross: string }): string =>
  digest([catalogNo, decimal(buyQtyDue), decimal(amounts.net), decimal(amounts.gross)]);

const headFields = ["customerPoNo", "custRef", "noteText"] as const;
/** Of the note only the line of the invoice address is ours. */
const headDigest = (field: keyof IfsOrderHead, value: string | null | undefined): string =>
  digest([field, (field === "noteText" ? invoiceLine(value ?? "") : value) ?? ""]);
const addressDigest = (field: keyof IfsAddress, value: string | undefined): string => digest([field, value ?? ""]);

/** What IFS shows of each field that an amendment may write. */
function shown({ document, head, shipTo }: AmendableOrder): Map<string, string> {
  const lines = document.lines.map((line): [string, string] => [
    `line ${lineKeyOf(line)}`,
    lineDigest(line, { net: line.netAmountCurr, gross: line.grossAmountCurr }),
  ]);
  const address = Object.entries(shipTo ?? {}).map(([field, value]): [string, string] => [
    `address ${field}`,
    addressDigest(field as keyof IfsAddress, value),
  ]);
  const heads = headFields.map((field): [string, string] => [`head ${field}`, headDigest(field, head[field])]);
  return new Map([...lines, ...address, ...heads]);
}

/** What the writes of a plan make of their fields. A line that is added has no key yet, so it is known by its reference. */
function made({ change, makes }: Amendment, found: AmendableOrder): [string, string][] {
  switch (change.kind) {
    case "cancelLine":
      return [];
    case "addLine":
      return makes ? [[`added ${change.line.lineRef}`, lineDigest(change.line, makes)]] : [];
    case "changeLine":
      return makes ? [[`line ${lineKeyOf(change.line)}`, lineDigest(change.to, makes)]] : [];
    case "changeHead":
      return Object.entries(change.to).map(([field, value]) => [
        `head ${field}`,
        headDigest(field as keyof IfsOrderHead, value),
      ]);
    case "changeAddress":
      return addressFieldsOf(found).map((field) => [`address ${field}`, addressDigest(field, change.to[field])]);
  }
}

const differingIn = (to: IfsAddress, found: AmendableOrder) =>
  addressFieldsOf(found).filter((field) => (to[field] ?? "") !== found.shipTo?.[field]);

const addressFieldsOf = ({ shipTo }: AmendableOrder) => Object.keys(shipTo ?? {}) as (keyof IfsAddress)[];

/** `before`: what an earlier piece of work on the same amendment kept; without it, what IFS shows is what is planned against. */
export function knownOf(found: AmendableOrder, amendments: readonly Amendment[], before?: Known): Known {
  const known = new Map(Object.entries(before ?? {}).map(([field, digests]) => [field, new Set(digests)]));
  const learn = (field: string, value: string) => known.set(field, (known.get(field) ?? new Set<string>()).add(value));
  if (!before) for (const [field, value] of shown(found)) learn(field, value);
  for (const amendment of amendments) for (const [field, value] of made(amendment, found)) learn(field, value);
  return Object.fromEntries([...known].map(([field, digests]) => [field, [...digests]]));
}

/** A write that would overwrite what somebody changed in IFS: the field, and what was to be changed, without personal data. */
export type Theirs = { readonly field: string; readonly cause: string };

export type Split = { readonly ours: readonly Amendment[]; readonly theirs: readonly Theirs[] };

/** Takes out of a plan what would overwrite the work of others. */
export function splitAmendments(amendments: readonly Amendment[], found: AmendableOrder, known: Known): Split {
  const now = shown(found);
  const isTheirs = (field: string, alsoKnownAs = field): boolean => {
    const value = now.get(field);
    return value !== undefined && ![field, alsoKnownAs].some((name) => known[name]?.includes(value));
  };
  const ours: Amendment[] = [];
  const theirs: Theirs[] = [];
  for (const amendment of amendments) {
    const left = withoutTheirs(amendment, found, { known, isTheirs, theirs });
    if (left) ours.push(left);
  }
  return { ours, theirs };
}

type Sorting = {
  readonly known: Known;
  readonly isTheirs: (field: string, alsoKnownAs?: string) => boolean;
  /** Added to. */
  readonly theirs: Theirs[];
};

/** Undefined: nothing of it is left. */
function withoutTheirs(
  amendment: Amendment,
  found: AmendableOrder,
  { known, isTheirs, theirs }: Sorting,
): Amendment | undefined {
  const { change, cause } = amendment;
  switch (change.kind) {
    case "addLine":
      return amendment;
    case "cancelLine":
    case "changeLine": {
      const field = `line ${lineKeyOf(change.line)}`;
      const asAdded = `added ${change.line.lineRef}`;
      if (!isTheirs(field, asAdded)) return amendment;
      theirs.push({ field: asAdded in known ? asAdded : field, cause });
      return undefined;
    }
    case "changeHead": {
      const fields = Object.keys(change.to) as (keyof IfsOrderHead)[];
      const foreign = fields.filter((field) => isTheirs(`head ${field}`));
      theirs.push(...foreign.map((field) => ({ field: `head ${field}`, cause: field })));
      const kept = fields.filter((field) => !foreign.includes(field));
      if (kept.length === 0) return undefined;
      const to = Object.fromEntries(kept.map((field) => [field, change.to[field]]));
      return { ...amendment, change: { kind: "changeHead", to } };
    }
    case "changeAddress": {
      const { shipTo = {} } = found;
      const differing = differingIn(change.to, found);
      const foreign = differing.filter((field) => isTheirs(`address ${field}`));
      theirs.push(...foreign.map((field) => ({ field: `address ${field}`, cause: `delivery address: ${field}` })));
      if (foreign.length === differing.length) return undefined;
      const kept = Object.fromEntries(foreign.map((field) => [field, shipTo[field]]));
      return { ...amendment, change: { kind: "changeAddress", to: { ...change.to, ...kept } } };
    }
  }
}

/** The fields that a write touches, as `Theirs` names them; of an added line its reference. */
export function fieldsOf({ change }: Amendment, found: AmendableOrder): string[] {
  switch (change.kind) {
    case "addLine":
      return [`added ${change.line.lineRef}`];
    case "cancelLine":
    case "changeLine":
      return [`line ${lineKeyOf(change.line)}`];
    case "changeHead":
      return Object.keys(change.to).map((field) => `head ${field}`);
    case "changeAddress":
      return differingIn(change.to, found).map((field) => `address ${field}`);
  }
}
