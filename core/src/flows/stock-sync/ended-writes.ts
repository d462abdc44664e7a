/** Zeros of entries whose sales part has ended: through the same places as all other writes, a page at a time. */
import type { InventoryEntry } from "@commercetools/platform-sdk";
import type { Change } from "../../domain/change.ts";
import type { RefusedError } from "../../domain/failure.ts";
import { ok } from "../../domain/result.ts";
import { chunked } from "../../runtime/limit.ts";
import { type DeltaSteps, type RefusedRecord, runDelta } from "../run-delta.ts";
import { recordRefused } from "./site.ts";
import type { SiteRun } from "./site-run.ts";
import { endOfWrites } from "./writes-end.ts";

/** Between two pages the run's time is looked at: at a slow platform's ten writes a second every ten seconds. */
const ENTRIES_PER_PAGE = 100;

/** What a write needs of an entry: there may be very many. */
export type EndedEntry = Pick<InventoryEntry, "id" | "version" | "sku" | "quantityOnStock">;
export type Ended = { readonly entry: EndedEntry; readonly channel: string };

export const ENDED_CAUSE = "the site has no sales part with an inventory part for this SKU";

export type WrittenEnded = {
  readonly emptied: number;
  readonly refused: number;
  /** SKUs of entries that the run's time was too short for, or that somebody else wrote first: for the next run. */
  readonly left: readonly string[];
};

/** `stop` is asked between two pages, so that every run gets on by one at least. */
export async function writeEnded(run: SiteRun, ended: readonly Ended[], stop: () => boolean): Promise<WrittenEnded> {
  const pages = chunked(ended, ENTRIES_PER_PAGE);
  const contested: Ended[] = [];
  let done = 0;
  const saveCursor = async (): Promise<void> => {
    done += 1;
    await run.progress();
  };
  const steps = { ...stepsOf(run, pages, (one) => contested.push(one)), saveCursor };
  const endWrites = endOfWrites(run, { withholdZeros: false });
  const { changed, failed } = await runDelta(steps, { concurrency: run.deps.writes, atOnce: 2, stop, endWrites });
  const left = [...contested, ...pages.slice(done).flat()].map(({ entry }) => entry.sku);
  return { emptied: changed, refused: failed, left: [...new Set(left)] };
}

function stepsOf(
  run: SiteRun,
  pages: readonly (readonly Ended[])[],
  contest: (ended: Ended) => void,
): Omit<DeltaSteps<Ended, Ended, undefined, Ended>, "saveCursor"> {
  return {
    async page(after = "0") {
      const at = Number(after);
      return { rows: pages[at] ?? [], next: at + 1 < pages.length ? String(at + 1) : undefined };
    },
    parse: (row) => ok(row as Ended),
    desired: async (rows) => ({ values: rows, refused: [] }),
    // At the version by which the search found them.
    current: async () => undefined,
    plan: (desired) => ({ values: desired.map(toZero), refused: [] }),
    async apply({ apply: { entry, channel } }) {
      const { id, version, quantityOnStock } = entry;
      await run.deps.inventory.update({ id, version }, [{ action: "removeQuantity", quantity: quantityOnStock }]);
      run.counts.written += 1;
      await journalEnded(run, entry, channel);
    },
    // The sales part may be back as well: whoever looks at the entry again asks IFS again.
    async again({ apply }) {
      run.counts.conflicts += 1;
      contest(apply);
      return undefined;
    },
    refuse: ({ record, apply }, error) => refusedZero(record, apply.entry.sku, error),
    record: (refused) => recordRefused(run, refused),
    waits: ({ apply }) => contest(apply),
  };
}

const toZero = (ended: Ended): Change<Ended> => ({
  record: `${ended.entry.sku} @ ${ended.channel}`,
  cause: ENDED_CAUSE,
  apply: ended,
});

const refusedZero = (record: string, sku: string, error: RefusedError): RefusedRecord => ({
  recordType: "sku",
  recordId: sku,
  recordLabel: record,
  rejection: {
    code: "invalidInput",
    message: `commercetools refused to set the stock of ${record} to zero, whose sales part has ended: ${error.message}`,
    action:
      "Look at the inventory entry of this SKU in commercetools: it still shows stock that IFS does not sell any more. The next full run tries again.",
    owner: "operator",
    field: error.code,
  },
});

const journalEnded = ({ deps, contract }: SiteRun, { sku, quantityOnStock }: EndedEntry, channel: string) =>
  deps.journal.append({
    at: new Date(deps.clock.now()).toISOString(),
    flow: "stock-sync",
    recordType: "sku",
    recordId: sku,
    event: "stock-ended",
    detail: { site: contract, supplyChannel: channel, from: quantityOnStock, to: 0 },
  });
