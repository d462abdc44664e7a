import type { IfsSettings } from "../settings.ts";
import { customerHandling, customersHandling } from "./customer-projections.ts";
import type { ProjectionDef } from "./definition.ts";
import { customerOrderHandling, customerOrderLinesHandling, customerOrdersHandling } from "./order-projections.ts";
import { otherProjections } from "./other-projections.ts";
import { supplyProjections } from "./supply-projections.ts";

/** Every projection of the tenant, with the names that the settings give to actions and arrays. */
export function allProjections(settings: IfsSettings): ProjectionDef[] {
  return [
    customerOrderHandling(settings),
    customerOrdersHandling(),
    customerOrderLinesHandling(settings),
    customerHandling(),
    customersHandling(),
    ...supplyProjections,
    ...otherProjections,
  ];
}
