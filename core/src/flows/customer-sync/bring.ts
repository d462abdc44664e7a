/** One IFS customer, brought to what its owner's values are: read, plan, record what loses, write at the ETags read. */
import { ConflictError, type Rejection, TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import type { IfsCustomerCard } from "../../domain/ifs-customers.ts";
import { localDateOf } from "../../domain/local-date.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import { chosenNumber } from "../customer-number.ts";
import { unknownNumber } from "../customer-plan.ts";
import { refuse } from "../refuse.ts";
import { apply, writtenAddress } from "./apply.ts";
import type { CustomerSyncDeps } from "./deps.ts";
import { toWanted, type Wanted } from "./map.ts";
import type { ShopParty } from "./parse.ts";
import { decideField, type Lost, planAddresses, planCard, type Written } from "./plan.ts";
import { type CommPlan, noCommunication, planCommunication } from "./plan-communication.ts";
import { recordChange, recordLost } from "./record.ts";
import { timeLeft } from "./time-left.ts";
import { type Bringing, changesOf, nothingDone, type Plan } from "./work.ts";

/** `changes`: rows written. `refused`: what cannot be written; all else was. */
export type Brought = { readonly changes: number; readonly refused: readonly Rejection[] };

const MAX_CONFLICTS = 3;
/**
 * Rejection where the number is not one of this party. Throws what the reads throw; a TransientError where others kept writing, where
 * an outcome is not known, or where the time was up: all of it may be done again.
 */
export async function bring(deps: CustomerSyncDeps, given: Bringing): Promise<Result<Brought, Rejection>> {
  for (let conflicts = 1; ; conflicts += 1) {
    try {
      const plan = await planned(deps, given);
      return plan.ok ? ok(await carriedOut(deps, given, plan.value)) : plan;
    } catch (error) {
      // Read and planned again, so that what others wrote meanwhile stays or loses by the same rule.
      if (error instanceof ConflictError && conflicts < MAX_CONFLICTS) continue;
      if (error instanceof ConflictError || error instanceof UnknownOutcomeError) {
        throw new TransientError(`IFS customer ${given.customerNo}: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }
}

async function planned(deps: CustomerSyncDeps, given: Bringing): Promise<Result<Plan, Rejection>> {
  const { config } = deps.settings;
  const { shop, route, groups, customerNo } = given;
  const { ifsCustomers } = deps.customers;
  const left = () => timeLeft(deps, given.deadlineAt);
  const card = await ifsCustomers.readCard(customerNo, Object.keys(route.customers.fields), left());
  if (!card) return unknownNumber(shop.party, customerNo);
  const theirs = await belongsToOthers(deps, shop, card);
  if (theirs) return err(theirs);
  const wanted = toWanted(shop, { route, config, groups });
  const cardPlan = planCard(card, wanted, config.customers.changes);
  const communication = await plannedCommunication(deps, given, wanted);
  const rows =
    config.customers.changes.owners.addresses === "ifs" ? [] : await ifsCustomers.addresses(customerNo, left());
  const addresses = planAddresses(rows, wanted, config.customers);
  const tax = await plannedTax(deps, given, wanted);
  return ok({ wanted, card, cardPlan, communication, addresses, ...tax });
}

async function plannedCommunication(
  deps: CustomerSyncDeps,
  { customerNo, route, deadlineAt }: Bringing,
  { communication: wanted }: Wanted,
): Promise<CommPlan> {
  const { config } = deps.settings;
  const { changes } = config.customers;
  if (changes.communication.rows.length === 0) return noCommunication;
  const rows = await deps.customers.ifsCustomers.communication(customerNo, timeLeft(deps, deadlineAt));
  const timeZone = config.sites.find(({ site }) => site === route.site)?.timeZone ?? "UTC";
  return planCommunication(rows, { wanted, changes, today: localDateOf(deps.clock.now(), timeZone) });
}

/** A number is good where IFS says so, where it was derived from this very party, or where nobody else carries it. */
async function belongsToOthers(
  { customers, settings }: CustomerSyncDeps,
  { party }: ShopParty,
  { customerId, reference }: IfsCustomerCard,
): Promise<Rejection | undefined> {
  if (reference === party.id) return undefined;
  if (reference) return shared(party.label, customerId, reference);
  if (customerId === chosenNumber(party, settings.config.customers) || party.kind === "businessUnit") return undefined;
  const others = (await customers.parties.customersOf(customerId, 2)).filter((id) => id !== party.id);
  return others[0] === undefined ? undefined : shared(party.label, customerId, others[0]);
}

function shared(label: string, customerNo: string, holder: string): Rejection | undefined {
  const refused = refuse("customerConflict", "operator", {
    message: `The ${label} carries the IFS customer number ${customerNo}, which belongs to commercetools customer ${holder}: its changes do not reach IFS.`,
    action:
      "Let people of one company buy under one business unit, or give each of them an IFS customer of its own; then write its number into `externalId`.",
    field: "externalId",
    value: customerNo,
  });
  return refused.ok ? undefined : refused.error;
}

async function plannedTax(
  deps: CustomerSyncDeps,
  { customerNo, route, deadlineAt }: Bringing,
  { taxLiability }: Wanted,
): Promise<Pick<Plan, "tax" | "taxLost">> {
  const nothing = { tax: undefined, taxLost: undefined };
  if (taxLiability === undefined) return nothing;
  const left = timeLeft(deps, deadlineAt);
  const row = await deps.customers.ifsCustomers.readTaxLiability(customerNo, route.company, left);
  if (!row) return nothing;
  const owner = deps.settings.config.customers.changes.owners.taxLiability;
  const decision = decideField({ wanted: taxLiability, current: row.taxLiability }, { owner, clear: false });
  if (decision.kind === "lost") return { ...nothing, taxLost: decision.value };
  return decision.kind === "write" ? { ...nothing, tax: { row, to: decision.to, was: decision.was } } : nothing;
}

async function carriedOut(deps: CustomerSyncDeps, given: Bringing, plan: Plan): Promise<Brought> {
  const party = { ...given.shop.party, customerNo: given.customerNo };
  await recordLost(deps, party, { written: intended(plan), lost: lostBy(plan) });
  const done = nothingDone();
  try {
    await apply({ deps, given, plan, done });
  } finally {
    // Also of a plan that ends in the middle: the next one finds this much done.
    if (changesOf(done) > 0) await recordChange(deps, party, done);
  }
  return { changes: changesOf(done), refused: [...plan.wanted.refused, ...done.refused] };
}

const intended = ({ cardPlan, communication, addresses, tax }: Plan): Written[] => [
  ...cardPlan.written,
  ...communication.change.map(({ written }) => written),
  ...addresses.change.map(writtenAddress),
  ...(tax ? [{ field: "taxLiability", to: tax.to, was: tax.was }] : []),
];

const lostBy = ({ cardPlan, communication, addresses, taxLost }: Plan): Lost[] => [
  ...cardPlan.lost,
  ...communication.lost,
  ...addresses.lost,
  ...(taxLost === undefined ? [] : [{ field: "taxLiability", side: "commercetools" as const, value: taxLost }]),
];
