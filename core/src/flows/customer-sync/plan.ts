/** What has to be written in IFS, and which values lose: by the owner of each field. Pure. */
import type { CustomerChangesConfig, CustomersConfig, FieldOwner } from "../../domain/customer-config.ts";
import {
  addressTexts,
  cardFields,
  type IfsAddressChange,
  type IfsAddressRow,
  type IfsAddressText,
  type IfsCardChange,
  type IfsCardField,
  type IfsCustomerAddress,
  type IfsCustomerCard,
} from "../../domain/ifs-customers.ts";
import { isBookAddress } from "../customer-number.ts";
import type { Wanted, WantedAddress } from "./map.ts";

/** A value that did not get its way. `side`: whose it was. */
export type Lost = { readonly field: string; readonly side: "commercetools" | "ifs"; readonly value: string };

/** A value that goes to IFS, with what was there before. */
export type Written = { readonly field: string; readonly to: string; readonly was: string };

type Values = {
  readonly wanted: string | undefined;
  /** undefined: the tenant has no such field. */
  readonly current: string | null | undefined;
};
type Rule = { readonly owner: FieldOwner; readonly clear: boolean; readonly same?: (a: string, b: string) => boolean };

type Decision =
  | { readonly kind: "nothing" }
  | { readonly kind: "write"; readonly to: string; readonly was: string }
  | { readonly kind: "lost"; readonly value: string };

const NOTHING: Decision = { kind: "nothing" };

/** Equal values need nothing, the owner's value counts, and of no value nothing is written but where asked. */
export function decideField({ wanted, current }: Values, { owner, clear, same = equal }: Rule): Decision {
  if (current === undefined) return NOTHING;
  if (wanted === undefined) {
    const emptied = owner === "commercetools" && clear && current !== null;
    return emptied ? { kind: "write", to: "", was: current } : NOTHING;
  }
  if (current !== null && same(current, wanted)) return NOTHING;
  if (owner === "commercetools" || (owner === "firstWins" && current === null)) {
    return { kind: "write", to: wanted, was: current ?? "" };
  }
  return { kind: "lost", value: wanted };
}

const equal = (a: string, b: string): boolean => a === b;
/** Spaces and case of a VAT number mean nothing. */
const sameVat = (a: string, b: string): boolean =>
  a.replaceAll(/\s/g, "").toUpperCase() === b.replaceAll(/\s/g, "").toUpperCase();

export type CardPlan = {
  readonly change: IfsCardChange;
  readonly written: readonly Written[];
  readonly lost: readonly Lost[];
};

const clearable = (field: IfsCardField, { clear }: CustomerChangesConfig): boolean =>
  (clear as readonly string[]).includes(field);

/** `reference` is always ours: it says whose customer it is. */
function ruleOf(field: IfsCardField, changes: CustomerChangesConfig): Rule {
  if (field === "reference") return { owner: "commercetools", clear: false };
  const rule = { owner: changes.owners[field], clear: clearable(field, changes) };
  return field === "vatNo" ? { ...rule, same: sameVat } : rule;
}

export function planCard(
  card: IfsCustomerCard,
  wanted: Pick<Wanted, "fields" | "extra">,
  changes: CustomerChangesConfig,
): CardPlan {
  const fields: Partial<Record<IfsCardField, string>> = {};
  const extra: Record<string, string | number | boolean> = {};
  const written: Written[] = [];
  const lost: Lost[] = [];
  for (const field of cardFields) {
    const decision = decideField({ wanted: wanted.fields[field], current: card[field] }, ruleOf(field, changes));
    if (decision.kind === "lost") lost.push({ field, side: "commercetools", value: decision.value });
    if (decision.kind !== "write") continue;
    fields[field] = decision.to;
    written.push({ field, to: decision.to, was: decision.was });
  }
  for (const [field, value] of Object.entries(wanted.extra)) {
    const values = { wanted: String(value), current: card.extra[field] ?? null };
    const decision = decideField(values, { owner: changes.owners.fields, clear: false });
    if (decision.kind === "lost") lost.push({ field, side: "commercetools", value: decision.value });
    if (decision.kind !== "write") continue;
    extra[field] = value;
    written.push({ field, to: decision.to, was: decision.was });
  }
  return { change: { fields, extra }, written, lost };
}

