/** The IFS customer of an order: read what decides, and before the order is created, do what was decided. */
import type { Rejection } from "../../domain/failure.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import {
  copied,
  factsOf,
  gone,
  link,
  linkFound,
  type OwnCustomerDeps,
  refusedOrAgain,
  templateMissing,
  writeOwned,
} from "../own-customer.ts";
import { type Party, parseBusinessUnit, parseCustomer } from "../party.ts";
import { barredBy } from "./barred.ts";
import { type CustomerPlan, planCustomer } from "./customer-plan.ts";
import { webshopCustomer } from "./map-header.ts";
import type { ShopOrder } from "./shop-order.ts";

/** Reads only. On a route with a webshop customer, and for guests, nothing is asked. */
export async function customerOf(
  deps: OwnCustomerDeps,
  order: ShopOrder,
  route: Route,
): Promise<Result<CustomerPlan, Rejection>> {
  const guest = order.businessUnitKey === undefined && order.customerId === undefined;
  if (route.customers.policy === "webshop" || guest) return ok({ kind: "webshop", customer: webshopCustomer(route) });
  const { config } = deps.settings;
  const party = await partyOf(deps, order);
  if (!party.ok) return party;
  const facts = await factsOf(deps, party.value);
  const planned = planCustomer(facts, { order, route, config });
  if (!planned.ok || planned.value.kind !== "own" || !planned.value.copy) return planned;
  return (await templateMissing(deps, route, party.value)) ?? planned;
}

async function partyOf(
  { customers, settings }: OwnCustomerDeps,
  { businessUnitKey, customerId }: Pick<ShopOrder, "businessUnitKey" | "customerId">,
): Promise<Result<Party, Rejection>> {
  if (businessUnitKey !== undefined) {
    const unit = await customers.parties.businessUnit(businessUnitKey);
    if (unit) return parseBusinessUnit(unit, settings.config.customers.businessUnits);
    return gone(`business unit ${businessUnitKey}`, "businessUnit");
  }
  const customer = await customers.parties.customer(customerId ?? "");
  return customer ? parseCustomer(customer) : gone(`customer ${customerId}`, "customerId");
}

/** What was done to the customer, for the journal. */
export type CustomerDone = { readonly created: boolean; readonly linked: boolean; readonly addresses: number };

/**
 * Brings the IFS customer into being, completes it, and writes its number to commercetools last: until then everything is done
 * again by whoever comes next. Needs no claim: customer and addresses have keys that we chose, fields are written at an ETag,
 * the link at a version. TransientError where an outcome is not known: it is looked up next time.
 */
export async function prepareCustomer(
  deps: OwnCustomerDeps,
  plan: CustomerPlan,
  deadline: () => number,
): Promise<Result<CustomerDone, Rejection>> {
  if (plan.kind === "webshop") return ok({ created: false, linked: false, addresses: 0 });
  const { ifsCustomers } = deps.customers;
  const { customerNo } = plan.customer;
  try {
    const created = plan.copy
      ? await copied(deps, { copy: plan.copy, party: plan.party, refusedAs: barredOrRefused }, deadline)
      : ok(false);
    if (!created.ok) return created;
    const { party, fields } = plan;
    if (Object.keys(fields).length > 0) {
      const owned = await writeOwned(deps, { party, customerNo, fields }, deadline());
      if (!owned.ok) return owned;
    }
    let addresses = 0;
    for (const address of plan.addresses) {
      const { addressTypes: types } = deps.settings.config.customers;
      if (await ifsCustomers.addAddress(customerNo, address, { types, deadlineMs: deadline() })) addresses += 1;
    }
    const linked = plan.link ? await (plan.ours ? link : linkFound)(deps, party, customerNo) : ok(false);
    return linked.ok ? ok({ created: created.value, linked: linked.value, addresses }) : linked;
  } catch (error) {
    return barredOrRefused(error, `customer ${customerNo} could not be completed`);
  }
}

/** A grant that no customer of an order can be written without is no refusal of this one. */
function barredOrRefused(error: unknown, what: string): Result<never, Rejection> {
  const barred = barredBy(error, "write");
  if (barred) throw barred;
  return refusedOrAgain(error, what);
}
