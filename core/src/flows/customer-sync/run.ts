/** One customer or business unit: read it again, find its route and its IFS customer, and bring that to what its owner says. */
import { followsCustomers, routeOfParty } from "../../domain/customer-route.ts";
import type { Rejection } from "../../domain/failure.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import { chosenNumber } from "../customer-number.ts";
import { planParty } from "../customer-plan.ts";
import { copied, factsOf, link, linkFound, templateMissing, writeOwned } from "../own-customer.ts";
import { type Brought, bring } from "./bring.ts";
import type { CustomerSyncDeps } from "./deps.ts";
import { type PartyKind, parseParty, partyFacts, type ShopParty } from "./parse.ts";
import { journal, openException, type PartyRef, partyExceptionId } from "./record.ts";
import { timeLeft } from "./time-left.ts";
import { asksForGroups } from "./view.ts";

export type SyncContext = {
  /** `sweep`: with the time to look at everything. */
  readonly mode: "event" | "sweep";
  /** Monotonic milliseconds. */
  readonly deadlineAt: number;
  /** As it was just read. */
  readonly value?: unknown;
  /** An exception of it is open, and closes whatever becomes of the party. */
  readonly open?: boolean;
};

export type PartyOutcome =
  /** `gone`: deleted in commercetools. `notOurs`: no route, or no IFS customer, that changes flow to. `unlinked`: its first order makes one. */
  | { readonly kind: "gone" | "notOurs" | "unlinked" | "unchanged" }
  | { readonly kind: "changed" | "created"; readonly customerNo: string }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

/** Nothing that it does can be done twice to harm. Throws what the reads and writes throw; the next look does everything again. */
export async function syncParty(deps: CustomerSyncDeps, ref: PartyRef, context: SyncContext): Promise<PartyOutcome> {
  const { config } = deps.settings;
  if (!followsCustomers(config)) return { kind: "notOurs" };
  const value = context.value ?? (await readParty(deps, ref));
  if (value === undefined) return settled(deps, ref, { context, outcome: { kind: "gone" } });
  const parsed = parseParty(ref.kind, value, config.customers);
  if (!parsed.ok) return refused(deps, { ...ref, label: `${ref.kind} ${ref.id}` }, parsed.error);
  const shop = parsed.value;
  const groups = await groupsOf(deps, shop);
  const work: Work = { shop, groups, context };
  const { number } = shop.party;
  return number === undefined ? withoutNumber(deps, ref, work) : withNumber(deps, ref, { ...work, number });
}

type Work = { readonly shop: ShopParty; readonly groups: readonly string[]; readonly context: SyncContext };

const readParty = ({ customers }: CustomerSyncDeps, { kind, id }: PartyRef): Promise<unknown> =>
  kind === "customer" ? customers.parties.customer(id) : customers.parties.businessUnitById(id);

/** Keys of the groups, the customer's own first; asked only where somebody wants to know. */
async function groupsOf({ customerGroupKeys, settings }: CustomerSyncDeps, shop: ShopParty): Promise<string[]> {
  const { routes } = settings.config;
  const wanted = routes.some(
    ({ when, customers }) =>
      when.customerGroup !== undefined || asksForGroups([...Object.values(customers.fields), customers.taxLiability]),
  );
  if (!wanted || shop.customerGroupIds.length === 0) return [];
  const keys = await customerGroupKeys(shop.customerGroupIds);
  return shop.customerGroupIds.flatMap((id) => keys.get(id) ?? []);
}

async function withNumber(
  deps: CustomerSyncDeps,
  ref: PartyRef,
  work: Work & { readonly number: string },
): Promise<PartyOutcome> {
  const { config } = deps.settings;
  const { shop, groups, context, number } = work;
  const { flow } = config.customers.changes;
  const route = routeOfParty(config, partyFacts(shop, groups));
  const flows = flow === "linked" || (flow === "created" && number === chosenNumber(shop.party, config.customers));
  if (!route || !flows) return settled(deps, ref, { context, outcome: { kind: "notOurs" } });
  const brought = await bringTo(deps, work, { route, customerNo: number });
  if (!brought.ok) return refused(deps, { ...ref, label: shop.party.label }, brought.error);
  return told(deps, ref, { work, customerNo: number, brought: brought.value, created: false });
}

