/**
 * A list of parts that is answered without a row may be a list that was not answered. So before an entry is lowered because no row of
 * its parts was shown, these are read once more in lists that contain witnesses: parts of the site that are known to have a row. Where
 * such a list shows no row at all, nothing is concluded from it, whatever the size of the site: the entries stay as they are, and the
 * next run looks again. Rows with quantity zero, which IFS keeps, are rows.
 */
import type { Contract, PartNo, Sku } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import type { Current } from "./current.ts";
import type { Desired } from "./map.ts";
import { planEntries, type StockAction, sightLost } from "./plan.ts";
import type { SiteRun, UnshownPart } from "./site-run.ts";

const WITNESSES = 5;
/** Encoded characters of the terms of one list: with its witnesses it is one request, but where `maxUrlLength` is short. */
const LIST_LENGTH = 2000;
/** `PartNo eq '' or `, encoded. */
const AROUND_A_PART = 28;
/** After so many blind lists a run asks no further: what it has not asked for by then is not believed either. */
const MOST_BLIND = 3;

/** What the change concludes from missing rows, as far as no list with a witness has confirmed it in this run. */
export function doubtedBy(run: SiteRun, action: StockAction): UnshownPart[] {
  if (action.kind !== "move" || action.by >= 0) return [];
  const { desired } = action;
  return unshownOf(desired).filter(({ contract, partNo }) => {
    const site = siteOf(run, contract);
    // Of several sites that feed a channel, one of which nobody has ever seen a row has none yet.
    if (desired.joint && witnessesOf(site).length === 0) return false;
    return site.seen.shownAgain.get(partNo) !== "absent";
  });
}

/** What is not active counts as nothing, whatever rows there are. */
function unshownOf({ joint, ...own }: Desired): UnshownPart[] {
  const all: readonly Omit<Desired, "joint">[] = joint?.parts ?? [own];
  return all.flatMap(({ part, unshown, figure: { contract } }) =>
    part.ended === undefined ? unshown.map((partNo) => ({ contract, partNo })) : [],
  );
}

const siteOf = (run: SiteRun, contract: Contract): SiteRun =>
  run.together.find((site) => site.contract === contract) ?? run;

/** Parts that had a row, those of this run first. */
const witnessesOf = ({ seen, before }: Pick<SiteRun, "seen" | "before">): PartNo[] => [
  ...new Set([...seen.sighted, ...before.witnesses]),
];

type Planned = {
  readonly desired: readonly Desired[];
  readonly current: Current;
  /** Changes that are confirmed later, all at once. */
  readonly later: (action: StockAction) => boolean;
};

/** Asks IFS only where an entry would be lowered by a part without a row. */
export async function askOfUnshown(run: SiteRun, { desired, current, later }: Planned): Promise<void> {
  if (!desired.some((one) => unshownOf(one).length > 0)) return;
  const lowering = planEntries(desired, current).changes.filter(({ apply }) => !later(apply));
  await readAgain(
    run,
    lowering.flatMap(({ apply }) => doubtedBy(run, apply)),
  );
}

/** The parts once more, beside witnesses; what came of it is in `seen.shownAgain` of their sites. */
export async function readAgain(run: SiteRun, parts: readonly UnshownPart[]): Promise<void> {
  for (const [contract, unshown] of Map.groupBy(parts, (part) => part.contract)) {
    const site = siteOf(run, contract);
    const partNos = new Set(unshown.map(({ partNo }) => partNo));
    for (const list of listsOf([...partNos].filter((partNo) => site.seen.shownAgain.get(partNo) !== "absent")))
      await readList(site, list);
  }
}

