/** Which IFS customer a shopper or business unit has: decided from what was read, nothing is read here. */
import type { ConnectorConfig } from "../domain/config.ts";
import type { Rejection } from "../domain/failure.ts";
import type { IfsCustomer, IfsCustomerCopy } from "../domain/ifs-customers.ts";
import { ok, type Result } from "../domain/result.ts";
import type { Route } from "../domain/route-config.ts";
import { isChosen } from "./customer-number.ts";
import { fitting, lengthsOf } from "./lengths.ts";
import type { Party } from "./party.ts";
import { refuse } from "./refuse.ts";

/** What was read, in the order in which it counts. */
export type CustomerFacts = {
  readonly party: Party;
  readonly chosen: string;
  /** Of the number that the party carries. */
  readonly linked: IfsCustomer | undefined;
  /** Of the chosen number; asked only where the party carries none. */
  readonly own: IfsCustomer | undefined;
  /** Of VAT id and e-mail; asked only where neither of them is there. */
  readonly alike: readonly IfsCustomer[];
  /** Other commercetools customers that carry the number of the only one that is alike. */
  readonly holders: readonly string[];
};

type Context = { readonly route: Route; readonly config: ConnectorConfig };

/** Which IFS customer it is; `copy`: it has to be made first, under that number. */
export type PartyPlan = {
  readonly customerNo: string;
  readonly copy?: IfsCustomerCopy;
  /** The number is not on the commercetools resource yet. */
  readonly link: boolean;
  /** What was begun under our own number is completed; a customer that IFS knew before only learns whose it is. */
  readonly ours: boolean;
};

export const isBusiness = ({ kind, vatId }: Party): boolean => kind === "businessUnit" || vatId !== undefined;

export const templateOf = ({ customers }: Route, party: Party): string | undefined =>
  (isBusiness(party) ? customers.businessTemplate : undefined) ?? customers.template;

/** The IFS customer of the party: known, found, or to be created. Rejection where a person has to say which. */
export function planParty(facts: CustomerFacts, context: Context): Result<PartyPlan, Rejection> {
  const found = existing(facts, context);
  if (!found.ok) return found;
  if (found.value) {
    const { customerId } = found.value;
    return ok({
      customerNo: customerId,
      link: facts.party.number === undefined,
      ours: customerId === facts.chosen,
    });
  }
  const copy = copyFor(facts, context);
  return copy.ok ? ok({ customerNo: copy.value.customerId, copy: copy.value, link: true, ours: true }) : copy;
}

function existing(facts: CustomerFacts, { config }: Context): Result<IfsCustomer | undefined, Rejection> {
  const { party, linked, own, alike } = facts;
  if (!party.canKeepNumber) return noField(party, config);
  if (party.number !== undefined) return linked ? belonging(party, linked) : unknownNumber(party, party.number);
  if (own) return belonging(party, own);
  const [first, ...others] = alike;
  if (!first) return ok(undefined);
  if (others.length > 0) return several(party, alike);
  if (first.customerId === facts.chosen) return belonging(party, first);
  const taken = facts.holders.length > 0 || isChosen(first.customerId, config.customers);
  if (taken) return takenBy(party, first, facts.holders);
  return proven(party, first, config);
}

/** Where IFS says whose customer it is, it says the same. */
export function belonging(party: Party, found: IfsCustomer): Result<IfsCustomer, Rejection> {
  if (found.reference === null || found.reference === party.id) return ok(found);
  return takenBy(party, found, [found.reference]);
}

const sameText = (a: string | null, b: string | undefined): boolean =>
  a !== null && b !== undefined && a.replaceAll(" ", "").toLowerCase() === b.replaceAll(" ", "").toLowerCase();

function proven(party: Party, found: IfsCustomer, config: ConnectorConfig): Result<IfsCustomer, Rejection> {
  const byVat = config.customers.matchBy.includes("vatId") && sameText(found.vatNo, party.vatId);
  if (byVat || party.emailVerified || !config.customers.verifiedEmailOnly) return belonging(party, found);
  return refuse("customerConflict", "operator", {
    message: `The e-mail address of ${party.label} is that of IFS customer ${found.customerId}, but nobody has verified it.`,
    action: `If they are the same, set \`externalId\` of the commercetools customer to ${found.customerId}. Else correct the address in one of the systems. \`customers.verifiedEmailOnly\` decides about all.`,
    field: "email",
    value: found.customerId,
  });
}

const noField = ({ label }: Party, { customers }: ConnectorConfig): Result<never, Rejection> =>
  refuse("customerMissing", "merchant", {
    message: `The ${label} has no custom type, so it has no field for its IFS customer number.`,
    action: `Give it the custom type with the text field \`${customers.businessUnits.field}\` (\`customers.businessUnits.field\`).`,
    field: `custom.fields.${customers.businessUnits.field}`,
  });

export const unknownNumber = ({ label }: Party, number: string): Result<never, Rejection> =>
  refuse("customerConflict", "operator", {
    message: `The ${label} carries the IFS customer number ${number}, which IFS does not show.`,
    action:
      "Correct the number in commercetools, or remove it so that the customer is looked for. If the customer exists in IFS, grant the service user to see it.",
    field: "externalId",
    value: number,
  });

function several({ label }: Party, found: readonly IfsCustomer[]): Result<never, Rejection> {
  const numbers = found.map(({ customerId }) => customerId).join(", ");
  return refuse("customerConflict", "operator", {
    message: `Several IFS customers have the VAT id or e-mail address of ${label}: ${numbers}.`,
    action: "Write the number of the right one into `externalId` of the commercetools customer.",
    field: "externalId",
    value: numbers,
  });
}

export function takenBy(
  { label }: Party,
  { customerId }: Pick<IfsCustomer, "customerId">,
  holders: readonly string[],
): Result<never, Rejection> {
  const holder = holders.length > 0 ? holders.join(", ") : "another customer of the shop";
  return refuse("customerConflict", "operator", {
    message: `IFS customer ${customerId} would fit ${label}, but belongs to commercetools customer ${holder}.`,
    action:
      "Merge the two in commercetools, correct the VAT id or e-mail address of one, or let people of one company buy under one business unit.",
    field: "externalId",
    value: customerId,
  });
}

function copyFor({ party, chosen }: CustomerFacts, { route, config }: Context): Result<IfsCustomerCopy, Rejection> {
  const template = templateOf(route, party);
  if (config.customers.create === "never" || template === undefined) {
    return refuse("customerMissing", "operator", {
      message: `The ${party.label} has no IFS customer, and none is created on route "${route.name}".`,
      action:
        party.kind === "customer"
          ? "Create the customer in IFS and write its number into `externalId` of the commercetools customer."
          : "Create the customer in IFS and write its number into the business unit's field that `customers.businessUnits` names.",
      field: "externalId",
    });
  }
  const name = nameOf(party, config);
  return name.ok ? ok({ template, customerId: chosen, name: name.value, category: config.customers.category }) : name;
}

const nameOf = (party: Party, config: ConnectorConfig): Result<string, Rejection> =>
  fitting(party.name, { field: `${party.kind}.name`, setting: "name", lengths: lengthsOf(config.orders) });
