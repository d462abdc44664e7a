/** The tenant's names: defaults (binding-defaults.ts) under the merchant's overrides (`config.ifs.binding`). */
import { z } from "zod";
import { err, ok, type Result } from "../domain/result.ts";
import { type Constants, type ObjectName, objectDefaults, settingDefaults } from "./binding-defaults.ts";
import { type BoundObject, keyTypes, type ObjectBinding, urlGroups } from "./binding-object.ts";
import { name, type Settings, settingsSchema, text } from "./binding-settings.ts";
import { closest } from "./near-miss.ts";

export type { Constants, ObjectName } from "./binding-defaults.ts";
export type { BoundObject, ObjectBinding, UrlGroup } from "./binding-object.ts";

export type Binding = Settings & { readonly [K in ObjectName]: (typeof objectDefaults)[K] };

const objectNames = Object.keys(objectDefaults) as ObjectName[];

const objectOverride = z
  .strictObject({
    projection: name,
    group: z.enum(urlGroups),
    set: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an entity set"),
    parent: z.enum(objectNames).nullable(),
    parentSet: name.nullable(),
    flatSet: name.nullable(),
    key: z.array(text).min(1),
    fields: z.record(text, name.nullable()),
    enums: z.record(text, name),
    select: z.boolean(),
    paging: z.enum(["keyset", "skip"]),
    keyTypes: z.record(text, z.enum(keyTypes)),
    timeZoneAware: z.boolean(),
  })
  .partial();
type ObjectOverride = z.infer<typeof objectOverride>;

const { actions, ...settings } = settingsSchema.shape;

/** Overrides: any part of the binding, by logical object or setting. Unknown words are refused, for they would do nothing. */
export const bindingOverridesSchema = z
  .strictObject({
    ...(Object.fromEntries(objectNames.map((key) => [key, objectOverride])) as Record<
      ObjectName,
      typeof objectOverride
    >),
    ...settings,
    states: settings.states.partial(),
    constants: settings.constants.partial(),
    actions: actions.extend({ copyCustomerParameters: actions.shape.copyCustomerParameters.partial() }).partial(),
    singleOccurrence: settings.singleOccurrence.partial(),
    lineReference: settings.lineReference.partial(),
    baseAmounts: settings.baseAmounts.partial(),
  })
  .partial();
type Overrides = z.infer<typeof bindingOverridesSchema>;

export type BindingFinding = { readonly path: string; readonly message: string };

/** The tenant's binding, or every word of the overrides that cannot be understood. Paths start below `ifs.binding`. */
export function resolveBinding(overrides: unknown): Result<Binding, BindingFinding[]> {
  const parsed = bindingOverridesSchema.safeParse(overrides);
  if (!parsed.success) return err(parsed.error.issues.flatMap(issueFindings));
  const findings = objectNames.flatMap((key) => objectFindings(key, parsed.data[key]));
  if (findings.length > 0) return err(findings);
  const merged = merge({ ...objectDefaults, ...settingDefaults }, parsed.data) as Binding;
  const circles = objectNames.flatMap((key) => parentFindings(key, merged));
  if (circles.length > 0) return err(circles);
  const bound: Binding = { ...merged, ...followingParents(merged, parsed.data) };
  return ok({ ...bound, ...withBoundConstants(bound, parsed.data) });
}

function issueFindings(issue: z.core.$ZodIssue): BindingFinding[] {
  const path = issue.path.map(String);
  if (issue.code !== "unrecognized_keys") return [{ path: path.join("."), message: issue.message }];
  return issue.keys.map((key) => ({
    path: [...path, key].join("."),
    message: `there is no such part of the binding; ${nearest(key, knownAt(path))}`,
  }));
}

function knownAt(path: readonly string[]): string[] {
  let schema: unknown = bindingOverridesSchema;
  for (const segment of path) schema = shapeOf(schema)[segment];
  return Object.keys(shapeOf(schema));
}

function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  return inner instanceof z.ZodObject ? inner.shape : {};
}

function nearest(word: string, known: readonly string[]): string {
  const near = closest(word, known, 0.5);
  return near === undefined ? `known here: ${known.join(", ")}` : `did you mean "${near}"?`;
}

function objectFindings(key: ObjectName, override: ObjectOverride = {}): BindingFinding[] {
  const { fields, optionalFields } = objectDefaults[key] as BoundObject;
  const known = Object.keys(fields);
  const named: [string, string[]][] = [
    ["fields", Object.keys(override.fields ?? {})],
    ["enums", Object.keys(override.enums ?? {})],
    ["keyTypes", Object.keys(override.keyTypes ?? {})],
    ["key", override.key ?? []],
  ];
  const unknown = named.flatMap(([section, names]) =>
    names
      .filter((field) => !known.includes(field))
      .map((field) => ({
        path: `${key}.${section}.${field}`,
        message: `"${key}" has no field "${field}"; ${nearest(field, known)}`,
      })),
  );
  const needed = Object.entries(override.fields ?? {})
    .filter(([field, bound]) => bound === null && known.includes(field) && !optionalFields.includes(field))
    .map(([field]) => ({
      path: `${key}.fields.${field}`,
      message: `"${key}" cannot be used without "${field}": name the tenant's property instead of null`,
    }));
  return [...unknown, ...needed];
}

