import { malformed, notFound } from "../errors.ts";
import type { Caller } from "../projections/definition.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";
import type { Literal } from "./expression.ts";
import { isChildOf, keyValues, missingRow, type Segment } from "./path.ts";
import { referenced } from "./render.ts";
import { type CompiledProjection, isVisible, type View } from "./view.ts";

/** What a path names: a whole set or child array, or one row of it, which may be absent. */
export type Target = {
  view: View;
  /** Parent and its link, when the set is a child array. */
  parent?: { row: Row; on: Record<string, string> };
  /** Key values in the table's order; undefined for a whole set. */
  key?: (string | boolean | null)[];
  row?: Row;
  /** Segments after the set or row: an action, a function, `$count`, a stream. */
  rest: Segment[];
};

export type TargetScope = { projection: CompiledProjection; world: World; caller: Caller };

/** Follows a path from the entity set on. Throws 404 for an unknown set and for a parent that is not there. */
export function resolveTarget(segments: Segment[], scope: TargetScope): Target {
  const [first, ...rest] = segments;
  const view = first && scope.projection.sets.get(first.name);
  if (!first || !view) throw notFound(`The entity set '${first?.name ?? ""}' is not defined.`);
  return follow({ view, rest: [] }, first.args, rest, scope);
}

function follow(base: Target, args: Map<string, Literal> | undefined, rest: Segment[], scope: TargetScope): Target {
  if (!args) return { ...base, rest };
  const key = keyValues(base.view, args, scope.world);
  const row = rowAt(base, key, scope);
  const here: Target = { ...base, key, row, rest };
  const next = rest[0];
  if (!next) return here;
  const array = base.view.arrays.get(next.name);
  const ref = base.view.def.refs?.[next.name];
  if (!array && !ref) return here;
  if (!row) throw missingRow(base.view, scope.world);
  if (array) {
    return follow({ view: array.view, parent: { row, on: array.on }, rest: [] }, next.args, rest.slice(1), scope);
  }
  return followRef(here, row, next, scope);
}

function followRef(here: Target, row: Row, next: Segment, scope: TargetScope): Target {
  const set = here.view.def.refs?.[next.name]?.set ?? "";
  const target = [...scope.projection.sets.values()].find((view) => view.def.name === set);
  if (!target || next.args || here.rest.length > 1) throw malformed(`'${next.name}' cannot be followed like this.`);
  const found = referenced(here.view, target, next.name, row);
  if (!found || !isVisible(target, found, scope.caller, scope.world)) throw missingRow(target, scope.world);
  return { view: target, key: [], row: found, rest: [] };
}

function rowAt(base: Target, key: (string | boolean | null)[], scope: TargetScope): Row | undefined {
  const row = base.view.table.get(...key);
  if (!row || !isVisible(base.view, row, scope.caller, scope.world)) return undefined;
  return !base.parent || isChildOf(row, base.parent.row, base.parent.on) ? row : undefined;
}

/** The children of a parent, by the index of the first linking column that has one. */
export function childRows(target: Target): Row[] | undefined {
  const { parent, view } = target;
  if (!parent) return undefined;
  const link = Object.entries(parent.on);
  for (const [child, own] of link) {
    const found = view.table.find(child, parent.row.values[own] ?? null);
    if (found) return [...found].filter((row) => isChildOf(row, parent.row, parent.on));
  }
  return [...view.table.all()].filter((row) => isChildOf(row, parent.row, parent.on));
}
