/** Everything that is decided about an order's content before the first write: parse, route, map, penny ledger. */
import type { Route } from "../../domain/config.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { Contract } from "../../domain/ids.ts";
import type { IfsOrderDraft } from "../../domain/ifs-records.ts";
import { ok, type Result } from "../../domain/result.ts";
import { chooseRoute, type RouteFacts, routesNeed } from "../../domain/routing.ts";
import type { OrderExportDeps } from "./deps.ts";
import { exportFingerprint } from "./fingerprint.ts";
import { checkBefore, differencesOf } from "./ledger.ts";
import { toCustomerOrder } from "./map.ts";
import { catalogNosOf } from "./map-lines.ts";
import { parseOrder } from "./parse.ts";
import type { ShopOrder } from "./shop-order.ts";

export type Judged = {
  readonly shop: ShopOrder;
  readonly route: Route;
  readonly draft: IfsOrderDraft;
  /** Of the content that the draft expresses. */
  readonly fingerprint: string;
  /** The rows whose net or tax IFS rounds otherwise, in words; their gross sum is equal. */
  readonly rounded: readonly string[];
};

/** A Rejection for every order that cannot be expressed in IFS to the cent; throws only what the reads throw. */
export async function judge(
  deps: Pick<OrderExportDeps, "parts" | "references" | "settings" | "clock">,
  order: unknown,
): Promise<Result<Judged, Rejection>> {
  const { config } = deps.settings;
  const shop = parseOrder(order);
  if (!shop.ok) return shop;
  const route = chooseRoute(config, await factsOf(deps, shop.value));
  if (!route.ok) return route;
  const catalogNos = catalogNosOf(shop.value, config);
  const salesParts =
    catalogNos.length === 0 ? [] : await deps.parts.salesParts(route.value.site as Contract, catalogNos);
  const draft = toCustomerOrder(shop.value, route.value, config, salesParts, deps.clock.now());
  if (!draft.ok) return draft;
  const ledger = checkBefore(shop.value, draft.value, config.charges.rounding !== undefined);
  if (!ledger.ok) return ledger;
  return ok({
    shop: shop.value,
    route: route.value,
    draft: draft.value,
    fingerprint: exportFingerprint(shop.value),
    rounded: differencesOf(ledger.value),
  });
}

async function factsOf(deps: Pick<OrderExportDeps, "references" | "settings">, order: ShopOrder): Promise<RouteFacts> {
  const { config } = deps.settings;
  const ids = [...new Set(order.lines.flatMap(({ distributionChannelId: id }) => (id === undefined ? [] : [id])))];
  const channels =
    ids.length > 0 && routesNeed(config, "channel")
      ? await deps.references.channelKeys(ids)
      : new Map<string, string>();
  const groupId = order.customerGroupId;
  const groups =
    groupId !== undefined && routesNeed(config, "customerGroup")
      ? await deps.references.customerGroupKeys([groupId])
      : new Map<string, string>();
  return {
    store: order.storeKey,
    channels: order.lines.map(({ distributionChannelId: id }) => channels.get(id ?? "") ?? ""),
    country: order.country,
    currency: order.currency,
    customerGroup: groups.get(groupId ?? ""),
    businessUnit: order.businessUnitKey,
  };
}
