/** The writes of one plan, each at the ETag that was read. What IFS refuses stops nothing else. */
import { RefusedError, type Rejection } from "../../domain/failure.ts";
import { localDateOf } from "../../domain/local-date.ts";
import type { CustomerSyncDeps } from "./deps.ts";
import { lineOf, type Written } from "./plan.ts";
import { recordRemoved } from "./record.ts";
import { timeLeft } from "./time-left.ts";
import type { Bringing, Done, Plan } from "./work.ts";

type Applying = { readonly deps: CustomerSyncDeps; readonly given: Bringing; readonly plan: Plan; readonly done: Done };

/**
 * Idempotent: what is done already is found done. Throws ConflictError where somebody else wrote first, and what the writes throw;
 * `done` then holds what was written before.
 */
export async function apply(applying: Applying): Promise<void> {
  await writeCard(applying);
  await writeCommunication(applying);
  await changeAddresses(applying);
  await addAddresses(applying);
  await completeTypes(applying);
  await dropAddresses(applying);
  await writeTax(applying);
}

const left = ({ deps, given }: Applying): number => timeLeft(deps, given.deadlineAt);

/** Whether something was written; a refusal of IFS is told, and the rest goes on. */
async function tried(
  { given, done }: Applying,
  what: string,
  write: () => Promise<unknown>,
): Promise<"written" | "nothing" | "refused"> {
  try {
    return (await write()) === false ? "nothing" : "written";
  } catch (error) {
    if (!(error instanceof RefusedError) || error.system !== "ifs") throw error;
    done.refused.push(ifsRefused(given, what, error));
    return "refused";
  }
}

async function writeCard(applying: Applying): Promise<void> {
  const { deps, plan, done } = applying;
  const { written, change } = plan.cardPlan;
  if (written.length === 0) return;
  const what = `its ${written.map(({ field }) => field).join(", ")}`;
  const write = () => deps.customers.ifsCustomers.writeCard(plan.card, change, left(applying));
  if ((await tried(applying, what, write)) !== "written") return;
  done.counts.card += 1;
  done.written.push(...written);
}

/** The changes first: each at the ETag of its own row. What is added is numbered by IFS, and found by its mark the next time. */
async function writeCommunication(applying: Applying): Promise<void> {
  const { deps, given, plan, done } = applying;
  const { ifsCustomers } = deps.customers;
  const { add, change } = plan.communication;
  const writes = [
    ...change.map(({ row, change: to, written }) => ({
      written,
      write: () => ifsCustomers.writeCommunication(given.customerNo, { row, change: to }, left(applying)),
    })),
    ...add.map(({ draft, written }) => ({
      written,
      write: () => ifsCustomers.addCommunication(given.customerNo, draft, left(applying)),
    })),
  ];
  for (const { written, write } of writes) {
    if ((await tried(applying, `its ${written.field}`, write)) !== "written") continue;
    done.counts.communication += 1;
    done.written.push(written);
  }
}

async function changeAddresses(applying: Applying): Promise<void> {
  const { deps, given, plan, done } = applying;
  done.refused.push(...plan.addresses.unknown.map((addressId) => unknownAddress(given, addressId)));
  for (const change of plan.addresses.change) {
    const write = () => deps.customers.ifsCustomers.writeAddress(given.customerNo, change, left(applying));
    if ((await tried(applying, `address ${change.row.addressId}`, write)) !== "written") continue;
    done.counts.addressesChanged += 1;
    done.written.push(writtenAddress(change));
  }
}

export function writtenAddress({ row, change }: Plan["addresses"]["change"][number]): Written {
  const { validTo: _, ...texts } = change;
  return {
    field: `address ${row.addressId}`,
    to: lineOf({ texts: { ...row.texts, ...texts } }),
    was: lineOf(row),
  };
}

/** The number is ours to choose, so that IFS's own key keeps an address from being there twice, however often it is added. */
async function addAddresses(applying: Applying): Promise<void> {
  const { deps, given, plan, done } = applying;
  const { ifsCustomers } = deps.customers;
  const { addressTypes: types } = deps.settings.config.customers;
  for (const { row, defaults } of plan.addresses.add) {
    const { addressId } = row;
    const add = () => ifsCustomers.addAddress(given.customerNo, row, { types: [], deadlineMs: left(applying) });
    const added = await tried(applying, `the new address ${addressId}`, add);
    if (added === "refused") continue;
    if (added === "written") done.counts.addressesAdded += 1;
    await ensureTypes(applying, { addressId, types, defaults });
  }
}

