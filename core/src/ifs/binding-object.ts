/** What a logical object of the binding is. The defaults are in binding-defaults.ts, what a merchant may change in binding.ts. */

/**
 * `main`: projections of web pages. `int`: integration projections. `b2b`: those of portals. `entity`: entity services, which
 * an administrator activates one by one and which speak of one logical unit each (`CustomerOrderEntity`).
 */
export const urlGroups = ["main", "b2b", "int", "entity"] as const;
export type UrlGroup = (typeof urlGroups)[number];

export const keyTypes = ["number", "date", "timestamp"] as const;
export type KeyType = (typeof keyTypes)[number];

/** Where a logical object lives in a tenant: all that reading and writing need. */
export type ObjectBinding<F extends string = string> = {
  readonly projection: string;
  /** First part of the path, see `servicePath`. */
  readonly group: UrlGroup;
  /** Entity set, or function of a set, relative to the projection; a child array where `parent` names an object. */
  readonly set: string;
  readonly key: readonly NoInfer<F>[];
  /** Logical name -> IFS property; null for a property that the tenant does not have. */
  readonly fields: Readonly<Record<F, string | null>>;
  /** Logical name -> OData enum type, for those fields that stand in filters. */
  readonly enums: Readonly<Partial<Record<NoInfer<F>, string>>>;
  /** Ask only for the bound properties. Switch it off for projections that fail with `$select`. */
  readonly select: boolean;
  /** Long lists go on after the last key, or by `$skip` with a row of overlap; `keyset` when absent, see keyset.ts. */
  readonly paging?: "keyset" | "skip";
  /** Parts of the key that are no text. */
  readonly keyTypes?: Readonly<Partial<Record<NoInfer<F>, KeyType>>>;
  /** The endpoint honours `X-Ifs-Time-Zone-Aware-Request`; else its timestamps are digits of the site's own clock. */
  readonly timeZoneAware: boolean;
};

/** How sure a default name is: published by IFS, seen in traffic or shipped clients, or derived from a naming rule. */
export type Confidence = "documented" | "seen" | "unverified";

/** What is known of a logical object besides where it lives. */
export type ObjectFacts<F extends string = string> = {
  /** Logical object whose row this object's `set` is an array of; null for an entity set of the projection. */
  readonly parent: string | null;
  /** Entity set of the parent's row where it is not the parent's own `set`. */
  readonly parentSet: string | null;
  /** Entity set with the rows of all parents, for reading; null where none is known. */
  readonly flatSet: string | null;
  /** The connector works where the tenant does not have it. */
  readonly optional: boolean;
  /** Fields that the connector works without; only these can be bound to null. */
  readonly optionalFields: readonly F[];
  /** Of projection, set and key, as they are by default. */
  readonly confidence: Confidence;
  /** Fields whose default property is less sure than the object: derived from a naming rule. */
  readonly unverifiedFields: readonly F[];
};

export type BoundObject<F extends string = string> = ObjectBinding<F> & ObjectFacts<NoInfer<F>>;

type ObjectDefaults<F extends string> = Pick<ObjectBinding<F>, "projection" | "set" | "key" | "fields"> &
  Partial<Pick<ObjectBinding<F>, "group" | "enums" | "select" | "paging" | "keyTypes" | "timeZoneAware">> &
  Partial<ObjectFacts<NoInfer<F>>>;

export const object = <F extends string>(defaults: ObjectDefaults<F>): BoundObject<F> => ({
  projection: defaults.projection,
  set: defaults.set,
  key: defaults.key,
  fields: defaults.fields,
  group: defaults.group ?? "main",
  enums: defaults.enums ?? ({} as ObjectBinding<F>["enums"]),
  select: defaults.select ?? true,
  timeZoneAware: defaults.timeZoneAware ?? false,
  paging: defaults.paging ?? "keyset",
  keyTypes: defaults.keyTypes ?? ({} as ObjectBinding<F>["keyTypes"]),
  parent: defaults.parent ?? null,
  parentSet: defaults.parentSet ?? null,
  flatSet: defaults.flatSet ?? null,
  optional: defaults.optional ?? false,
  optionalFields: defaults.optionalFields ?? [],
  confidence: defaults.confidence ?? "seen",
  unverifiedFields: defaults.unverifiedFields ?? [],
});