async function readList({ deps, contract, seen, before }: SiteRun, partNos: readonly PartNo[]): Promise<void> {
  const asked = new Set(partNos);
  const witnesses = witnessesOf({ seen, before }).filter((partNo) => !asked.has(partNo));
  const isAsked = seen.blindLists < MOST_BLIND;
  const lists = isAsked ? await deps.stock.rowsBeside(contract, partNos, witnesses.slice(0, WITNESSES)) : [];
  // A list may take several requests: each has to show a row itself.
  const verdicts = new Map<PartNo, "shown" | "absent" | "blind">(partNos.map((partNo) => [partNo, "blind"]));
  for (const { partNos: list, rows } of lists) {
    const shown = new Set(rows.map(({ partNo }) => partNo));
    if (shown.size === 0) seen.blindLists += 1;
    const unseen = shown.size === 0 ? "blind" : "absent";
    for (const partNo of list) verdicts.set(partNo, shown.has(partNo) ? "shown" : unseen);
  }
  for (const [partNo, verdict] of verdicts) {
    // Of what IFS refuses to be asked for, nothing is known.
    if (!seen.unreadable.partNos.has(partNo)) seen.shownAgain.set(partNo, verdict);
  }
}

function listsOf(partNos: readonly PartNo[]): PartNo[][] {
  const lists: PartNo[][] = [];
  let length = 0;
  for (const partNo of partNos) {
    const size = encodeURIComponent(partNo).length + AROUND_A_PART;
    const last = lists.at(-1);
    if (last && length + size <= LIST_LENGTH) {
      last.push(partNo);
      length += size;
    } else {
      lists.push([partNo]);
      length = size;
    }
  }
  return lists;
}

/** True for a change that was not confirmed: the entry stays as it is, and the next run looks again. */
export function isDoubted(run: SiteRun, action: StockAction): boolean {
  const doubted = doubtedBy(run, action);
  if (doubted.length > 0) leave(run, action.desired.sku, { partNo: action.desired.part.partNo, doubted });
  return doubted.length > 0;
}

type Left = { readonly partNo: PartNo; readonly doubted: readonly UnshownPart[] };

/** What a blind list left out is told of; what is shown after all, or refused, is only looked at again. */
function leave(run: SiteRun, sku: Sku, { partNo, doubted }: Left): void {
  run.seen.again.add(partNo);
  const blind = doubted.find((one) => siteOf(run, one.contract).seen.shownAgain.get(one.partNo) === "blind");
  if (!blind) {
    run.seen.undone.left.add(partNo);
    return;
  }
  const skus = run.seen.unbelieved.get(blind.contract) ?? new Set();
  run.seen.unbelieved.set(blind.contract, skus.add(sku));
}

/**
 * Before zeros are counted and judged: those that are not confirmed are none. Gives parts that are shown after all, to be planned anew
 * with what is written.
 */
export async function confirmZeros(run: SiteRun): Promise<PartNo[]> {
  const { zeros } = run.seen.waiting;
  const waiting = [...zeros];
  await readAgain(
    run,
    waiting.flatMap(([, { unshown }]) => unshown),
  );
  const shown = new Set<PartNo>();
  for (const [id, { sku, partNo, unshown }] of waiting) {
    const verdicts = unshown.map((part) => siteOf(run, part.contract).seen.shownAgain.get(part.partNo));
    if (verdicts.every((verdict) => verdict === "absent")) continue;
    zeros.delete(id);
    if (verdicts.every((verdict) => verdict === "absent" || verdict === "shown")) shown.add(partNo);
    else leave(run, sku as Sku, { partNo, doubted: unshown });
  }
  return [...shown];
}

/** At the end of a run: names the sites of which a list was blind. */
export async function reportUnbelieved(run: SiteRun): Promise<RunSummary> {
  const { seen, deps, tracker, counts } = run;
  const messages: string[] = [];
  for (const [contract, skus] of seen.unbelieved) {
    const record = sightLost(contract, [...skus]);
    deps.logger.warn(
      { flow: "stock-sync", site: contract, skus: skus.size, recordId: record.recordId },
      "list-without-rows",
    );
    await tracker.record(record);
    messages.push(record.rejection.message);
  }
  const failed = countUnbelieved(run);
  counts.held += failed;
  seen.undone.waiting += failed;
  return { processed: 0, changed: 0, failed, ...(failed > 0 && { message: messages.join(" ") }) };
}

export const countUnbelieved = ({ seen }: Pick<SiteRun, "seen">): number =>
  [...seen.unbelieved.values()].reduce((total, skus) => total + skus.size, 0);
