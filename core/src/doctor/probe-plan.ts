/** What the write probe will write, from the operator's words and the configured routes. Pure. */
import { add, decimal, multiply, ONE, ZERO } from "../domain/decimal.ts";
import type { CatalogNo, Contract } from "../domain/ids.ts";
import type { IfsChargeDraft, IfsOrderDraft, IfsOrderLineDraft, IfsSalesPart } from "../domain/ifs-records.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { Route, TaxRule } from "../domain/route-config.ts";
import type { DoctorConfig } from "./scope.ts";

/** Begins the external reference of every order of a probe. Nothing else in IFS begins like this. */
export const PROBE_PREFIX = "ct-write-probe-";

/** External reference of an order of the probe that began at this moment. */
export const probeRef = (now: number): string => `${PROBE_PREFIX}${new Date(now).toISOString().replace(/\D/g, "")}`;

/** The moment in such a reference, in milliseconds since the epoch; undefined where it holds none. */
export function probeBegan(ref: string | null): number | undefined {
  const digits = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})(?!\d)/.exec(ref?.slice(PROBE_PREFIX.length) ?? "");
  if (!digits) return undefined;
  const [, year, month, day, hour, minute, second, ms] = digits;
  const began = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(began) ? undefined : began;
}

/** As the operator said it; only the company must be named. */
export type ProbeRequest = {
  readonly company: string;
  readonly site?: string | undefined;
  readonly customer?: string | undefined;
  readonly address?: string | undefined;
  readonly part?: string | undefined;
  readonly currency?: string | undefined;
  readonly orderType?: string | undefined;
  readonly coordinator?: string | undefined;
  /** Also release an order of the probe's own. */
  readonly release: boolean;
};

type Tax = { readonly taxCode: string; readonly rate: number };

export type ProbePlan = {
  readonly company: string;
  readonly site: Contract;
  readonly header: Omit<IfsOrderDraft["header"], "externalRef" | "wantedDeliveryDate">;
  /** undefined: a sales part of the site is looked for. */
  readonly part: CatalogNo | undefined;
  /** Of two different ones, where the configuration has them, one is not the part's own. */
  readonly taxes: readonly Tax[];
  readonly chargeType: string | undefined;
  readonly discountType: string | undefined;
  readonly release: boolean;
};

export function planProbe(request: ProbeRequest, config: DoctorConfig): Result<ProbePlan, string> {
  const { company } = request;
  const site = siteOf(request, config);
  if (!site.ok) return site;
  const route = config.routes.find((one) => one.company === company && one.site === site.value);
  const words = {
    "--customer": request.customer ?? route?.customerNo,
    "--address": request.address ?? route?.addressNo,
    "--currency": request.currency ?? listed(route?.when.currency)[0],
    "--order-type": request.orderType ?? route?.orderType,
    "--coordinator": request.coordinator ?? route?.coordinator,
  };
  const missing = Object.entries(words).flatMap(([option, value]) => (value === undefined ? [option] : []));
  if (missing.length > 0) {
    return err(`no route of company ${company} and site ${site.value} tells it: name ${missing.join(", ")}`);
  }
  const addressNo = words["--address"] ?? "";
  return ok({
    company,
    site: site.value,
    header: {
      contract: site.value,
      company,
      orderId: words["--order-type"] ?? "",
      authorizeCode: words["--coordinator"] ?? "",
      customerNo: words["--customer"] ?? "",
      currencyCode: words["--currency"] ?? "",
      billAddrNo: addressNo,
      shipAddrNo: addressNo,
      usePriceInclTax: false,
      noteText: "Write probe of the commercetools connector. Cancelled by itself; may be cancelled at any time.",
      ...(route ? fromRoute(route) : {}),
    },
    part: request.part as CatalogNo | undefined,
    taxes: taxesOf(route, config),
    chargeType: route?.charges.shipping ?? config.charges.shipping,
    discountType: route?.charges.discount ?? config.charges.discount,
    release: request.release,
  });
}

function siteOf({ company, site: named }: ProbeRequest, { routes, sites }: DoctorConfig): Result<Contract, string> {
  const routed = [...new Set(routes.filter((route) => route.company === company).map((route) => route.site))];
  const site = named ?? (routed.length === 1 ? routed[0] : undefined);
  if (site === undefined) {
    const known = routed.length > 0 ? `routes of company ${company} go to ${routed.join(", ")}` : "no route goes there";
    return err(`name the site with --site: ${known}`);
  }
  const configured = sites.find((one) => one.site === site);
  return configured && configured.company !== company
    ? err(`site ${site} belongs to company ${configured.company}, not ${company}`)
    : ok(site as Contract);
}

function fromRoute(route: Route) {
  const shipViaCode = route.defaultShipVia ?? Object.values(route.shipVia)[0];
  return {
    ...(route.deliveryTerms === undefined ? {} : { deliveryTerms: route.deliveryTerms }),
    ...(route.paymentTerms === undefined ? {} : { payTermId: route.paymentTerms }),
    ...(shipViaCode === undefined ? {} : { shipViaCode }),
    ...(route.language === undefined ? {} : { languageCode: route.language }),
    ...(Object.keys(route.extra).length > 0 ? { extra: route.extra } : {}),
  };
}

