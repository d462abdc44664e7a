import type { TypeId, World } from "./definition.ts";
import { invalidJson, referencedNotFound, refuse, requiredField } from "./errors.ts";
import { doc, text } from "./input.ts";
import type { Doc, KeyReference, Reference, Resource } from "./json.ts";

/** Resolves a ResourceIdentifier `{typeId?, id | key}` of a draft; 400 ReferencedResourceNotFound when it leads nowhere. */
export function resolveResource<T extends Resource = Resource>(
  world: World,
  typeId: TypeId,
  source: Doc,
  field: string,
): T | undefined {
  const identifier = doc(source, field);
  if (!identifier) return undefined;
  const given = text(identifier, "typeId");
  if (given !== undefined && given !== typeId)
    throw invalidJson(`${field}.typeId: expected '${typeId}', got '${given}'.`);
  const id = text(identifier, "id");
  const key = text(identifier, "key");
  const collection = world.collection<T>(typeId);
  if (id !== undefined) {
    const found = collection.get(id);
    if (!found) throw referencedNotFound(typeId, { id });
    return found;
  }
  if (key === undefined) throw requiredField(`${field}.id`);
  const found = collection.findUnique("key", key);
  if (!found) throw referencedNotFound(typeId, { key });
  return found;
}

export function requireResource<T extends Resource = Resource>(
  world: World,
  typeId: TypeId,
  source: Doc,
  field: string,
): T {
  const found = resolveResource<T>(world, typeId, source, field);
  if (!found) throw requiredField(field);
  return found;
}

export function referenceTo<K extends TypeId>(typeId: K, resource: Resource): Reference<K> {
  return { typeId, id: resource.id };
}

export function resolveReference<K extends TypeId>(
  world: World,
  typeId: K,
  source: Doc,
  field: string,
): Reference<K> | undefined {
  const found = resolveResource(world, typeId, source, field);
  return found ? referenceTo(typeId, found) : undefined;
}

export function requireReference<K extends TypeId>(world: World, typeId: K, source: Doc, field: string): Reference<K> {
  return referenceTo(typeId, requireResource(world, typeId, source, field));
}

/** Stores and business units are referenced by key. */
export function resolveKeyReference<K extends TypeId>(
  world: World,
  typeId: K,
  source: Doc,
  field: string,
): KeyReference<K> | undefined {
  const found = resolveResource(world, typeId, source, field);
  return found ? { typeId, key: String(found.key) } : undefined;
}

/** A channel that must have a role, for example a supply channel. */
export function resolveChannel(
  world: World,
  source: Doc,
  field: string,
  role: string,
): Reference<"channel"> | undefined {
  const channel = resolveResource<Resource & { roles: string[] }>(world, "channel", source, field);
  if (!channel) return undefined;
  if (!channel.roles.includes(role)) {
    throw refuse("MissingRoleOnChannel", `The channel '${channel.id}' does not have the role '${role}'.`, {
      channel: { typeId: "channel", id: channel.id },
      missingRole: role,
    });
  }
  return referenceTo("channel", channel);
}
