/** A person's corrections of one order: applied to what is judged, never to the order itself. */
import { z } from "zod";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { Corrections } from "../../domain/corrections.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import { exportFingerprint } from "./fingerprint.ts";
import { type Judged, judge, routeFor } from "./judge.ts";
import { parseOrder } from "./parse.ts";
import type { Work } from "./work.ts";

/**
 * `judge`, with what a person corrected. Only an order that was refused before can have corrections, so all others cost no read.
 * The fingerprint stays that of the order as the shop has it: a correction is no change of the order.
 */
export async function judgeCorrected({ deps, order, before, at }: Work): Promise<Result<Judged, Rejection>> {
  const corrections = before && before.code !== "" ? await deps.corrections.read(at.order.id) : undefined;
  if (!corrections) return judge(deps, order);
  const { settings } = deps;
  const config = correctedConfig(settings.config, order, corrections);
  const judged = await judge({ ...deps, settings: { ...settings, config } }, correctedOrder(order, corrections));
  if (!judged.ok) return judged;
  const shop = parseOrder(order);
  // Where the order cannot be read, a later edit cannot be seen either.
  return { ok: true, value: { ...judged.value, fingerprint: shop.ok ? exportFingerprint(shop.value) : "" } };
}

/** Of an order that cannot be judged to its end, corrections included; undefined where no route takes it. */
export async function routeCorrected({ deps, order, before, at }: Work): Promise<Route | undefined> {
  const corrections = before && before.code !== "" ? await deps.corrections.read(at.order.id) : undefined;
  const { settings } = deps;
  const config = corrections ? correctedConfig(settings.config, order, corrections) : settings.config;
  const route = await routeFor(
    { ...deps, settings: { ...settings, config } },
    corrections ? correctedOrder(order, corrections) : order,
  );
  return route.ok ? route.value : undefined;
}

/** The parts of an order that can be corrected, whatever else it holds. */
const partsSchema = z.looseObject({
  lineItems: z
    .array(z.looseObject({ id: z.string(), variant: z.looseObject({ sku: z.string().nullish() }).nullish() }))
    .default([]),
  shippingAddress: z.looseObject({}).nullish(),
  billingAddress: z.looseObject({}).nullish(),
});

/** The name under which a corrected line's part is looked up: of this line alone, however many have its SKU. */
const lineSku = (id: string, sku: string | null | undefined): string => `${sku ?? "no SKU"} (line ${id})`;

/** Pure; an order of another form is left as it is, and refused for it. */
export function correctedOrder(order: unknown, corrections: Corrections): unknown {
  const parts = partsSchema.safeParse(order);
  if (!parts.success) return order;
  const { shippingAddress, billingAddress, lineItems } = parts.data;
  const patched = (address: object | null | undefined, patch: object | undefined) =>
    patch === undefined ? address : { ...address, ...patch };
  return {
    ...parts.data,
    shippingAddress: patched(shippingAddress, corrections.shippingAddress),
    billingAddress: patched(billingAddress, corrections.billingAddress),
    ...(corrections.purchaseOrderNumber !== undefined && { purchaseOrderNumber: corrections.purchaseOrderNumber }),
    lineItems: lineItems.map((line) =>
      corrections.lines?.[line.id]
        ? { ...line, variant: { ...line.variant, sku: lineSku(line.id, line.variant?.sku) } }
        : line,
    ),
  };
}

/** Pure. A route that is not configured any more leaves the routes as they are: the order is then routed as all others. */
export function correctedConfig(config: ConnectorConfig, order: unknown, corrections: Corrections): ConnectorConfig {
  const parts = partsSchema.safeParse(order);
  const lines = parts.success ? parts.data.lineItems : [];
  const exceptions = lines.flatMap(({ id, variant }) => {
    const line = corrections.lines?.[id];
    return line ? [{ sku: lineSku(id, variant?.sku), catalogNo: line.catalogNo }] : [];
  });
  const route = config.routes.find(({ name }) => name === corrections.route);
  const { shipVia } = corrections;
  const routes = route ? [{ ...route, when: {} }] : config.routes;
  return {
    ...config,
    routes: shipVia === undefined ? routes : routes.map((one) => ({ ...one, shipVia: {}, defaultShipVia: shipVia })),
    skus: { ...config.skus, exceptions: [...exceptions, ...config.skus.exceptions] },
    tax: { ...config.tax, rules: [...(corrections.taxRules ?? []), ...config.tax.rules] },
  };
}
