/** The journal and the one exception of a customer or business unit. */

import { createHash } from "node:crypto";
import { shownOf } from "../../domain/cause.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { JournalEntry } from "../../domain/records.ts";
import { exceptionId } from "../exception-id.ts";
import { shortened } from "../lengths.ts";
import type { CustomerSyncDeps } from "./deps.ts";
import type { PartyKind } from "./parse.ts";
import type { Lost, Written } from "./plan.ts";
import type { Done } from "./work.ts";

export type PartyRef = { readonly kind: PartyKind; readonly id: string };
type Named = PartyRef & { readonly label: string };

const FLOW = "customer-sync";
const CHANGED = "customer-changed";
const LOST = "customer-value-lost";
const REMOVED = "customer-address-removed";
/** Entries that are searched for what was written and lost before. */
const LOOK_BACK = 50;
/** One customer's values in one go; beyond that something else is wrong than a value. */
const MOST_LOST = 20;
const LONGEST_VALUE = 400;
const LONGEST_MARKS = 2000;

/** One row for each party, whatever stops it at the moment. */
export const partyExceptionId = (id: string): string => exceptionId(FLOW, id);

export function openException(
  { exceptions }: Pick<CustomerSyncDeps, "exceptions">,
  { kind, id, label }: Named,
  rejection: Rejection,
): Promise<void> {
  return exceptions.open({
    id: partyExceptionId(id),
    flow: FLOW,
    recordType: kind,
    recordId: id,
    recordLabel: label,
    ...shownOf(rejection),
  });
}

export async function journal(
  { journal: to, clock, settings }: Pick<CustomerSyncDeps, "journal" | "clock" | "settings">,
  { kind, id }: PartyRef,
  { event, detail }: Pick<JournalEntry, "event" | "detail">,
): Promise<void> {
  const at = new Date(clock.now()).toISOString();
  const { configVersion } = settings;
  await to.append({ at, flow: FLOW, recordType: kind, recordId: id, event, detail, configVersion });
}

/** Tells equal values from others without showing them. */
const digestOf = (id: string, field: string, value: string): string =>
  createHash("sha256").update(`${id}\n${field}\n${value}`, "utf8").digest("hex").slice(0, 12);

type NumberedParty = PartyRef & { readonly customerNo: string };

/** What was written: the fields, how many rows, and a mark of each value by which it is recognised as ours. */
export function recordChange(
  deps: Pick<CustomerSyncDeps, "journal" | "clock" | "settings">,
  party: NumberedParty,
  { counts, written }: Done,
): Promise<void> {
  const fields = written.map(({ field }) => field).join(", ");
  const wrote = written.map(({ field, to }) => markOf(party.id, field, to)).join(" ");
  return journal(deps, party, {
    event: CHANGED,
    detail: {
      customerNo: party.customerNo,
      ...(fields !== "" && { fields: shortened(fields, LONGEST_VALUE), wrote: wrote.slice(0, LONGEST_MARKS) }),
      ...Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0)),
    },
  });
}

const markOf = (id: string, field: string, value: string): string =>
  `${field.replaceAll(" ", "-")}:${digestOf(id, field, value)}`;

const detailText = (entry: JournalEntry, name: string): string => {
  const value = entry.detail[name];
  return typeof value === "string" ? value : "";
};

/**
 * Keeps the values that lose, before anything is written: those of commercetools that IFS does not take, once each; and those of
 * IFS that are overwritten, unless they are what the connector wrote there itself.
 */
export async function recordLost(
  deps: Pick<CustomerSyncDeps, "journal" | "clock" | "settings">,
  party: NumberedParty,
  { written, lost }: { readonly written: readonly Written[]; readonly lost: readonly Lost[] },
): Promise<void> {
  const overwritten = written.filter(({ was }) => was !== "");
  if (overwritten.length + lost.length === 0) return;
  const entries = await deps.journal.of(party.id, LOOK_BACK);
  const ours = new Set(
    entries.filter(({ event }) => event === CHANGED).flatMap((entry) => detailText(entry, "wrote").split(" ")),
  );
  const told = new Set(
    entries
      .filter(({ event }) => event === LOST)
      .map((entry) => `${detailText(entry, "side")} ${detailText(entry, "field")} ${detailText(entry, "digest")}`),
  );
  const fromIfs = overwritten
    .filter(({ field, was }) => !ours.has(markOf(party.id, field, was)))
    .map(({ field, was }): Lost => ({ field, side: "ifs", value: was }));
  for (const { field, side, value } of [...fromIfs, ...lost].slice(0, MOST_LOST)) {
    const digest = digestOf(party.id, field, value);
    // What IFS loses again has been changed there again; what it does not take, it does not take with every look.
    if (side === "commercetools" && told.has(`${side} ${field} ${digest}`)) continue;
    await journal(deps, party, {
      event: LOST,
      detail: { customerNo: party.customerNo, field, side, value: kept(deps, value), digest },
    });
  }
}

/** Addresses that commercetools does not have any more and IFS keeps: told once each. */
export async function recordRemoved(
  deps: Pick<CustomerSyncDeps, "journal" | "clock" | "settings">,
  party: NumberedParty,
  removed: readonly { readonly addressId: string }[],
): Promise<void> {
  const entries = await deps.journal.of(party.id, LOOK_BACK);
  const told = new Set(
    entries.filter(({ event }) => event === REMOVED).flatMap((entry) => detailText(entry, "addresses").split(" ")),
  );
  const news = removed.map(({ addressId }) => addressId).filter((addressId) => !told.has(addressId));
  if (news.length === 0) return;
  const detail = { customerNo: party.customerNo, addresses: news.slice(0, MOST_LOST).join(" ") };
  await journal(deps, party, { event: REMOVED, detail });
}

function kept({ settings }: Pick<CustomerSyncDeps, "settings">, value: string): string {
  const { lostValues } = settings.config.customers.changes;
  return lostValues === "full" ? shortened(value, LONGEST_VALUE) : `${[...value][0] ?? ""}… (${value.length})`;
}
