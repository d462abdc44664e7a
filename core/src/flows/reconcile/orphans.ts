/** The way back: IFS orders that carry the form of our reference and belong to no commercetools order. Pure. */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { IfsEnteredOrder } from "../../domain/ifs-records.ts";
import type { Route } from "../../domain/route-config.ts";
import { isLive, PROGRESS, progressOf } from "./compare.ts";
import type { Finding } from "./finding.ts";

const DELIVERED = PROGRESS.indexOf("Delivered");

/** `existing`: the references that commercetools has an order of. */
export const orphansOf = (
  orders: readonly IfsEnteredOrder[],
  existing: ReadonlySet<string>,
  { routes }: Pick<ConnectorConfig, "routes">,
): Finding[] =>
  orders
    .filter((order) => isLive(order) && !existing.has(order.externalRef ?? ""))
    .map((order) => ({
      kind: "orphan",
      orderId: order.externalRef ?? "",
      label: order.externalRef ?? "",
      orderNos: [order.orderNo],
      ageSeconds: null,
      detail: `IFS order ${order.orderNo} is ${order.state}, and commercetools has no order ${order.externalRef ?? ""}`,
      reason: reasonOf(order, routes),
    }));

function reasonOf(order: IfsEnteredOrder, routes: readonly Route[]): Finding["reason"] {
  if (!routes.some((route) => mayBeOfRoute(order, route))) {
    return {
      kind: "foreign",
      text: `no route has its order type (${order.orderId ?? "none"}), coordinator (${order.authorizeCode ?? "none"}) and customer (${order.customerNo}) at this site; of another project or installation`,
    };
  }
  if (progressOf(order) < DELIVERED) return null;
  return { kind: "policy", text: "finished in IFS; the shop has deleted its order since" };
}

/**
 * Every project writes ids of commercetools as references, so a reference does not tell whose order it is. What a route writes
 * does: site, order type, coordinator and, unless buyers have customers of their own, the customer. What IFS does not show, or a
 * mapping writes, tells nothing.
 */
function mayBeOfRoute(order: IfsEnteredOrder, route: Route): boolean {
  const fits = (wanted: string, found: string | null, field: string): boolean =>
    found === null || found === wanted || isMapped(route, field);
  return (
    order.contract === route.site &&
    fits(route.orderType, order.orderId, "orderId") &&
    fits(route.coordinator, order.authorizeCode, "authorizeCode") &&
    (route.customers.policy === "own" || order.customerNo === route.customerNo)
  );
}

/** Targets are logical names (`orderId`) or those of IFS (`OrderId`). */
const isMapped = ({ mapping, extra }: Route, field: string): boolean =>
  [...Object.keys(mapping.header), ...Object.keys(extra)].some((name) => name.toLowerCase() === field.toLowerCase());
