import { stampOf } from "./auth.ts";
import type { Call, Change, Definition, PendingMessage, World } from "./definition.ts";
import { concurrentModification, refuse, resourceNotFound } from "./errors.ts";
import { compact, copyOf, type Doc, type Resource, sameJson } from "./json.ts";
import { linger } from "./lingering.ts";
import { notifyChange, notifyMessage, userIdentifiers } from "./notifications.ts";

export type OpenChange<T extends Resource> = Change<T> & {
  messages: PendingMessage[];
  effects: (() => void)[];
  /** Order Edits: messages tell of the change, change subscriptions do not. */
  silent?: boolean;
};

/** The version after one update with that many actions. */
export function nextVersion(world: World, version: number, steps: number): number {
  return version + (world.settings.versionStep === "perAction" ? Math.max(1, steps) : 1);
}

/** Opens a change on a copy of what is stored. */
export function openUpdate<T extends Resource>(call: Call, before: T): OpenChange<T> {
  return open(call, copyOf(before), before);
}

/** Opens a change for a new resource with a new id. */
export function openCreate<T extends Resource>(call: Call, fields: Doc, id?: string): OpenChange<T> {
  const now = call.world.nowIso();
  const by = stampOf(call.actor);
  const resource = { id: id ?? call.world.newId(), version: 1, createdAt: now, lastModifiedAt: now };
  return open(call, compact({ ...resource, createdBy: by, lastModifiedBy: by, ...fields }) as unknown as T);
}

function open<T extends Resource>(call: Call, resource: T, before?: T): OpenChange<T> {
  const messages: PendingMessage[] = [];
  const effects: (() => void)[] = [];
  return {
    call,
    world: call.world,
    resource,
    ...(before ? { before } : {}),
    messages,
    effects,
    onCommit: (effect) => void effects.push(effect),
    emit: (type, fields = {}) => void messages.push({ type, fields }),
  };
}

/** A resource is one document, and documents have a size at which the platform refuses them. */
function checkSize(world: World, resource: Resource): void {
  const size = Buffer.byteLength(JSON.stringify(resource));
  const limit = world.settings.documentLimitBytes;
  if (size > limit) throw refuse("ResourceSizeLimitExceeded", `The resource has ${size} bytes, more than ${limit}.`);
}

/** Stores a new resource, writes its messages and notifies Subscriptions. */
export function commitCreate<T extends Resource>(definition: Definition<T>, change: OpenChange<T>): T {
  const collection = change.world.collection<T>(definition.typeId);
  collection.check(change.resource);
  checkSize(change.world, change.resource);
  definition.beforeCommit?.(change);
  definition.created?.(change);
  numberMessages(definition, change);
  collection.put(change.resource);
  runEffects(change);
  publish(definition, change);
  notifyChange(change.world, definition.typeId, "ResourceCreated", change.resource);
  return change.resource;
}

/**
 * Stores a changed resource under the next version. An update that changes nothing keeps version and stamps.
 * Throws 409 when somebody else changed the resource since the change was opened.
 */
export function commitUpdate<T extends Resource>(definition: Definition<T>, change: OpenChange<T>, steps = 1): T {
  const { world, before, resource } = change;
  if (!before) throw new Error("commitUpdate needs a stored resource");
  const collection = world.collection<T>(definition.typeId);
  const current = collection.get(before.id);
  if (!current) throw resourceNotFound(definition.typeId, before.id);
  if (current.version !== before.version) throw concurrentModification(before.version, current.version);
  collection.check(resource);
  checkSize(world, resource);
  definition.beforeCommit?.(change);
  if (sameJson(before, resource)) {
    runEffects(change);
    return before;
  }
  const doc: Doc = resource;
  doc.version = nextVersion(world, before.version, steps);
  doc.lastModifiedAt = world.nowIso();
  doc.lastModifiedBy = stampOf(change.call.actor);
  numberMessages(definition, change);
  if (definition.actsAfterMs) linger(world, definition.typeId, before, definition.actsAfterMs(world.settings));
  collection.put(resource);
  runEffects(change);
  publish(definition, change);
  if (!change.silent) notifyChange(world, definition.typeId, "ResourceUpdated", resource, before.version);
  return resource;
}

export function commitDelete<T extends Resource>(definition: Definition<T>, change: OpenChange<T>): T {
  definition.mayDelete?.(change);
  if (definition.keptWhileReferenced) refuseReferenced(change.world, definition, change.resource);
  definition.deleted?.(change);
  const { world, resource } = change;
  if (definition.actsAfterMs) linger(world, definition.typeId, resource, definition.actsAfterMs(world.settings));
  change.world.collection<T>(definition.typeId).remove(change.resource.id);
  runEffects(change);
  publish(definition, change);
  notifyChange(change.world, definition.typeId, "ResourceDeleted", change.resource);
  return change.resource;
}

/** Deletions are rare: reading everything for one is cheaper than keeping an index of all references. */
function refuseReferenced<T extends Resource>(world: World, definition: Definition<T>, resource: T): void {
  for (const other of world.definitions()) {
    if (other.typeId === "message") continue;
    for (const candidate of world.collection(other.typeId).values()) {
      if (candidate.id === resource.id || !JSON.stringify(candidate).includes(resource.id)) continue;
      throw refuse(
        "ReferenceExists",
        `Can not delete a ${definition.typeId} while it is referenced by at least one ${other.typeId}.`,
        { referencedBy: other.typeId },
      );
    }
  }
}

function runEffects(change: OpenChange<Resource>): void {
  for (const effect of change.effects.splice(0)) effect();
}

/** Orders carry the number of their newest message, so that readers can see whether they missed one. */
function numberMessages<T extends Resource>(definition: Definition<T>, change: OpenChange<T>): void {
  if (definition.typeId !== "order" || change.messages.length === 0) return;
  const doc: Doc = change.resource;
  doc.lastMessageSequenceNumber = lastSequence(change.world, definition, change.resource) + change.messages.length;
}

function lastSequence<T extends Resource>(world: World, definition: Definition<T>, resource: T): number {
  return world.sequenceNumbers.get(`${definition.typeId}:${resource.id}`) ?? 0;
}

function publish<T extends Resource>(definition: Definition<T>, change: OpenChange<T>): void {
  const { world, resource, call } = change;
  for (const { type, fields } of change.messages) {
    const sequenceNumber = lastSequence(world, definition, resource) + 1;
    world.sequenceNumbers.set(`${definition.typeId}:${resource.id}`, sequenceNumber);
    const now = world.nowIso();
    const by = stampOf(call.actor);
    const message = compact({
      id: world.newId(),
      version: 1,
      sequenceNumber,
      resource: { typeId: definition.typeId, id: resource.id },
      resourceVersion: resource.version,
      resourceUserProvidedIdentifiers: userIdentifiers(resource),
      type,
      ...fields,
      createdAt: now,
      lastModifiedAt: now,
      createdBy: by,
      lastModifiedBy: by,
    }) as Resource;
    if (world.project.messages.enabled) world.collection("message").put(message);
    notifyMessage(world, message);
  }
}
