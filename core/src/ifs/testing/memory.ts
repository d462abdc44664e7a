/** A memory of strategies in memory: versions compared as commercetools does. */
import { ConflictError } from "../../domain/failure.ts";
import type { Memory } from "../changes/memory.ts";

export type TestMemory = Memory & {
  readonly documents: Map<string, { value: unknown; version: number }>;
  /** Called before each write; may throw, as a process that dies. */
  beforeWrite: (name: string) => void;
};

export function createTestMemory(): TestMemory {
  const documents: TestMemory["documents"] = new Map();
  const memory: TestMemory = {
    documents,
    beforeWrite: () => {},
    read: async (name) => structuredClone(documents.get(name)),
    write: async (name, value, version) => {
      memory.beforeWrite(name);
      if ((documents.get(name)?.version ?? 0) !== version) throw new ConflictError(`${name} was written meanwhile`);
      documents.set(name, { value: JSON.parse(JSON.stringify(value)), version: version + 1 });
      return version + 1;
    },
  };
  return memory;
}