const bringTo = (
  deps: CustomerSyncDeps,
  { shop, groups, context }: Work,
  { route, customerNo }: { readonly route: Route; readonly customerNo: string },
): Promise<Result<Brought, Rejection>> => {
  const { mode, deadlineAt } = context;
  return bring(deps, { shop, route, groups, customerNo, thorough: mode === "sweep", deadlineAt });
};

/** Left to its first order, unless its route makes customers at sign-up. */
async function withoutNumber(deps: CustomerSyncDeps, ref: PartyRef, work: Work): Promise<PartyOutcome> {
  const { shop, groups, context } = work;
  const route = routeOfParty(deps.settings.config, partyFacts(shop, groups), { certain: true });
  if (route?.customers.createAt !== "signUp") return settled(deps, ref, { context, outcome: { kind: "unlinked" } });
  const signedUp = await signUp(deps, work, route);
  if (!signedUp.ok) return refused(deps, { ...ref, label: shop.party.label }, signedUp.error);
  const { customerNo, brought } = signedUp.value;
  return told(deps, ref, { work, customerNo, brought, created: true });
}

type SignedUp = { readonly customerNo: string; readonly brought: Brought };

/** As with a first order: found or copied, completed, and linked last. Who comes second finds it done. */
async function signUp(deps: CustomerSyncDeps, work: Work, route: Route): Promise<Result<SignedUp, Rejection>> {
  const { party } = work.shop;
  const { config } = deps.settings;
  const left = () => timeLeft(deps, work.context.deadlineAt);
  const planned = planParty(await factsOf(deps, party), { route, config });
  if (!planned.ok) return planned;
  const { customerNo, copy, ours } = planned.value;
  if (copy) {
    const missing = await templateMissing(deps, route, party);
    if (missing) return missing;
    const made = await copied(deps, { copy, party }, left);
    if (!made.ok) return made;
  }
  if (!ours) {
    const owned = await writeOwned(deps, { party, customerNo, fields: { reference: party.id } }, left());
    if (!owned.ok) return owned;
  }
  const brought = ours ? await bringTo(deps, work, { route, customerNo }) : ok({ changes: 0, refused: [] });
  if (!brought.ok) return brought;
  const linked = await (ours ? link : linkFound)(deps, party, customerNo);
  return linked.ok ? ok({ customerNo, brought: brought.value }) : linked;
}

async function told(
  deps: CustomerSyncDeps,
  ref: PartyRef,
  done: { work: Work; customerNo: string; brought: Brought; created: boolean },
): Promise<PartyOutcome> {
  const { customerNo, brought, created, work } = done;
  if (created) await journal(deps, ref, { event: "customer-created", detail: { customerNo } });
  const [first, ...others] = brought.refused;
  if (first) return refused(deps, { ...ref, label: work.shop.party.label }, withOthers(first, others));
  await deps.exceptions.close(partyExceptionId(ref.id));
  if (created) return { kind: "created", customerNo };
  return brought.changes > 0 ? { kind: "changed", customerNo } : { kind: "unchanged" };
}

const withOthers = (first: Rejection, others: readonly Rejection[]): Rejection =>
  others.length === 0 ? first : { ...first, message: [first, ...others].map(({ message }) => message).join(" ") };

async function refused(
  deps: CustomerSyncDeps,
  party: PartyRef & { readonly label: string },
  rejection: Rejection,
): Promise<PartyOutcome> {
  await openException(deps, party, rejection);
  return { kind: "rejected", rejection };
}

/** Nothing to do; an exception that is open has lost its reason. */
async function settled(
  deps: CustomerSyncDeps,
  ref: PartyRef,
  { context, outcome }: { readonly context: SyncContext; readonly outcome: PartyOutcome },
): Promise<PartyOutcome> {
  if (context.open) await deps.exceptions.close(partyExceptionId(ref.id));
  return outcome;
}

/** The kind of a resource type, for those that this flow is about. */
export const kindOf = (resourceTypeId: string): PartyKind | undefined =>
  resourceTypeId === "customer" ? "customer" : resourceTypeId === "business-unit" ? "businessUnit" : undefined;
