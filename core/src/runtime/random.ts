import { randomUUID } from "node:crypto";

/** Chance as a dependency, so that a proof can repeat what happened. */
export type Random = {
  /** A version 4 UUID. */
  uuid(): string;
  /** From 0, included, to 1, excluded. */
  fraction(): number;
};

export const systemRandom: Random = { uuid: () => randomUUID(), fraction: () => Math.random() };