async function ensureTypes(
  applying: Applying,
  address: { readonly addressId: string; readonly types: readonly string[]; readonly defaults: readonly string[] },
): Promise<void> {
  const { deps, given, done } = applying;
  const write = () => deps.customers.ifsCustomers.ensureTypes(given.customerNo, address, left(applying));
  if ((await tried(applying, `the types of address ${address.addressId}`, write)) === "written") {
    done.counts.addressTypes += 1;
  }
}

/** A process may have died between an address and its types: who has the time looks at all of them. */
async function completeTypes(applying: Applying): Promise<void> {
  const { deps, given, plan } = applying;
  const { addressTypes } = deps.settings.config.customers;
  for (const { addressId, defaults } of plan.addresses.present) {
    const types = given.thorough ? addressTypes : [];
    if (types.length + defaults.length > 0) await ensureTypes(applying, { addressId, types, defaults });
  }
}

/** Addresses that were removed in commercetools, by the policy; none is ever deleted. */
async function dropAddresses(applying: Applying): Promise<void> {
  const { deps, given, plan, done } = applying;
  const { removed } = plan.addresses;
  if (removed.length === 0) return;
  const { config } = deps.settings;
  const { removedAddresses: policy, owners } = config.customers.changes;
  if (policy === "report") {
    done.refused.push(...removed.map(({ addressId }) => leftOver(given, addressId)));
    return;
  }
  if (policy === "keep" || owners.addresses !== "commercetools") {
    await recordRemoved(deps, { ...given.shop.party, customerNo: given.customerNo }, removed);
    return;
  }
  const timeZone = config.sites.find(({ site }) => site === given.route.site)?.timeZone ?? "UTC";
  const validTo = localDateOf(deps.clock.now(), timeZone);
  // Where the tenant has no such field, nothing can end.
  for (const row of removed.filter((one) => one.validTo === null)) {
    const ended = { row, change: { validTo } };
    const write = () => deps.customers.ifsCustomers.writeAddress(given.customerNo, ended, left(applying));
    if ((await tried(applying, `the end of address ${row.addressId}`, write)) === "written") {
      done.counts.addressesEnded += 1;
    }
  }
}

async function writeTax(applying: Applying): Promise<void> {
  const { deps, plan, done } = applying;
  const { tax } = plan;
  if (!tax) return;
  const write = () => deps.customers.ifsCustomers.writeTaxLiability(tax.row, tax.to, left(applying));
  if ((await tried(applying, `its tax liability in company ${tax.row.company}`, write)) !== "written") return;
  done.counts.taxLiability += 1;
  done.written.push({ field: "taxLiability", to: tax.to, was: tax.was });
}

function ifsRefused({ shop, customerNo }: Bringing, what: string, { code, message }: RefusedError): Rejection {
  return {
    code: "ifsRefused",
    owner: "ifsAdministrator",
    message: `IFS refuses to change customer ${customerNo} of ${shop.party.label}, ${what}: ${message} (${code}).`,
    action:
      "Correct what IFS names, in commercetools, in IFS or in the configuration; all else of the customer was written.",
    field: what,
  };
}

const unknownAddress = ({ shop, customerNo }: Bringing, addressId: string): Rejection => ({
  code: "customerConflict",
  owner: "operator",
  message: `An address of ${shop.party.label} carries the number ${addressId} (\`externalId\`), which IFS customer ${customerNo} does not have.`,
  action:
    "Correct the `externalId` of the address in commercetools, or remove it so that the address gets a row of its own.",
  field: "addresses.externalId",
  value: addressId,
});

const leftOver = ({ shop, customerNo }: Bringing, addressId: string): Rejection => ({
  code: "heldForReview",
  owner: "operator",
  message: `An address of ${shop.party.label} was removed in commercetools; address ${addressId} of IFS customer ${customerNo} is still valid.`,
  action: "End or remove the address in IFS. `customers.changes.removedAddresses` decides about all of them.",
  field: "addresses",
  value: addressId,
});
