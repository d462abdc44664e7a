/** The IFS tax code, or tax calculation structure, of a row. */
import type { ConnectorConfig } from "../../domain/config.ts";
import { compare, decimal, multiply } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import { refuse } from "../refuse.ts";
import { taxesAsCharges } from "./policy.ts";
import type { ShopOrder, ShopTaxRate } from "./shop-order.ts";
import type { ShopRow } from "./shop-row.ts";

/** Where a row's tax is named in IFS; neither for a row without tax whose code nobody configured. */
export type IfsTaxTarget = { readonly taxCode?: string; readonly taxCalcStructureId?: string };

type TaxContext = { readonly route: Pick<Route, "tax">; readonly config: Pick<ConnectorConfig, "tax"> };

/** Rejection `unmappedTax` where neither a rule nor a setting tells it. */
export function taxTargetOf(order: ShopOrder, row: ShopRow, context: TaxContext): Result<IfsTaxTarget, Rejection> {
  const { external, untaxedCode } = context.config.tax;
  if (row.ifsTax === "none") {
    return taxesAsCharges(order)
      ? configured(row, external.taxCode, "tax.external.taxCode")
      : configured(row, untaxedCode, "tax.untaxedCode");
  }
  if (row.ifsTax === "given" && external.taxCode !== undefined) return ok({ taxCode: external.taxCode });
  if (row.taxRate) return byRule(row.taxRate, context);
  return refuse("unmappedTax", "merchant", {
    message: `"${row.name}" has no tax rate in commercetools.`,
    action: "Set tax category and tax rate, or enter this order in IFS by hand.",
    field: "taxRate",
  });
}

const configured = (row: ShopRow, taxCode: string | undefined, setting: string): Result<IfsTaxTarget, Rejection> =>
  taxCode === undefined
    ? refuse("unmappedTax", "merchant", {
        message: `"${row.name}" goes to IFS without tax, and no IFS tax code is configured for that.`,
        action: `Set \`${setting}\`: without a code IFS would find one of its own.`,
        field: setting,
      })
    : ok({ taxCode });

/** The first rule that fits country, name and rate; those of the route come first. */
function byRule(rate: ShopTaxRate, { route, config }: TaxContext): Result<IfsTaxTarget, Rejection> {
  const rule = [...route.tax.rules, ...config.tax.rules].find(
    (candidate) =>
      compare(decimal(candidate.rate), rate.rate) === 0 &&
      (candidate.country === undefined || candidate.country === rate.country) &&
      (candidate.name === undefined || candidate.name === rate.name),
  );
  if (rule) {
    return ok(rule.taxCode === undefined ? { taxCalcStructureId: rule.taxCalcStructure } : { taxCode: rule.taxCode });
  }
  const value = `${rate.name}, ${rate.country}, ${multiply(rate.rate, decimal(100))} percent`;
  return refuse("unmappedTax", "merchant", {
    message: `No IFS tax code is configured for the tax rate "${value}".`,
    action: "Add a rule for this country and rate under `tax.rules`.",
    field: "taxRate",
    value,
  });
}

/**
 * The code of a charge without tax. It belongs to a country's company: one of another country would be refused, or booked
 * wrongly. Orders that go without tax anyway have a code for it.
 */
export function zeroTaxTarget(order: ShopOrder, { route, config }: TaxContext): IfsTaxTarget {
  const { external, untaxedCode } = config.tax;
  const own = taxesAsCharges(order) ? external.taxCode : order.taxMode === "Disabled" ? untaxedCode : undefined;
  if (own !== undefined) return { taxCode: own };
  const country = order.shippingAddress?.country ?? order.country;
  const zero = [...route.tax.rules, ...config.tax.rules].filter(
    ({ rate, taxCode }) => decimal(rate) === "0" && taxCode !== undefined,
  );
  const rule = zero.find((one) => one.country === country) ?? zero.find((one) => one.country === undefined);
  return rule?.taxCode === undefined ? {} : { taxCode: rule.taxCode };
}
