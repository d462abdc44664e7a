/** The tenant's names: defaults (binding-defaults.ts) under the merchant's overrides (`config.ifs.binding`). */
import { z } from "zod";
import { err, ok, type Result } from "../domain/result.ts";
import {
  chargeConstants,
  inventoryLineConstants,
  lineConstants,
  nonInventoryLineConstants,
  type ObjectBinding,
  objectDefaults,
  orderConstants,
  orderStateDefaults,
  shipmentStateDefaults,
} from "./binding-defaults.ts";

export type { Constants, ObjectBinding } from "./binding-defaults.ts";

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a name of letters, digits and underscores");
const text = z.string().min(1);
const constantsSchema = z.record(name, z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** null removes a default member: a filter must not name members that the tenant's enumeration lacks. */
const statesSchema = z.record(name, text.nullable());

const settingsSchema = z.strictObject({
  states: z.strictObject({
    order: statesSchema.describe("Member of the order's state enumeration -> logical state."),
    orderLine: statesSchema,
    shipment: statesSchema,
  }),
  constants: z.strictObject({
    order: constantsSchema.describe("Properties every order header is created with; null removes a default."),
    orderLine: constantsSchema,
    inventoryLine: constantsSchema.describe("In addition, for lines of inventory parts."),
    nonInventoryLine: constantsSchema,
    /** A line whose tax code the shop names must not have it replaced by IFS's own finding. */
    taxedLine: constantsSchema.describe("In addition, for lines that name their tax code."),
    charge: constantsSchema,
  }),
  linesArray: name.describe("Child array of the order to which lines are posted."),
  actions: z.strictObject({
    release: name.describe("Action bound to the order."),
    cancel: name,
    cancelReason: name.describe("Parameter of the cancel action."),
    /** Function bound to the collection that answers defaults for a new order; null: not asked. */
    orderDefault: name.nullable(),
    lineDefault: name.nullable(),
  }),
  cancelReasons: z
    .record(text, text)
    .describe("Our reason -> the tenant's cancellation reason code; `*` stands for all that are not listed."),
  singleOccurrence: z.strictObject({
    place: z
      .enum(["array", "header"])
      .describe(
        "A child row of the order (orderAddress.set), or properties of the header named by orderAddress.fields.",
      ),
    header: constantsSchema.describe("Properties of a header whose delivery address is for this order only."),
    line: constantsSchema,
    regularLine: constantsSchema.describe("Properties of a line that goes to an address of the customer."),
  }),
  lineReference: z.strictObject({
    field: z.enum(["customerPoLineNo", "noteText"]).describe("Where the line's reference is written when it fits."),
    maxLength: z.int().min(1).describe("Characters that field holds."),
  }),
  baseAmounts: z.strictObject({
    mode: z.enum(["auto", "never", "required"]),
    companyCurrency: z.record(text, z.string().length(3)).describe("Company -> its accounting currency."),
    rates: z
      .record(text, z.record(z.string().length(3), z.string().regex(/^\d+(\.\d+)?$/, "a decimal as text")))
      .describe(
        "Company -> order currency -> company currency per unit, for tenants that need it and answer no default.",
      ),
  }),
  finalLineStates: z.array(text).describe("Logical states of lines that draw on no stock any more."),
  activeMembers: z.array(z.string()).describe("Spellings of the sales part's active flag that mean active."),
  sourceRefType: z.string().describe("Member that marks shipment lines of customer orders."),
  maxUrlLength: z.int().min(500).describe("Longer key lists are asked for in several requests."),
});
type Settings = z.infer<typeof settingsSchema>;

export type Binding = Settings & { readonly [K in keyof typeof objectDefaults]: (typeof objectDefaults)[K] };

const settingDefaults: Settings = {
  states: {
    order: { ...orderStateDefaults },
    orderLine: { ...orderStateDefaults },
    shipment: { ...shipmentStateDefaults },
  },
  constants: {
    order: { ...orderConstants },
    orderLine: { ...lineConstants },
    inventoryLine: { ...inventoryLineConstants },
    nonInventoryLine: { ...nonInventoryLineConstants },
    taxedLine: { FetchTaxFromDefaults: "FALSE" },
    charge: { ...chargeConstants },
  },
  linesArray: "OrderLinesArray",
  actions: {
    // All unverified.
    release: "CustomerOrder_Release",
    cancel: "CustomerOrder_Cancel",
    cancelReason: "CancelReason",
    orderDefault: null,
    lineDefault: null,
  },
  cancelReasons: {},
  singleOccurrence: {
    place: "array",
    header: { AddrFlagDb: true, DummySingleOccur: true },
    line: { AddrFlag: "Yes", DefaultAddrFlag: "No" },
    regularLine: { AddrFlag: "No", DefaultAddrFlag: "Yes" },
  },
  // A commercetools line id has 36 characters and no source tells the field's length; see line-reference.ts.
  lineReference: { field: "customerPoLineNo", maxLength: 20 },
  baseAmounts: { mode: "auto", companyCurrency: {}, rates: {} },
  finalLineStates: ["Delivered", "Invoiced", "Cancelled"],
  activeMembers: ["true", "TRUE", "True", "Y", "Yes", "Active", "ActivePart", "ActiveSalesPart"],
  sourceRefType: "CustomerOrder",
  maxUrlLength: 4000,
};

const objectOverride = z
  .strictObject({
    projection: name,
    group: z.enum(["main", "b2b", "int"]),
    set: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an entity set"),
    key: z.array(text).min(1),
    fields: z.record(text, name.nullable()),
    enums: z.record(text, name),
    select: z.boolean(),
    timeZoneAware: z.boolean(),
  })
  .partial();

const objectNames = Object.keys(objectDefaults) as (keyof typeof objectDefaults)[];

/** Overrides: any part of the binding, by logical object or setting. Unknown words are refused, for they would do nothing. */
export const bindingOverridesSchema = z
  .strictObject({
    ...(Object.fromEntries(objectNames.map((key) => [key, objectOverride])) as Record<
      keyof typeof objectDefaults,
      typeof objectOverride
    >),
    states: settingsSchema.shape.states.partial(),
    constants: settingsSchema.shape.constants.partial(),
    linesArray: settingsSchema.shape.linesArray,
    actions: settingsSchema.shape.actions.partial(),
    cancelReasons: settingsSchema.shape.cancelReasons,
    singleOccurrence: settingsSchema.shape.singleOccurrence.partial(),
    lineReference: settingsSchema.shape.lineReference.partial(),
    baseAmounts: settingsSchema.shape.baseAmounts.partial(),
    finalLineStates: settingsSchema.shape.finalLineStates,
    activeMembers: settingsSchema.shape.activeMembers,
    sourceRefType: settingsSchema.shape.sourceRefType,
    maxUrlLength: settingsSchema.shape.maxUrlLength,
  })
  .partial();

export type BindingFinding = { readonly path: string; readonly message: string };

/** The tenant's binding, or every word of the overrides that cannot be understood. Paths start below `ifs.binding`. */
export function resolveBinding(overrides: unknown): Result<Binding, BindingFinding[]> {
  const parsed = bindingOverridesSchema.safeParse(overrides);
  if (!parsed.success) {
    return err(parsed.error.issues.map((issue) => ({ path: issue.path.join("."), message: issue.message })));
  }
  const findings = objectNames.flatMap((key) => unknownFields(key, parsed.data[key]));
  if (findings.length > 0) return err(findings);
  return ok(merge({ ...objectDefaults, ...settingDefaults }, parsed.data) as Binding);
}

function unknownFields(key: keyof typeof objectDefaults, override: z.infer<typeof objectOverride> | undefined) {
  const known = new Set(Object.keys(objectDefaults[key].fields));
  const named: [string, string[]][] = [
    ["fields", Object.keys(override?.fields ?? {})],
    ["enums", Object.keys(override?.enums ?? {})],
    ["key", override?.key ?? []],
  ];
  return named.flatMap(([section, names]) =>
    names
      .filter((field) => !known.has(field))
      .map((field) => ({ path: `${key}.${section}.${field}`, message: `"${key}" has no field "${field}"` })),
  );
}

/** Objects are merged, everything else is replaced. */
function merge(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over === undefined ? base : over;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = merge(base[key], value);
  return merged;
}
const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The IFS property of a logical field. Throws a RangeError where the tenant has none: the caller must not need it then. */
export function property<F extends string>(object: ObjectBinding<F>, field: F): string {
  const bound = object.fields[field];
  if (bound === null)
    throw new RangeError(`field "${field}" of ${object.projection}.${object.set} is bound to nothing`);
  return bound;
}

/** A row under logical names; properties that are absent or unbound are undefined. */
export type LogicalRow = Readonly<Record<string, unknown>>;
export function logicalRow<F extends string>(
  object: ObjectBinding<F>,
  row: Readonly<Record<string, unknown>>,
): LogicalRow {
  const logical: Record<string, unknown> = { etag: row["@odata.etag"] };
  for (const [field, bound] of Object.entries<string | null>(object.fields)) {
    if (bound !== null) logical[field] = row[bound];
  }
  return logical;
}

/** Path of the projection's service root. */
export const servicePath = (object: Pick<ObjectBinding, "group" | "projection">): string =>
  `/${object.group}/ifsapplications/projection/v1/${object.projection}.svc`;

/** The tenant's members that mean one of the logical states. */
export const membersOf = (states: Readonly<Record<string, string | null>>, logical: readonly string[]): string[] =>
  Object.keys(states).filter((member) => logical.includes(states[member] ?? ""));