const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === "string" ? [value] : value;

/** Codes only: a tax calculation structure is another question. */
function taxesOf(route: Route | undefined, { tax }: DoctorConfig): Tax[] {
  const countries = listed(route?.when.country);
  const applies = ({ country }: TaxRule): boolean =>
    country === undefined || countries.length === 0 || countries.includes(country);
  const rules = [...(route?.tax.rules ?? []), ...tax.rules].filter(applies);
  const taxes = rules.flatMap(({ taxCode, rate }): Tax[] => (taxCode === undefined ? [] : [{ taxCode, rate }]));
  return [...new Map(taxes.map((one) => [one.taxCode, one])).values()].slice(0, 2);
}

/** What will be done, for the person who is to confirm it. */
export function describePlan(plan: ProbePlan): string[] {
  const { header } = plan;
  const taxes = plan.taxes.map(({ taxCode }) => taxCode).join(" and ");
  const part =
    plan.part === undefined ? "a sales part of the site (a non-inventory one where there is any)" : plan.part;
  return [
    `The write probe creates one Planned customer order in company ${plan.company}, site ${plan.site}, and cancels it again:`,
    `  customer ${header.customerNo}, address ${header.billAddrNo}, order type ${header.orderId}, currency ${header.currencyCode}`,
    `  up to four lines, each one piece of ${part}, wanted in 30 days${taxes === "" ? "" : `, with tax codes ${taxes}`}`,
    ...(plan.chargeType === undefined ? [] : [`  a charge of type ${plan.chargeType}`]),
    ...(plan.discountType === undefined
      ? []
      : [`  two charges of type ${plan.discountType}, one negative and one positive`]),
    `  its external reference begins with ${PROBE_PREFIX}; orders that an earlier probe left are cancelled first`,
    "  until it is cancelled, seconds later, its lines are open demand of that part",
    plan.release
      ? `Then a second order with one line is RELEASED and cancelled at once. Order type ${header.orderId} decides what IFS does in between (reservation, pick list, delivery): name one that waits after release with --order-type. The credit check runs.`
      : "No order is released; with --probe-release a second order of the probe's own would be.",
    "Nothing else is written in IFS. What was found out is stored in commercetools, unless --no-store is given.",
  ];
}

const FAR_MS = 30 * 86_400_000;

type DraftOf = { readonly ref: string; readonly now: number; readonly part: IfsSalesPart };

/** The order with one line and, where a charge type is known, one charge. */
export function probeDraft(plan: ProbePlan, { ref, now, part }: DraftOf): IfsOrderDraft {
  const wanted = new Date(now + FAR_MS).toISOString().slice(0, 10);
  return {
    header: { ...plan.header, externalRef: ref, wantedDeliveryDate: wanted },
    lines: [probeLine(plan, part, { lineRef: "plain", wanted, tax: plan.taxes[0] })],
    charges: plan.chargeType === undefined ? [] : [probeCharge(plan, plan.chargeType, "3")],
  };
}

const NET = decimal("10");
/** No tax explains it: 7.7 percent are nowhere in use, and a tenant that computes for itself shows another price. */
export const ODD_GROSS = decimal("10.77");

/** Lines that are added to it one by one, each for one question. */
export function extraLines(plan: ProbePlan, draft: IfsOrderDraft, part: IfsSalesPart): IfsOrderLineDraft[] {
  const wanted = draft.header.wantedDeliveryDate;
  const [tax] = plan.taxes;
  return [
    ...plan.taxes.map((one, index) => probeLine(plan, part, { lineRef: `tax-${index + 1}`, wanted, tax: one })),
    { ...probeLine(plan, part, { lineRef: "odd-gross", wanted, tax }), unitPriceInclTax: ODD_GROSS },
  ];
}

type LineOf = { readonly lineRef: string; readonly wanted: string; readonly tax: Tax | undefined };

/** With both prices right, as the order export sends them. */
const probeLine = (plan: ProbePlan, part: IfsSalesPart, { lineRef, wanted, tax }: LineOf): IfsOrderLineDraft => ({
  lineRef,
  contract: plan.site,
  catalogNo: part.catalogNo,
  partNo: part.partNo,
  buyQtyDue: ONE,
  convFactor: part.convFactor,
  priceConvFactor: part.priceConvFactor,
  salesUnitMeas: part.salesUnitMeas,
  priceUnitMeas: part.priceUnitMeas,
  saleUnitPrice: NET,
  unitPriceInclTax: multiply(NET, add(ONE, decimal(tax?.rate ?? 0))),
  discount: ZERO,
  wantedDeliveryDate: wanted,
  ...(tax === undefined ? {} : { taxCode: tax.taxCode }),
});

export const probeCharge = (plan: ProbePlan, chargeType: string, amount: string): IfsChargeDraft => ({
  chargeRef: chargeType,
  chargeType,
  contract: plan.site,
  chargeAmount: decimal(amount),
  chargeAmountInclTax: decimal(amount),
  chargedQty: ONE,
});

/** At most 12 characters, which is what an order number holds. Milliseconds since the epoch make it unique. */
export const probeOrderNo = (now: number): string => `CTP${now.toString(36).toUpperCase()}`;
