import type { Clock, Random } from "../kernel/types.ts";
import { type Collection, createCollection } from "./collection.ts";
import type { Definition, Deliver, ExtensionCaller, TypeId, World } from "./definition.ts";
import type { Resource } from "./json.ts";
import { createProject } from "./project.ts";
import type { CommercetoolsSettings } from "./settings.ts";

export type WorldOptions = {
  projectKey: string;
  clock: Clock;
  random: Random;
  settings: CommercetoolsSettings;
  deliver: Deliver;
  callExtension: ExtensionCaller;
  definitions: Definition[];
};

export function createWorld(options: WorldOptions): World {
  const definitions = new Map(options.definitions.map((definition) => [definition.typeId, definition]));
  const collections = new Map(
    options.definitions.map((definition) => [
      definition.typeId,
      createCollection<Resource>(definition.indexes ?? [], definition.uniques ?? []),
    ]),
  );
  let stamp = { at: Number.NaN, iso: "" };
  // Asked several times by each request, all of them at one moment.
  const nowIso = () => {
    const at = options.clock.now();
    if (at !== stamp.at) stamp = { at, iso: new Date(at).toISOString() };
    return stamp.iso;
  };
  return {
    projectKey: options.projectKey,
    clock: options.clock,
    settings: options.settings,
    project: createProject(options.projectKey, nowIso()),
    stockMoves: [],
    lingering: [],
    held: new Map(),
    sequenceNumbers: new Map(),
    deliver: options.deliver,
    callExtension: options.callExtension,
    newId: () => uuid(options.random),
    nowIso,
    collection<T extends Resource>(typeId: TypeId) {
      const collection = collections.get(typeId);
      if (!collection) throw new Error(`no collection for ${typeId}`);
      return collection as unknown as Collection<T>;
    },
    definition<T extends Resource>(typeId: TypeId) {
      const definition = definitions.get(typeId);
      if (!definition) throw new Error(`no definition for ${typeId}`);
      return definition as unknown as Definition<T>;
    },
    definitions: () => [...definitions.values()],
  };
}

/** A version-4 shaped uuid out of the model's own chance, so that the same seed gives the same ids. */
export function uuid(random: Random): string {
  const word = () =>
    Math.floor(random() * 4_294_967_296)
      .toString(16)
      .padStart(8, "0");
  const hex = word() + word() + word() + word();
  const variant = "89ab"[Math.floor(random() * 4)];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
