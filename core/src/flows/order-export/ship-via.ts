import type { Rejection } from "../../domain/failure.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import { refuse } from "../refuse.ts";
import type { ShopShipping } from "./shop-order.ts";

/** By the method's key where the order carries it, else by its name, else the route's default. The first shipment counts. */
export function shipViaOf(shippings: readonly ShopShipping[], route: Route): Result<string | undefined, Rejection> {
  const [shipping] = shippings;
  if (!shipping) return ok(route.defaultShipVia);
  const { methodKey, methodName } = shipping;
  const own = (key: string | undefined) =>
    key !== undefined && Object.hasOwn(route.shipVia, key) ? route.shipVia[key] : undefined;
  const code = own(methodKey) ?? own(methodName) ?? route.defaultShipVia;
  if (code !== undefined) return ok(code);
  return refuse("unmappedShipping", "merchant", {
    message: `Route "${route.name}" has no ship-via code for the shipping method "${methodKey ?? methodName}".`,
    action: "Add it under `shipVia` of the route, or set `defaultShipVia`.",
    field: "shippingInfo.shippingMethodName",
    value: methodKey ?? methodName,
  });
}
