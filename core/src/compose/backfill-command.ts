/** `npm run backfill`: asks job-app's sweep for a period, and shows how far it is. */
import { parseArgs } from "node:util";
import { z } from "zod";
import type { Cursors } from "../flows/cursor.ts";
import {
  BACKFILL_PROGRESS,
  BACKFILL_REQUEST,
  type BackfillProgress,
  type BackfillRequest,
  backfillProgressSchema,
  backfillRequestSchema,
} from "../flows/order-export/backfill.ts";
import { periodSchema } from "./ledger-command.ts";

export const BACKFILL_USAGE = `npm run backfill -- --from <date> --to <date> [--before-export-from] [--wait] [--json]
npm run backfill -- --status [--json]`;

export type BackfillDeps = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly cursors: Cursors;
  readonly exportFrom: string;
  /** Orders created at `from` and before `to`; the platform counts to 10,000. */
  readonly count: (from: string, to: string) => Promise<number>;
  readonly newId: () => string;
  readonly clock: { now(): number; sleep(ms: number): Promise<void> };
};

const ASK_EVERY_MS = 2000;

/** 0: asked for, or (with `--wait` or `--status`) finished. 1: refused, or not finished. 2: not understood. */
export async function runBackfillCommand(args: readonly string[], deps: BackfillDeps): Promise<number> {
  const given = readArgs(args);
  if (typeof given === "string") {
    deps.complain(`${given}\n${BACKFILL_USAGE}`);
    return 2;
  }
  const state = await stateOf(deps.cursors);
  if (given.period === undefined) return tell(deps, state, given.json) ? 0 : 1;
  const { from, to } = given.period;
  const same = state.request?.from === from && state.request.to === to;
  if (state.request && !isFinished(state) && !same) {
    const open = `${state.request.from} to ${state.request.to}`;
    deps.complain(`A back-fill of ${open} is under way. Wait for its end: npm run backfill -- --status`);
    return 1;
  }
  const before = Date.parse(from) < Date.parse(deps.exportFrom);
  if (before && !given.beforeExportFrom) {
    deps.complain(
      `The period begins before orders.exportFrom (${deps.exportFrom}). Where a former integration exported orders of it, configure orders.cutOver first: they are then found and linked. Ask again with --before-export-from if they are to be exported all the same; each is looked up in IFS first, and stays in the connector's charge.`,
    );
    return 1;
  }
  if (!same || isFinished(state)) await ask(deps, { from, to, beforeExportFrom: before });
  if (given.wait) return waited(deps, given.json);
  tell(deps, await stateOf(deps.cursors), given.json);
  return 0;
}

async function ask(
  { cursors, count, newId, clock }: BackfillDeps,
  period: { from: string; to: string; beforeExportFrom: boolean },
): Promise<void> {
  const request: BackfillRequest = {
    id: newId(),
    ...period,
    requestedAt: new Date(clock.now()).toISOString(),
    total: await count(period.from, period.to),
  };
  await cursors.write(BACKFILL_REQUEST, request, (await cursors.read(BACKFILL_REQUEST))?.version ?? 0);
}

async function waited(deps: BackfillDeps, json: boolean): Promise<number> {
  for (;;) {
    if (tell(deps, await stateOf(deps.cursors), json)) return 0;
    await deps.clock.sleep(ASK_EVERY_MS);
  }
}

type State = { readonly request: BackfillRequest | undefined; readonly progress: BackfillProgress | undefined };

async function stateOf(cursors: Cursors): Promise<State> {
  const [request, progress] = [await cursors.read(BACKFILL_REQUEST), await cursors.read(BACKFILL_PROGRESS)];
  const asked = request && backfillRequestSchema.parse(request.value);
  const moved = progress && backfillProgressSchema.parse(progress.value);
  return { request: asked, progress: moved?.id === asked?.id ? moved : undefined };
}

const isFinished = ({ progress }: State): boolean => progress?.finished ?? false;

/** True: there is nothing left to do. */
function tell({ print }: Pick<BackfillDeps, "print">, state: State, json: boolean): boolean {
  const { request, progress } = state;
  if (!request) {
    print(json ? "{}" : "No back-fill was asked for.");
    return true;
  }
  const { done = 0, changed = 0, failed = 0 } = progress ?? {};
  const seconds = progress ? (Date.parse(progress.movedAt) - Date.parse(progress.startedAt)) / 1000 : 0;
  const perHour = seconds > 0 ? Math.round((done * 3600) / seconds) : null;
  const { from, to, total } = request;
  const line = { from, to, total, done, changed, failed, perHour, finished: isFinished(state) };
  const phase = progress === undefined ? "waits for the next sweep" : progress.finished ? "finished" : "under way";
  const rate = perHour === null ? "" : `, ${perHour} an hour`;
  print(
    json
      ? JSON.stringify(line)
      : `${from} to ${to}: ${phase}; ${done} of ${total} orders looked at${rate}, ${changed} newly linked or cancelled, ${failed} refused or in doubt (npm run exceptions -- list)`,
  );
  return line.finished;
}

type Given = {
  period: { from: string; to: string } | undefined;
  beforeExportFrom: boolean;
  wait: boolean;
  json: boolean;
};

function readArgs(args: readonly string[]): Given | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        from: { type: "string" },
        to: { type: "string" },
        status: { type: "boolean", default: false },
        "before-export-from": { type: "boolean", default: false },
        wait: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
    });
    const { wait, json } = values;
    const rest = { beforeExportFrom: values["before-export-from"], wait, json };
    if (values.status) return { period: undefined, ...rest };
    const period = periodSchema.safeParse(values);
    return period.success ? { period: period.data, ...rest } : z.prettifyError(period.error);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
