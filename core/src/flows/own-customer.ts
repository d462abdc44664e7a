/** Finding a party's IFS customer, making it where there is none, and writing its number back: for first orders and sign-ups. */
import type { ConnectorConfig } from "../domain/config.ts";
import { ConflictError, RefusedError, type Rejection, TransientError, UnknownOutcomeError } from "../domain/failure.ts";
import type { IfsCustomer, IfsCustomerCopy, IfsCustomerFields } from "../domain/ifs-customers.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Route } from "../domain/route-config.ts";
import type { CustomerDeps } from "./customer-deps.ts";
import { chosenNumber } from "./customer-number.ts";
import { type CustomerFacts, takenBy, templateOf } from "./customer-plan.ts";
import { type Party, parseBusinessUnit, parseCustomer } from "./party.ts";
import { refuse } from "./refuse.ts";

export type OwnCustomerDeps = {
  readonly customers: CustomerDeps;
  readonly settings: { readonly config: ConnectorConfig };
};

/** More than one is a conflict; a few of them are named. */
const MOST_ALIKE = 5;

/** Reads what decides which IFS customer the party has. */
export async function factsOf({ customers, settings }: OwnCustomerDeps, party: Party): Promise<CustomerFacts> {
  const { ifsCustomers, parties } = customers;
  const config = settings.config.customers;
  const chosen = chosenNumber(party, config);
  const none = { party, chosen, linked: undefined, own: undefined, alike: [], holders: [] };
  if (party.number !== undefined) return { ...none, linked: await ifsCustomers.get(party.number) };
  const own = await ifsCustomers.get(chosen);
  if (own) return { ...none, own };
  const alike = await alikeOf(customers, party, config.matchBy);
  const [only, ...others] = alike;
  if (!only || others.length > 0) return { ...none, alike };
  const holders = await parties.customersOf(only.customerId, MOST_ALIKE);
  return { ...none, alike, holders: holders.filter((id) => id !== party.id) };
}

async function alikeOf(
  { ifsCustomers }: CustomerDeps,
  { kind, vatId, email }: Party,
  matchBy: readonly ("vatId" | "email")[],
): Promise<IfsCustomer[]> {
  const limit = MOST_ALIKE;
  const spellings = (text: string, other: string) => [...new Set([text, other])];
  const byVat =
    vatId !== undefined && matchBy.includes("vatId")
      ? await ifsCustomers.findBy("vatNo", spellings(vatId, vatId.replaceAll(" ", "").toUpperCase()), { limit })
      : [];
  const byEmail =
    email !== undefined && kind === "customer" && matchBy.includes("email")
      ? await ifsCustomers.findBy("email", spellings(email, email.toLowerCase()), { limit })
      : [];
  const found = new Map([...byVat, ...byEmail].map((row) => [row.customerId, row]));
  return [...found.values()];
}

/** It is what new customers are copied from, and the proof that the service user sees customers: what it cannot see, it would create. */
export async function templateMissing(
  { customers }: Pick<OwnCustomerDeps, "customers">,
  route: Route,
  party: Party,
): Promise<Result<never, Rejection> | undefined> {
  const template = templateOf(route, party) ?? "";
  if (await customers.ifsCustomers.get(template)) return undefined;
  return refuse("customerMissing", "ifsAdministrator", {
    message: `IFS does not show the template customer ${template} of route "${route.name}", so no new customer can be created.`,
    action: "Create the template in IFS, or grant the service user to see customers.",
    field: "customers.template",
    value: template,
  });
}

/** True when this call created it. Refused or in doubt, the customer of our number exists, or it does not. */
export async function copied(
  deps: OwnCustomerDeps,
  given: {
    readonly copy: IfsCustomerCopy;
    readonly party: Party;
    /** What to make of a refusal or of doubt; it may throw. */
    readonly refusedAs?: typeof refusedOrAgain;
  },
  deadline: () => number,
): Promise<Result<boolean, Rejection>> {
  const { copy, party, refusedAs = refusedOrAgain } = given;
  const { ifsCustomers } = deps.customers;
  let number: string;
  try {
    number = await ifsCustomers.copy(copy, deadline());
  } catch (error) {
    const settled =
      error instanceof RefusedError || error instanceof UnknownOutcomeError || error instanceof ConflictError;
    if (!settled) throw error;
    if (await ifsCustomers.get(copy.customerId, deadline())) return ok(false);
    return refusedAs(error, `customer ${copy.customerId} could not be created`);
  }
  if (number === copy.customerId) return ok(true);
  // Remembered at once: another attempt would create another one.
  const linked = await link(deps, party, number);
  return linked.ok ? otherNumber(copy, number) : linked;
}

export function refusedOrAgain(error: unknown, what: string): Result<never, Rejection> {
  if (error instanceof RefusedError && error.system === "ifs") {
    return refuse("ifsRefused", "ifsAdministrator", {
      message: `IFS: ${what}: ${error.message}`,
      action: "Correct what IFS names, in IFS, in the template customer or in the configuration.",
      field: error.code,
    });
  }
  // A later attempt looks first, and its keys are the same: nothing can come twice.
  if (error instanceof UnknownOutcomeError || error instanceof ConflictError) {
    throw new TransientError(`IFS: ${what}: ${error.message}`, { cause: error });
  }
  throw error;
}

