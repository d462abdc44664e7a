/** The merchant's mapping of a route, applied to a draft: logical fields are set, all others are added by their IFS name. */
import type { Rejection } from "../../domain/failure.ts";
import type { ExtraFields, IfsChargeDraft, IfsOrderDraft, IfsOrderLineDraft } from "../../domain/ifs-records.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { MappedValue, Mapping, Route, ValueType } from "../../domain/route-config.ts";
import { cutSentence, fitting, type Lengths, shortened } from "../lengths.ts";
import { refuse } from "../refuse.ts";
import type { Scope } from "./expression.ts";
import { type Compiled, compileValue, type Ready } from "./mapped-values.ts";
import type { Views } from "./order-view.ts";

/** Logical fields that a mapping may set, and what they take. */
const logical: Readonly<Record<Scope, Readonly<Record<string, ValueType>>>> = {
  header: {
    customerPoNo: "text",
    internalRef: "text",
    custRef: "text",
    wantedDeliveryDate: "date",
    deliveryTerms: "text",
    shipViaCode: "text",
    payTermId: "text",
    languageCode: "text",
    noteText: "text",
    taxLiability: "text",
    orderId: "text",
    authorizeCode: "text",
  },
  line: { wantedDeliveryDate: "date", shipViaCode: "text", priceListNo: "text", noteText: "text" },
  charge: { chargeType: "text" },
};

/** What the connector answers for: identity, amounts, quantities. A mapping that changed them would break what is compared. */
const ours = new Set([
  "OrderNo",
  "ExternalRef",
  "Contract",
  "Company",
  "CustomerNo",
  "CurrencyCode",
  "UsePriceInclTax",
  "BillAddrNo",
  "ShipAddrNo",
  "CatalogNo",
  "PartNo",
  "BuyQtyDue",
  "DesiredQty",
  "RevisedQtyDue",
  "ConvFactor",
  "PriceConvFactor",
  "SaleUnitPrice",
  "UnitPriceInclTax",
  "Discount",
  "TaxCode",
  "TaxCalcStructureId",
  "CustomerPoLineNo",
  "ChargeAmount",
  "ChargeAmountInclTax",
  "ChargedQty",
]);

type Target = {
  readonly name: string;
  readonly logical: boolean;
  readonly value: MappedValue;
  readonly compiled: Compiled;
};
export type MappingFinding = {
  readonly scope: Scope;
  readonly target: string;
  readonly source: string;
  readonly message: string;
};
type CompiledMapping = {
  readonly targets: Readonly<Record<Scope, readonly Target[]>>;
  readonly findings: readonly MappingFinding[];
};

/** Names of ours as logical fields. */
const oursByName = new Set([...ours].map((property) => `${property.slice(0, 1).toLowerCase()}${property.slice(1)}`));

/** Logical field -> IFS property of the tenant (null: it has none), of the objects that the three parts of a mapping write. */
export type MappableFields = Readonly<Record<Scope, Readonly<Record<string, string | null>>>>;

/** What no field of the tenant is, and what is one of ours under the tenant's own name; undefined for a good target. */
export function targetFinding(scope: Scope, target: string, fields: MappableFields): string | undefined {
  if (Object.hasOwn(logical[scope], target)) return undefined;
  const known = fields[scope];
  const mine = Object.entries(known).find(([name, property]) => property === target && oursByName.has(name));
  if (mine)
    return `${target} is the tenant's property for ${mine[0]}, which is set by the connector and cannot be mapped`;
  if (Object.hasOwn(known, target)) {
    return known[target] === null ? "the tenant has no property for it (`ifs.binding`)" : undefined;
  }
  return /^[A-Z]/.test(target)
    ? undefined
    : "there is no field of this name; IFS property names begin with a capital letter";
}

const scopes = ["header", "line", "charge"] as const;
const sourceOf = (value: MappedValue): string =>
  typeof value !== "object" ? String(value) : "field" in value ? value.field : value.expression;

/** Every target with its value ready to be read, and every one that cannot be used. */
export function compileMapping(mapping: Mapping): CompiledMapping {
  const targets: Record<Scope, Target[]> = { header: [], line: [], charge: [] };
  const findings: MappingFinding[] = [];
  for (const scope of scopes) {
    for (const [target, value] of Object.entries(mapping[scope])) {
      const made = compileTarget(scope, target, value);
      if (made.ok) targets[scope].push(made.value);
      else findings.push({ scope, target, source: sourceOf(value), message: made.error });
    }
  }
  return { targets, findings };
}

function compileTarget(scope: Scope, target: string, value: MappedValue): Result<Target, string> {
  // `NoteText` and `noteText` are one field: it is the logical one that keeps what the connector writes there.
  const name = `${target.slice(0, 1).toLowerCase()}${target.slice(1)}`;
  const property = `${target.slice(0, 1).toUpperCase()}${target.slice(1)}`;
  if (ours.has(property)) return err(`${property} is set by the connector and cannot be mapped`);
  const expected = Object.hasOwn(logical[scope], name) ? logical[scope][name] : undefined;
  const compiled = compileValue(value, { scope, expected });
  if (!compiled.ok) return compiled;
  return ok({
    name: expected === undefined ? target : name,
    logical: expected !== undefined,
    value,
    compiled: compiled.value,
  });
}

