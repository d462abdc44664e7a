/** What the parts of one seed share. */
import type { Chance } from "../chance.ts";
import type { World } from "../world.ts";
import type { Article, Pool } from "./books.ts";
import type { Ledger } from "./ledger.ts";

export type Story = {
  readonly world: World;
  readonly chance: Chance;
  readonly ledger: Ledger;
  readonly skus: readonly [string, ...string[]];
  /** What these are in IFS. */
  readonly articles: readonly [Article, ...Article[]];
  /** One, or one at each of two sites. */
  readonly pools: readonly [Pool, ...Pool[]];
  /** Keys of the supply channels of all pools. */
  readonly channels: readonly [string, ...string[]];
  /** Orders leave only when they are paid. */
  readonly paidFirst: boolean;
  readonly told: string[];
  /** What takes the misfortunes away that lie in wait on the wire. */
  readonly hooks: (() => void)[];
  trouble: boolean;
};

/** As much of a seed as people need who work in IFS. */
export type Office = Pick<Story, "world" | "chance" | "told"> & {
  readonly ledger: Pick<Ledger, "note" | "cancelledInIfs">;
};

export const tell = ({ world, told }: Pick<Story, "world" | "told">, what: string): void => {
  told.push(`${Math.round(world.time.elapsed())} ${what}`);
};

/** IFS refuses what a person wants, or the shop does: that is life, and no defect. */
export function clerk(story: Office, command: string, input: Record<string, unknown>): boolean {
  try {
    story.world.ifs.model.clerk(command, input);
    tell(story, `IFS: ${command} ${JSON.stringify(input)}`);
    return true;
  } catch {
    return false;
  } finally {
    story.ledger.note();
  }
}

export function later(story: Pick<Story, "world">, ms: number, work: () => unknown): void {
  story.world.time.clock.after(ms, () => {
    Promise.resolve()
      .then(work)
      .catch((error: unknown) => {
        if (!(error instanceof Error)) throw error;
      });
  });
}

/** In the order in which it happened: what people did, what was written to either platform, and what the processes said. */
export function traceOf({ world, told }: Pick<Story, "world" | "told">, shopWrites: RegExp): readonly string[] {
  const writes = world.network.log.filter((line) => shopWrites.test(line) || / (PATCH|POST) http:\/\/ifs/.test(line));
  const said = world.log.map(
    ({ at, process, event, fields }) => `${Math.round(at)} ${process} ${event} ${detailOf(fields)}`,
  );
  return [...told, ...writes, ...said].toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

function detailOf(fields: object): string {
  const { error, ...rest } = fields as { error?: unknown };
  return `${JSON.stringify(rest).slice(0, 200)} ${error instanceof Error ? error.message : ""}`;
}
