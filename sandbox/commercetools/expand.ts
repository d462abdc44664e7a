import type { TypeId, World } from "./definition.ts";
import { type Doc, isDoc } from "./json.ts";

/** Reference expansion: `lineItems[*].supplyChannel`, `paymentInfo.payments[*]`, `syncInfo[*].channel`. */
export function expandAll(world: World, resource: Doc, paths: string[]): Doc {
  return paths.reduce((shown, path) => expandAt(world, shown, segmentsOf(path)) as Doc, resource);
}

function segmentsOf(path: string): string[] {
  return path
    .replace(/\[(\*|\d+)\]/g, "")
    .split(".")
    .filter((segment) => segment.length > 0);
}

function expandAt(world: World, value: unknown, segments: string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => expandAt(world, item, segments));
  if (!isDoc(value)) return value;
  const [head, ...rest] = segments;
  if (head === undefined) return withObject(world, value);
  const inner = value[head];
  if (inner !== undefined) return { ...value, [head]: expandAt(world, inner, rest) };
  // `customer.customerGroup`: the path goes on inside an expanded reference.
  const expanded = withObject(world, value);
  if (!isDoc(expanded) || !isDoc(expanded.obj)) return value;
  return { ...expanded, obj: expandAt(world, expanded.obj, segments) };
}

function withObject(world: World, reference: Doc): Doc {
  if (typeof reference.typeId !== "string" || isDoc(reference.obj)) return reference;
  const definition = world.definitions().find((one) => one.typeId === reference.typeId);
  if (!definition) return reference;
  const collection = world.collection(reference.typeId as TypeId);
  const found =
    typeof reference.id === "string"
      ? collection.get(reference.id)
      : collection.findUnique("key", String(reference.key ?? ""));
  if (!found) return reference;
  return { ...reference, obj: definition.present ? definition.present(world, found) : found };
}
