/** What the journal tells of entries that were wrong although nothing had announced it. */
import type { Change } from "../../domain/change.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import { type DriftReason, driftReason } from "./drift.ts";
import { formulaOf } from "./formula.ts";
import type { StockAction } from "./plan.ts";
import type { Edit, SiteRun } from "./site-run.ts";

const JOURNALED_CORRECTIONS = 500;
/** Change detection reaches back behind the run before, for clocks that differ and for late commits. */
const ANNOUNCED_OVERLAP_MS = 5 * 60_000;

/** A full run finds what no change announced: a drift, which is journaled. What people edited is, whoever finds it. */
export type Journaled = "all" | "edits";

type Move = Extract<StockAction, { kind: "move" }>;

export async function journalDrift(
  run: SiteRun,
  { cause, apply }: Change<StockAction>,
  journaled: Journaled,
): Promise<void> {
  if (apply.kind !== "move" || apply.by === 0) return;
  const reason = reasonOf(run, apply);
  if (!isJournaled(run, { apply, reason, journaled })) return;
  if (run.seen.corrections >= JOURNALED_CORRECTIONS) {
    run.seen.unjournaled.set(reason, (run.seen.unjournaled.get(reason) ?? 0) + 1);
    return;
  }
  run.seen.corrections += 1;
  await run.deps.journal.append({
    at: new Date(run.deps.clock.now()).toISOString(),
    flow: "stock-sync",
    recordType: "sku",
    recordId: apply.desired.sku,
    event: "stock-corrected",
    detail: {
      site: run.contract,
      pool: apply.desired.pool.name,
      from: apply.from,
      to: apply.to,
      reason,
      cause: cause.slice(0, 500),
      // A sale that landed after the edit was found has put another name on the entry.
      lastModifiedBy: editOf(run, apply)?.by ?? apply.lastModifiedBy ?? null,
    },
  });
}

/** Where IFS has told of the part as well, nobody knows whether a client's change made the entry wrong. */
function editOf({ seen }: Pick<SiteRun, "seen">, { ref, desired }: Move): Edit | undefined {
  const edit = seen.edits.get(ref.id);
  return edit?.byPerson || !desired.part.draws.some(({ partNo }) => seen.told.has(partNo)) ? edit : undefined;
}

function reasonOf(run: SiteRun, apply: Move): DriftReason {
  const { deps, site, before } = run;
  const edit = editOf(run, apply);
  // Whatever moved since: somebody set the entry, and hears what became of it.
  if (edit?.byPerson) return "manualEdit";
  const reason = driftReason(apply, {
    ownClientId: deps.ownClientId,
    first: before.fullFinishedAt === undefined,
    // A full run in several slices has saved its formula with the first.
    formulaChanged: before.full?.formulaChanged === true || before.formula !== formulaOf(deps.config, site),
  });
  return edit && (reason === "lostSale" || reason === "unexplained") ? "otherClient" : reason;
}

type Drift = {
  readonly apply: Move;
  readonly reason: DriftReason;
  readonly journaled: Journaled;
};

function isJournaled(run: SiteRun, { apply, reason, journaled }: Drift): boolean {
  if (reason === "manualEdit" || (reason === "otherClient" && editOf(run, apply) !== undefined)) return true;
  if (journaled === "edits") return false;
  // Every part is judged anew, whatever was announced of it.
  if (reason === "takenOver" || reason === "formulaChange") return true;
  const { parts, since } = run.seen.announced;
  const { part, movedAt } = apply.desired;
  if (part.draws.some(({ partNo }) => parts.has(partNo))) return false;
  const isAnnounced = since !== undefined && movedAt !== undefined && movedAt >= since - ANNOUNCED_OVERLAP_MS;
  return !(reason === "ifsChange" && isAnnounced);
}

/** At the end of a run: how many corrections the journal does not tell of one by one. */
export async function reportUnjournaled({ deps, site, seen }: SiteRun): Promise<RunSummary> {
  const unlisted = [...seen.unjournaled.values()].reduce((total, count) => total + count, 0);
  if (unlisted === 0) return { processed: 0, changed: 0, failed: 0 };
  const reasons = Object.fromEntries(seen.unjournaled);
  await deps.journal.append({
    at: new Date(deps.clock.now()).toISOString(),
    flow: "stock-sync",
    recordType: "flow",
    recordId: `corrections ${site.site}`,
    event: "stock-corrected-unlisted",
    detail: { site: site.site, listed: seen.corrections, unlisted, ...reasons },
  });
  const message = `The journal lists ${seen.corrections} corrected entries of site ${site.site} one by one; ${unlisted} more were corrected, which it counts by their reasons.`;
  return { processed: 0, changed: 0, failed: 0, message };
}