const otherNumber = ({ customerId }: IfsCustomerCopy, given: string): Result<never, Rejection> =>
  refuse("customerConflict", "ifsAdministrator", {
    message: `IFS gave the new customer the number ${given} instead of ${customerId}: this tenant numbers customers itself.`,
    action: `Set \`customers.create\` to \`never\` and have customers created in IFS. Customer ${given} is linked, and the order goes on with it; check its e-mail and country.`,
    field: "customers.create",
    value: given,
  });

const MAX_CONFLICTS = 4;

/** True when this call wrote it. Rejection where somebody has written another number meanwhile. */
export async function link(deps: OwnCustomerDeps, party: Party, number: string): Promise<Result<boolean, Rejection>> {
  let current = party;
  for (let conflicts = 0; ; conflicts += 1) {
    if (current.number === number) return ok(false);
    if (current.number !== undefined) return otherLink(current, current.number, number);
    try {
      return ok(await writeNumber(deps, current, number));
    } catch (error) {
      if (!(error instanceof ConflictError) || conflicts >= MAX_CONFLICTS) throw error;
    }
    const again = await readAgain(deps, current);
    if (!again.ok) return again;
    current = again.value;
  }
}

/**
 * As `link`, of an IFS customer that was there before: two shoppers may have found it at the same time, and where the tenant has no field
 * for the reference, its row does not keep them apart. Both look after they have written, so that at least one of them sees the
 * other, and takes its number back.
 */
export async function linkFound(
  deps: OwnCustomerDeps,
  party: Party,
  number: string,
): Promise<Result<boolean, Rejection>> {
  const linked = await link(deps, party, number);
  if (!linked.ok || !linked.value || party.kind !== "customer") return linked;
  const holders = await deps.customers.parties.customersOf(number, MOST_ALIKE);
  const others = holders.filter((id) => id !== party.id);
  if (others.length === 0) return linked;
  await takeBack(deps, party, number);
  return takenBy(party, { customerId: number }, others);
}

async function takeBack(deps: OwnCustomerDeps, party: Party, number: string): Promise<void> {
  for (let conflicts = 0; ; conflicts += 1) {
    const now = await readAgain(deps, party);
    // Gone, or somebody has decided meanwhile.
    if (!now.ok || now.value.number !== number) return;
    try {
      await deps.customers.parties.updateCustomer(now.value, [{ action: "setExternalId" }]);
      return;
    } catch (error) {
      if (!(error instanceof ConflictError) || conflicts >= MAX_CONFLICTS) throw error;
    }
  }
}

/** Writes what the customer is to have before it is linked. Rejection: meanwhile it carries the reference of another. */
export async function writeOwned(
  { customers }: OwnCustomerDeps,
  given: { readonly party: Party; readonly customerNo: string; readonly fields: IfsCustomerFields },
  deadlineMs: number,
): Promise<Result<null, Rejection>> {
  const { party, customerNo, fields } = given;
  const done = await customers.ifsCustomers.write(customerNo, fields, deadlineMs);
  return done.kind === "held" ? takenBy(party, { customerId: customerNo }, [done.reference]) : ok(null);
}

const otherLink = ({ label }: Party, now: string, number: string): Result<never, Rejection> =>
  refuse("customerConflict", "operator", {
    message: `The ${label} was given the IFS customer number ${now} while ${number} was prepared for it.`,
    action: `Decide which one is right and have it in commercetools. The order takes the number that stands there.`,
    field: "externalId",
    value: now,
  });

async function writeNumber({ customers, settings }: OwnCustomerDeps, party: Party, number: string): Promise<boolean> {
  const { parties } = customers;
  if (party.kind === "customer") {
    await parties.updateCustomer(party, [{ action: "setExternalId", externalId: number }]);
    return true;
  }
  const { number: kept, field } = settings.config.customers.businessUnits;
  if (kept !== "field") return false;
  await parties.updateBusinessUnit(party, [{ action: "setCustomField", name: field, value: number }]);
  return true;
}

async function readAgain({ customers, settings }: OwnCustomerDeps, party: Party): Promise<Result<Party, Rejection>> {
  const { parties } = customers;
  if (party.kind === "customer") {
    const customer = await parties.customer(party.id);
    return customer ? parseCustomer(customer) : gone(party.label, "customerId");
  }
  const unit = await parties.businessUnit(party.key);
  return unit ? parseBusinessUnit(unit, settings.config.customers.businessUnits) : gone(party.label, "businessUnit");
}

export const gone = (label: string, field: string): Result<never, Rejection> =>
  refuse("customerMissing", "operator", {
    message: `The ${label} of the order does not exist in commercetools any more.`,
    action: "Set another customer on the order in commercetools, or enter this order in IFS by hand.",
    field,
  });