/** What one address of IFS has to become; no member: it is as it should be. */
export function planAddress(
  row: Pick<IfsAddressRow, "texts" | "validTo">,
  wanted: IfsCustomerAddress,
  revive: boolean,
): IfsAddressChange {
  const texts: Partial<Record<IfsAddressText, string>> = {};
  for (const text of addressTexts) {
    const now = row.texts[text];
    if (now !== undefined && now !== (wanted[text] ?? "")) texts[text] = wanted[text] ?? "";
  }
  return { ...texts, ...(revive && row.validTo ? { validTo: null } : {}) };
}

export const isChange = (change: IfsAddressChange): boolean => Object.keys(change).length > 0;

/** One line of an address as it stands in IFS, for the journal. */
export const lineOf = (row: Pick<IfsAddressRow, "texts">): string =>
  addressTexts.flatMap((text) => row.texts[text] || []).join(", ");

export type AddressPlan = {
  readonly add: readonly WantedAddress[];
  readonly change: readonly { readonly row: IfsAddressRow; readonly change: IfsAddressChange }[];
  /** Ours that are there, under the number they have: their types have to be as the book says. */
  readonly present: readonly { readonly addressId: string; readonly defaults: readonly string[] }[];
  /** Removed in commercetools, and still valid in IFS. */
  readonly removed: readonly IfsAddressRow[];
  readonly lost: readonly Lost[];
  /** Numbers of IFS that the book names and IFS does not have. */
  readonly unknown: readonly string[];
};

type Customers = Pick<CustomersConfig, "changes" | "numberPrefix" | "numberLength">;

const nothing: AddressPlan = { add: [], change: [], present: [], removed: [], lost: [], unknown: [] };

/** `owner` ifs: no address is written at all, and none is missed. */
export function planAddresses(
  rows: readonly IfsAddressRow[],
  wanted: Pick<Wanted, "addresses" | "bookIds">,
  customers: Customers,
): AddressPlan {
  if (customers.changes.owners.addresses === "ifs") return nothing;
  const known = new Map(rows.map((row) => [row.addressId, row]));
  const places = wanted.addresses.map((address) => placeOf(address, known, customers));
  const isOver = ({ addressId, validTo }: IfsAddressRow): boolean =>
    !validTo && isBookAddress(addressId, customers) && !wanted.bookIds.has(addressId);
  return {
    add: places.flatMap(({ add = [] }) => add),
    change: places.flatMap(({ change = [] }) => change),
    present: places.flatMap(({ present = [] }) => present),
    lost: places.flatMap(({ lost = [] }) => lost),
    unknown: places.flatMap(({ unknown = [] }) => unknown),
    removed: rows.filter(isOver),
  };
}

function placeOf(
  address: WantedAddress,
  known: ReadonlyMap<string, IfsAddressRow>,
  { changes }: Customers,
): Partial<AddressPlan> {
  const { addressId } = address.row;
  const row = known.get(addressId);
  if (row) {
    const present = address.given ? [] : [{ addressId, defaults: address.defaults }];
    const change = planAddress(row, address.row, !address.given && changes.removedAddresses === "endDate");
    if (!isChange(change)) return { present };
    if (changes.owners.addresses === "commercetools") return { present, change: [{ row, change }] };
    const value = lineOf({ texts: address.row });
    return { present, lost: [{ field: `address ${addressId}`, side: "commercetools", value }] };
  }
  if (address.given) return { unknown: [addressId] };
  // An order has brought it: the same address is one row, until it says something else.
  const { contentId, defaults } = address;
  return known.has(contentId) ? { present: [{ addressId: contentId, defaults }] } : { add: [address] };
}