/** An object that is an array of itself, over whatever others, lives nowhere. */
function parentFindings(key: ObjectName, merged: Binding): BindingFinding[] {
  const above = new Set<ObjectName>();
  for (let at = merged[key].parent; at !== null && !above.has(at as ObjectName); at = merged[at as ObjectName].parent) {
    above.add(at as ObjectName);
  }
  return above.has(key)
    ? [{ path: `${key}.parent`, message: `"${key}" is its own parent: ${[...above].join(", ")}` }]
    : [];
}

/** An array lives where its parent lives, unless the merchant says otherwise. */
function followingParents(merged: Binding, overrides: Overrides): Partial<Binding> {
  const home = (key: ObjectName): Pick<ObjectBinding, "projection" | "group"> => {
    const { projection, group, parent }: BoundObject = merged[key];
    if (parent === null || overrides[key]?.projection !== undefined) return { projection, group };
    return home(parent as ObjectName);
  };
  return Object.fromEntries(objectNames.map((key) => [key, { ...merged[key], ...home(key) }]));
}

/** Constants under the properties of this tenant: a renamed field takes its constant along. */
function withBoundConstants(bound: Binding, overrides: Overrides): Pick<Binding, "constants" | "singleOccurrence"> {
  const constants = settingDefaults.constants;
  const place = settingDefaults.singleOccurrence;
  const over = { ...overrides.constants, ...overrides.singleOccurrence };
  const both = (
    key: "order" | "orderLine" | "orderCharge" | "rma" | "rmaLine",
    defaults: Constants,
    own: Constants = {},
  ): Constants => {
    const property = propertyNamer(objectDefaults[key], bound[key]);
    const renamed = (values: Constants) =>
      Object.entries(values).flatMap(([field, value]) => {
        const to = property(field);
        return to === null ? [] : [[to, value] as const];
      });
    return Object.fromEntries([...renamed(defaults), ...renamed(own)]);
  };
  return {
    constants: {
      order: both("order", constants.order, over.order),
      orderLine: both("orderLine", constants.orderLine, over.orderLine),
      inventoryLine: both("orderLine", constants.inventoryLine, over.inventoryLine),
      nonInventoryLine: both("orderLine", constants.nonInventoryLine, over.nonInventoryLine),
      taxedLine: both("orderLine", constants.taxedLine, over.taxedLine),
      charge: both("orderCharge", constants.charge, over.charge),
      rma: both("rma", constants.rma, over.rma),
      rmaLine: both("rmaLine", constants.rmaLine, over.rmaLine),
    },
    singleOccurrence: {
      ...bound.singleOccurrence,
      header: both("order", place.header, over.header),
      line: both("orderLine", place.line, over.line),
      regularLine: both("orderLine", place.regularLine, over.regularLine),
      otherAddressLine: both("orderLine", place.otherAddressLine, over.otherAddressLine),
    },
  };
}

/** Logical names and default properties -> the tenant's; null where it has none. Other names are properties already. */
function propertyNamer(defaults: ObjectBinding, bound: ObjectBinding): (word: string) => string | null {
  const logicalOf = new Map(Object.entries(defaults.fields).map(([field, property]) => [property, field]));
  return (word) => {
    const field = Object.hasOwn(bound.fields, word) ? word : logicalOf.get(word);
    return field === undefined ? word : (bound.fields[field] ?? null);
  };
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
export function property<F extends string>(object: ObjectBinding<F>, field: NoInfer<F>): string {
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
  const { bound, blank } = boundFields(object.fields);
  // A copy has the shape of its original; with one field added after the other, so many make each row a dictionary of its own.
  const logical: Record<string, unknown> = { ...blank, etag: row["@odata.etag"] };
  for (const [field, name] of bound) logical[field] = row[name];
  return logical;
}

type BoundFields = {
  readonly bound: readonly (readonly [string, string])[];
  /** A row of nothing. */
  readonly blank: LogicalRow;
};

/** Of each object's `fields`, which never change: lists have a hundred thousand rows. */
const bindings = new WeakMap<object, BoundFields>();

function boundFields(fields: Readonly<Record<string, string | null>>): BoundFields {
  const known = bindings.get(fields);
  if (known) return known;
  const bound = Object.entries(fields).flatMap(([field, name]) => (name === null ? [] : [[field, name] as const]));
  const blank = Object.fromEntries(["etag", ...bound.map(([field]) => field)].map((field) => [field, undefined]));
  bindings.set(fields, { bound, blank });
  return { bound, blank };
}

/** Values by logical name or by IFS property -> by property. What is bound to nothing is left out. */
export function underProperties<F extends string, T>(
  object: ObjectBinding<F>,
  values: Readonly<Record<string, T>>,
): Record<string, T> {
  const out: Record<string, T> = {};
  for (const [word, value] of Object.entries(values)) {
    const bound = Object.hasOwn(object.fields, word) ? object.fields[word as F] : word;
    if (bound !== null) out[bound] = value;
  }
  return out;
}

/** Path of the projection's service root. */
export const servicePath = ({ group, projection }: Pick<ObjectBinding, "group" | "projection">): string =>
  group === "entity"
    ? `/int/ifsapplications/entity/v1/${projection}.svc`
    : `/${group}/ifsapplications/projection/v1/${projection}.svc`;

/** The tenant's members that mean one of the logical states. */
export const membersOf = (states: Readonly<Record<string, string | null>>, logical: readonly string[]): string[] =>
  Object.keys(states).filter((member) => logical.includes(states[member] ?? ""));
