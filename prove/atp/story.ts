/** What the parts of one seed share. */
import type { Chance } from "../chance.ts";
import type { Pool } from "../stock/books.ts";
import type { World } from "../world.ts";
import type { Judge, Sleep } from "./judge.ts";
import type { Guard } from "./schedule.ts";

export type Story = {
  readonly world: World;
  readonly chance: Chance;
  readonly ledger: Judge;
  readonly guard: Guard;
  readonly skus: readonly [string, ...string[]];
  readonly pool: Pool;
  /** commercetools does not get some answers of the check; such a seed lasts longer. */
  readonly losesAnswers: boolean;
  /** How long people are busy. */
  readonly troubleMs: number;
  /** Orders leave only when they are paid. */
  readonly paidFirst: boolean;
  readonly told: string[];
  /** What takes the misfortunes away that lie in wait on the wire. */
  readonly hooks: (() => void)[];
  /** How long processes slept, by name. */
  readonly sleeps: Map<string, readonly Sleep[]>;
  /** commercetools itself answers badly in this seed. */
  shopTrouble: boolean;
  trouble: boolean;
};
