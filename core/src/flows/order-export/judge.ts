/** Everything that is decided about an order's content before the first write: parse, route, map, penny ledger. */

import type { Rejection } from "../../domain/failure.ts";
import type { Contract } from "../../domain/ids.ts";
import type { IfsOrderDraft } from "../../domain/ifs-records.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import { chooseRoute, mappingNeeds, type RouteFacts, routesNeed } from "../../domain/routing.ts";
import { parseCustomer } from "../party.ts";
import { customFields } from "./custom-fields.ts";
import { customerOf } from "./customer.ts";
import type { CustomerPlan } from "./customer-plan.ts";
import type { OrderExportDeps } from "./deps.ts";
import { buyerDigest, exportFingerprint } from "./fingerprint.ts";
import { checkBefore, differencesOf } from "./ledger.ts";
import { toCustomerOrder } from "./map.ts";
import { chargeTypesOf } from "./map-charges.ts";
import { catalogNosOf } from "./map-lines.ts";
import { mappedDigest } from "./mapped-inputs.ts";
import { buyerSchema } from "./order-schema.ts";
import { parseOrder } from "./parse.ts";
import { withPolicy } from "./policy.ts";
import type { CustomFields, ShopOrder } from "./shop-order.ts";
import { soldElsewhere } from "./sold-elsewhere.ts";

export type Judged = {
  readonly shop: ShopOrder;
  readonly route: Route;
  readonly draft: IfsOrderDraft;
  /** What the draft's customer needs before the order is created. */
  readonly customer: CustomerPlan;
  /** Of the content that the draft expresses. */
  readonly fingerprint: string;
  /** The rows whose net or tax IFS rounds otherwise, in words; their gross sum is equal. */
  readonly rounded: readonly string[];
  /** The texts that were cut to the length of their column, in words. */
  readonly shortened: readonly string[];
};

/** A Rejection for every order that cannot be expressed in IFS to the cent; throws only what the reads throw. */
export async function judge(
  deps: Pick<OrderExportDeps, "parts" | "references" | "customers" | "settings" | "clock">,
  order: unknown,
): Promise<Result<Judged, Rejection>> {
  const { config } = deps.settings;
  const parsed = parseOrder(order);
  if (!parsed.ok) return parsed;
  const shop = withPolicy(parsed.value, config);
  const facts = await factsOf(deps, shop);
  const route = chooseRoute(config, facts);
  if (!route.ok) return route;
  const elsewhere = soldElsewhere(shop, { config, facts, route: route.value });
  if (elsewhere) return err(elsewhere);
  const customer = await customerOf(deps, shop, route.value);
  if (!customer.ok) return customer;
  const catalogNos = catalogNosOf(shop, config);
  const salesParts =
    catalogNos.length === 0 ? [] : await deps.parts.salesParts(route.value.site as Contract, catalogNos);
  const mapped = toCustomerOrder(shop, {
    config,
    facts,
    salesParts,
    route: route.value,
    customer: customer.value.customer,
    now: deps.clock.now(),
  });
  if (!mapped.ok) return mapped;
  const { draft, shortened } = mapped.value;
  const roundingAllowed = chargeTypesOf({ route: route.value, config }).rounding !== undefined;
  const ledger = checkBefore(shop, draft, roundingAllowed);
  if (!ledger.ok) return ledger;
  return ok({
    shop,
    draft,
    customer: customer.value,
    shortened,
    route: route.value,
    fingerprint:
      exportFingerprint(shop) + mappedDigest(shop, { route: route.value, facts, config }) + buyerDigest(shop),
    rounded: differencesOf(ledger.value),
  });
}

/** Where the order is booked. Reads keys of channels and groups only where a route asks for them. */
export async function routeFor(
  deps: Pick<OrderExportDeps, "references" | "customers" | "settings">,
  order: unknown,
): Promise<Result<Route, Rejection>> {
  const parsed = parseOrder(order);
  if (!parsed.ok) return parsed;
  return chooseRoute(deps.settings.config, await factsOf(deps, parsed.value));
}

/** The fingerprint of an order as it is now, without asking IFS; without what is mapped where it has no route. */
export async function fingerprintOf(
  deps: Pick<OrderExportDeps, "references" | "customers" | "settings">,
  parsed: ShopOrder,
): Promise<string> {
  const { config } = deps.settings;
  const shop = withPolicy(parsed, config);
  const facts = await factsOf(deps, shop);
  const route = chooseRoute(config, facts);
  const mapped = route.ok ? mappedDigest(shop, { route: route.value, facts, config }) : "";
  return exportFingerprint(shop) + mapped + buyerDigest(shop);
}

async function factsOf(
  deps: Pick<OrderExportDeps, "references" | "customers" | "settings">,
  order: ShopOrder,
): Promise<RouteFacts> {
  const { config } = deps.settings;
  const supplyWanted = config.stock.pools.length > 0 || routesNeed(config, "supplyChannel");
  const ids = order.lines.flatMap(({ distributionChannelId, supplyChannelId }) => [
    ...(routesNeed(config, "channel") ? [distributionChannelId] : []),
    ...(supplyWanted ? [supplyChannelId] : []),
  ]);
  const asked = [...new Set(ids)].filter((id) => id !== undefined);
  const channels = asked.length > 0 ? await deps.references.channelKeys(asked) : new Map<string, string>();
  const groupId = order.customerGroupId;
  const groups =
    groupId !== undefined && routesNeed(config, "customerGroup")
      ? await deps.references.customerGroupKeys([groupId])
      : new Map<string, string>();
  return {
    store: order.storeKey,
    channels: order.lines.map(({ distributionChannelId: id }) => channels.get(id ?? "") ?? ""),
    supplyChannels: order.lines.map(({ supplyChannelId: id }) => channels.get(id ?? "") ?? ""),
    country: order.country,
    currency: order.currency,
    customerGroup: groups.get(groupId ?? ""),
    businessUnit: order.businessUnitKey,
    shippingMethods: order.shippings.map(({ methodKey: key, methodName: name }) => ({ key, name })),
    vatId: mappingNeeds(config, "vatId") ? await vatIdOf(deps, order) : undefined,
    buyerCustom: mappingNeeds(config, "buyerCustom") ? await buyerCustomOf(deps, order) : undefined,
    buyer: order.businessUnitKey !== undefined ? "business" : order.customerId !== undefined ? "customer" : "guest",
  };
}

/** What a business unit does not say, its associate does not say for it. */
async function buyerCustomOf(
  { customers: { parties } }: Pick<OrderExportDeps, "customers">,
  { customerId, businessUnitKey, locale }: ShopOrder,
): Promise<CustomFields | undefined> {
  const buyer =
    businessUnitKey !== undefined
      ? await parties.businessUnit(businessUnitKey)
      : customerId !== undefined
        ? await parties.customer(customerId)
        : undefined;
  const parsed = buyerSchema.safeParse(buyer);
  return parsed.success ? customFields(parsed.data.custom, locale) : undefined;
}

/** Of the buyer's customer; a business unit has none of its own, and what is not there any more has none either. */
async function vatIdOf(
  { customers }: Pick<OrderExportDeps, "customers">,
  { customerId, businessUnitKey }: ShopOrder,
): Promise<string | undefined> {
  if (customerId === undefined || businessUnitKey !== undefined) return undefined;
  const customer = await customers.parties.customer(customerId);
  const party = customer && parseCustomer(customer);
  return party?.ok ? party.value.vatId : undefined;
}
