import type { TypeId, World } from "./definition.ts";
import type { Resource } from "./json.ts";

/** Keeps the version before a change or deletion acting for a while, as the platform's own configuration caches do. */
export function linger(world: World, typeId: TypeId, before: Resource, delayMs: number): void {
  if (delayMs > 0) world.lingering.push({ typeId, resource: before, until: world.clock.now() + delayMs });
}

/** The versions that act now: not yet those created or changed within the delay, still those changed or deleted in it. */
export function actingNow<T extends Resource>(world: World, typeId: TypeId, delayMs: number): T[] {
  const stored = world.collection<T>(typeId);
  if (delayMs === 0) return stored.size() === 0 ? [] : [...stored.values()];
  const now = world.clock.now();
  const acting = new Map<string, T>();
  // Oldest first: of several changes within the delay the version before the first one acts.
  for (const { typeId: kind, resource, until } of world.lingering) {
    if (kind === typeId && until > now && !acting.has(resource.id)) acting.set(resource.id, resource as T);
  }
  for (const resource of stored.values()) if (!acting.has(resource.id)) acting.set(resource.id, resource);
  return [...acting.values()].filter((one) => Date.parse(one.createdAt) + delayMs <= now);
}

export function forgetLingering(world: World): void {
  const now = world.clock.now();
  if (world.lingering.length > 0) world.lingering = world.lingering.filter((one) => one.until > now);
}