/** One compilation for as long as a configuration is in use. */
const compiledRoutes = new WeakMap<Mapping, CompiledMapping>();

function compiledOf({ mapping }: Route): CompiledMapping {
  const known = compiledRoutes.get(mapping) ?? compileMapping(mapping);
  compiledRoutes.set(mapping, known);
  return known;
}

type FieldContext = { readonly route: Route; readonly timeZone: string; readonly lengths: Lengths };
type Values = { readonly fields: Readonly<Record<string, string>>; readonly extra: ExtraFields };

function failed(route: Route, { scope, target, source, message }: MappingFinding): Result<never, Rejection> {
  const field = `routes["${route.name}"].mapping.${scope}.${target}`;
  return refuse("mappingFailed", "merchant", {
    message: `The mapping of the ${scope} field ${target} of route "${route.name}" fails: ${message} (${source}).`,
    action: `Correct \`${field}\`, or the value in commercetools that it reads.`,
    field,
    value: source,
  });
}

/** The mapped values of one row of the draft. Rejection `mappingFailed` names the field and the expression. */
function valuesOf(scope: Scope, views: Views, { route, timeZone, lengths }: FieldContext): Result<Values, Rejection> {
  const { targets, findings } = compiledOf(route);
  const [broken] = findings;
  if (broken) return failed(route, broken);
  const fields: Record<string, string> = {};
  const extra: Record<string, Exclude<Ready, undefined>> = {};
  for (const target of targets[scope]) {
    const no = (message: string) =>
      failed(route, { scope, target: target.name, source: target.compiled.source, message });
    const read = target.compiled.read(views, timeZone);
    if (!read.ok) return no(read.error);
    const value = limited(target, read.value, lengths);
    if (!value.ok) return no(value.error);
    if (value.value === undefined) {
      if (typeof target.value === "object" && target.value.required) return no("the order has no value for it");
    } else if (target.logical) fields[target.name] = String(value.value);
    else extra[target.name] = value.value;
  }
  return ok({ fields, extra });
}

/** Name and value of each mapped field of one row, for comparing; one that cannot be mapped is its error. Without payments and the customer. */
export const mappedTexts = (
  scope: Scope,
  views: Views,
  { route, timeZone }: Pick<FieldContext, "route" | "timeZone">,
): (readonly [string, unknown])[] =>
  compiledOf(route)
    .targets[scope].filter(({ compiled }) => !/\b(payments|vatId|buyerCustom)\b/.test(compiled.source))
    .map(({ name, compiled }) => {
      const read = compiled.read(views, timeZone);
      return [name, read.ok ? (read.value ?? null) : read.error] as const;
    });

/** Header fields whose mapping reads the order's payments, by their names in the configuration. */
export const paymentTargets = (route: Route): string[] =>
  compiledOf(route)
    .targets.header.filter(({ compiled }) => /\bpayments\b/.test(compiled.source))
    .map(({ name }) => name);

function limited({ name, value }: Target, ready: Ready, lengths: Lengths): Result<Ready, string> {
  if (typeof value !== "object" || value.maxLength === undefined || typeof ready !== "string") return ok(ready);
  if (ready.length <= value.maxLength) return ok(ready);
  if (!value.shorten) return err(`the text has ${ready.length} characters, ${value.maxLength} are allowed`);
  lengths.cut.push(cutSentence(name, ready, value.maxLength));
  return ok(shortened(ready, value.maxLength));
}

const withExtra = <T extends { readonly extra?: ExtraFields }>(row: T, { fields, extra }: Values): T => ({
  ...row,
  ...fields,
  ...((row.extra || Object.keys(extra).length > 0) && { extra: { ...row.extra, ...extra } }),
});

const columns = ["customerPoNo", "internalRef", "custRef", "noteText"] as const;

export function mapHeader(
  header: IfsOrderDraft["header"],
  views: Views,
  context: FieldContext,
): Result<IfsOrderDraft["header"], Rejection> {
  const values = valuesOf("header", views, context);
  if (!values.ok) return values;
  const mapped = withExtra(header, values.value);
  const fitted: Partial<Record<(typeof columns)[number], string>> = {};
  for (const setting of columns) {
    const text = values.value.fields[setting];
    if (text === undefined) continue;
    const field = `routes["${context.route.name}"].mapping.header.${setting}`;
    const fits = fitting(text, { field, setting, lengths: context.lengths });
    if (!fits.ok) return fits;
    fitted[setting] = fits.value;
  }
  return ok({ ...mapped, ...fitted });
}

export function mapLine(
  line: IfsOrderLineDraft,
  views: Views,
  context: FieldContext,
): Result<IfsOrderLineDraft, Rejection> {
  const values = valuesOf("line", views, context);
  return values.ok ? ok(withExtra(line, values.value)) : values;
}

export function mapCharge(
  charge: IfsChargeDraft,
  views: Views,
  context: FieldContext,
): Result<IfsChargeDraft, Rejection> {
  const values = valuesOf("charge", views, context);
  return values.ok ? ok(withExtra(charge, values.value)) : values;
}
