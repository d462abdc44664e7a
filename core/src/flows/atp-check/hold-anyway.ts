/**
 * What an order takes that a policy lets pass: units that nobody has counted. They are held as well, so that whoever is answered by IFS in
 * the next moment does not sell them again.
 */
import type { IfsView } from "./ask-ifs.ts";
import type { Demand, LineVerdict } from "./decide.ts";
import type { AtpDeps } from "./deps.ts";
import { type HeldDraw, type Holder, holdsFor, takeHolds } from "./holds.ts";
import { within } from "./in-time.ts";
import { supposedDraws } from "./supposed-draws.ts";

/** Of the time for an answer, what is kept for the hold: two exchanges with commercetools. */
export const HOLD_MS = 250;

/** Who holds hears others for a little less long, so that an order that a policy lets pass can be held as well. Clock.monotonic() milliseconds. */
export const beforeHolds = ({ config }: Pick<AtpDeps, "config">, deadlineAt: number): number =>
  deadlineAt - Math.min(HOLD_MS, config.atp.deadlineMs / 4);

type Taken = {
  readonly demands: readonly Demand[];
  /** Of a question, or undefined: nothing is held. Nobody has bought anything yet, and what nobody has counted is no offer. */
  readonly holder: Holder | undefined;
  readonly deadlineAt: number;
  /** What the demand takes; absent: as far as it can be told without IFS. */
  readonly drawsOf?: (demand: Demand) => readonly HeldDraw[];
};

/** Each part where it can be held in what time is left, whatever others hold: the order passes. Never throws for an outage. */
export async function holdAnyway(
  deps: AtpDeps,
  { demands, holder, deadlineAt, drawsOf = (demand) => supposedDraws(deps, demand) }: Taken,
): Promise<void> {
  const { holds: access } = deps;
  if (!access || holder?.order === undefined) return;
  const { owner, by } = holder;
  const wanted = demands.flatMap((demand) => holdsFor(holder, demand, drawsOf(demand)));
  if (wanted.length === 0) return;
  const taking = { owner, by, wanted, fits: () => true, seen: new Map(), deadlineAt };
  await within(deps, deadlineAt, takeHolds(deps, access, taking).done);
}

/**
 * What a demand takes where IFS has answered: by its records, and as far as it can be told without IFS at sites that have not answered, and
 * of a part that IFS refuses to be asked for. Of a SKU that IFS does not have there is nothing.
 */
export const drawsIn =
  (deps: AtpDeps, { draws, unread }: IfsView, verdicts: ReadonlyMap<string, LineVerdict>) =>
  (demand: Demand): readonly HeldDraw[] => {
    const told = draws.get(demand.id) ?? [];
    const isRefused = told.length === 0 && verdicts.get(demand.id)?.reason === "ifsRefused";
    return [...told, ...supposedDraws(deps, demand).filter(({ site }) => isRefused || unread.has(site))];
  };
