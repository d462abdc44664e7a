/** What the parts of one seed share. */

import { num, text } from "../../sandbox/ifs/rows.ts";
import type { Chance } from "../chance.ts";
import type { World } from "../world.ts";
import { type Article, kitLines, type Pool } from "./books.ts";
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
  readonly articles?: readonly Article[];
};

export const tell = ({ world, told }: Pick<Story, "world" | "told">, what: string): void => {
  told.push(`${Math.round(world.time.elapsed())} ${what}`);
};

/** IFS refuses what a person wants, or the shop does: that is life, and no defect. */
export function clerk(story: Office, command: string, input: Record<string, unknown>): boolean {
  try {
    if (command === "ship") shipWithKits(story, input);
    else story.world.ifs.model.clerk(command, input);
    tell(story, `IFS: ${command} ${JSON.stringify(input)}`);
    return true;
  } catch {
    return false;
  } finally {
    story.ledger.note();
  }
}

/** Where what is sold lies. */
export const HOME = "PICK-01";

/** Whoever ships a kit takes its components off the shelf, all in one moment; what lacks one stays where it is. */
function shipWithKits({ world, articles = [] }: Office, input: Record<string, unknown>): void {
  const { model } = world.ifs;
  const kits = articles.filter(({ component }) => component !== undefined);
  const site = text(
    world.ifs.model.world().table("CustomerOrder").get(String(input.orderNo)) ?? { values: {} },
    "Contract",
  );
  const openKits = () => [...kitLines(world, kits, site)].filter(({ orderNo }) => orderNo === input.orderNo);
  const wanted = openKits().filter(({ open }) => open > 0);
  for (const { partNo, units, open } of wanted) {
    if (onShelf(world, site, partNo) < units * open) throw new Error(`too little ${partNo} for the kits`);
  }
  model.clerk("ship", input);
  for (const { partNo, units, open } of wanted) {
    model.clerk("issue", { site, part: partNo, qty: units * open, location: HOME });
  }
  if (openKits().some(({ open }) => open > 0)) throw new Error("a kit was shipped in part");
}

function onShelf(world: World, site: string, partNo: string): number {
  const rows = world.ifs.model.world().table("InventoryPartInStock").find("PartNo", partNo) ?? [];
  return [...rows]
    .filter(
      (row) => text(row, "Contract") === site && text(row, "LocationNo") === HOME && row.values.FreezeFlagDb !== true,
    )
    .reduce((sum, row) => sum + num(row, "QtyOnhand").minus(num(row, "QtyReserved")).toNumber(), 0);
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
