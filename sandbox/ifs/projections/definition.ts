import type { Json } from "../odata/json.ts";
import type { Column, Scalar, Values } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";

/** Who asks: decides which rows there are for him. */
export type Caller = {
  clientId: string;
  companies: readonly string[];
  sites: readonly string[];
  projections: readonly string[] | "all";
};

/** What a write or an action knows of the request around it. */
export type Context = { world: World; caller: Caller; inChangeSet: boolean };

/** A property that no table holds. Filters on it are slow at IFS ("not indexed"). */
export type Computed = { column: Column; value: (row: Row, world: World) => Scalar };

export type RefDef = {
  /** Set of the same projection that lists the target rows. */
  set: string;
  /** Property of this set -> property of the target, covering the target's key. */
  on: Record<string, string>;
};

/** Body of an action: what a parameter may be, before the action itself judges it. */
export type Parameters = Record<string, Json>;

/** `undefined` answers 204; a scalar answers `{"value": …}`; a row answers as the row. */
export type ActionResult = undefined | { value: Scalar } | { structure: Record<string, Scalar> };

export type BoundAction = {
  name: string;
  parameters: Record<string, "str" | "num" | "bool">;
  run: (context: Context, row: Row, parameters: Parameters) => ActionResult;
};

export type UnboundAction = {
  name: string;
  parameters: Record<string, "str" | "num" | "bool">;
  returns?: "str" | "num";
  run: (context: Context, parameters: Parameters) => ActionResult;
};

/** A function without parameters that gives the defaults of a new row. */
export type CollectionFunction = { name: string; run: (context: Context) => Record<string, Scalar> };

export type UnboundFunction = {
  name: string;
  parameters: Record<string, string>;
  run: (context: Context, parameters: Record<string, Scalar>) => Scalar;
};

export type SetDef = {
  name: string;
  table: string;
  /** Name of the entity type in the metadata. */
  entity: string;
  /** Served properties in order; all of the table when absent. */
  only?: readonly string[];
  /** Properties of the table that are not served. */
  without?: readonly string[];
  computed?: readonly Computed[];
  /** `$count=true` is answered here even when not every set answers it. */
  countable?: boolean;
  refs?: Record<string, RefDef>;
  arrays?: readonly ArrayDef[];
  actions?: readonly BoundAction[];
  functions?: readonly CollectionFunction[];
  insert?: (context: Context, values: Values) => Row;
  update?: (context: Context, row: Row, changes: Values) => void;
  remove?: (context: Context, row: Row) => void;
  /** Rows that this set leaves out. */
  where?: (row: Row, world: World) => boolean;
  /** Reads without an equality on one of these properties are refused. */
  needsFilterOn?: readonly string[];
  /** Shown in the service document. Child arrays are not. */
  listed?: boolean;
};

export type ArrayDef = SetDef & {
  /** Property of the child -> property of the parent. */
  on: Record<string, string>;
};

export type ProjectionDef = {
  name: string;
  description: string;
  sets: readonly SetDef[];
  actions?: readonly UnboundAction[];
  functions?: readonly UnboundFunction[];
};
