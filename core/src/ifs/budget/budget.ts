/**
 * The tenant's budget as one process sees it: a gate in front of every request, and a lease on a share of the tokens and places
 * that all processes have together. See README.md, "Budget".
 */
import { ConflictError } from "../../domain/failure.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import { systemRandom } from "../../runtime/random.ts";
import { createAdaptation, type Outcome } from "./adaptation.ts";
import { createDemand, keepOf, reserveOf } from "./demand.ts";
import { createGate } from "./gate.ts";
import { classOf, type Lane, lanes } from "./lanes.ts";
import {
  FLOOR_MS,
  floorOf,
  isAmple,
  isAsLedgerSays,
  type Ledger,
  type Limits,
  parseLedger,
  type Request,
  released,
  renewed,
  SLACK_MS,
  settle,
  TTL_MS,
  targetOf,
} from "./ledger.ts";
import { createPurse, REST_MS } from "./purse.ts";

/** The ledger's document, which installation creates. */
export type BudgetStore = {
  /** undefined: not installed. */
  read(): Promise<{ value: unknown; version: number } | undefined>;
  /** Compare-and-swap. ConflictError: read again. */
  swap(value: unknown, version: number): Promise<unknown>;
};

/** What a request to IFS needs of the budget. */
export type BudgetGate = {
  /** Runs `work` when the lane's turn has come; rejects with the signal's reason when it is aborted before. */
  run<T>(lane: Lane, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  observe(outcome: Outcome): void;
};

export type Budget = BudgetGate & {
  /** Begins to lease in the background. Until the first answer of the store, requests wait. */
  start(): void;
  /** Other limits count from the next renewal on. */
  configure(limits: BudgetLimits): void;
  /** Ends the lease and gives the share back. */
  stop(): Promise<void>;
  share(): { tokens: number; slots: number; busy: number; factor: number };
};

export type BudgetLimits = Limits & {
  /** Places that one process wants at most. */
  readonly perProcess: number;
};
export const defaultLimits: BudgetLimits = { perMinute: 600, concurrency: 8, perProcess: 6 };

/** Between renewals of a process that works, and of one that does nothing. */
const RENEW_MS = 2500;
const IDLE_MS = 10_000;
/** As long as a share lasts longer than this, a renewal that would change nothing is not written. */
const LASTING_MS = TTL_MS - 3 * RENEW_MS;
/** A process that is short asks again after this. */
const LEAST_MS = 1000;
const GATHER_MS = 30;
const SWAP_TRIES = 6;
/** How long a process that stops waits for its last requests. */
const LANDING_MS = 2000;

export type BudgetOptions = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: BudgetStore;
  /** The lanes that this process uses; it keeps room for the urgent ones among them. */
  readonly lanes: readonly Lane[];
  readonly limits?: BudgetLimits;
  readonly random?: () => number;
  readonly id?: string;
};

export function createBudget(options: BudgetOptions): Budget {
  const { clock, logger, store, random = systemRandom.fraction, id = systemRandom.uuid() } = options;
  const purse = createPurse();
  const adaptation = createAdaptation(clock, random);
  let limits = options.limits ?? defaultLimits;
  let slots = 0;
  let lease: { monotonic: number; epoch: number } | undefined;
  let missingReported = false;
  const demand = createDemand({
    served: options.lanes,
    mostSlots: () => limits.perProcess,
    tokens: purse.size,
  });
  const gate = createGate({
    clock,
    served: options.lanes,
    purse,
    adaptation,
    slots: () => slots,
    refresh: dropExpired,
    reserve: () => reserveOf(limits),
    onStart(lane, at) {
      demand.started(lane, at);
      // An urgent request that left little behind: the next one should not have to wait.
      if (classOf(lane) !== "bulk" && purse.rested(at.now) < reserveOf(limits)) hurry();
    },
    onShortage(lane, of) {
      demand.short(lane, of);
      hurry();
    },
  });

  const stopping = new AbortController();
  let wake = new AbortController();
  let hurried = false;
  let running: Promise<void> | undefined;

  function hurry(): void {
    hurried = true;
    wake.abort();
  }

  /** Both clocks: a container that was frozen may find one of them behind. */
  const sinceEnd = (): number =>
    lease === undefined ? -1 : Math.max(clock.monotonic() - lease.monotonic, clock.now() - lease.epoch);

  /** After its end a share is the floor, and later nothing: others take it back a little later than we let go. */
  function dropExpired(): void {
    const late = sinceEnd();
    if (late < 0) return;
    const keep = late < FLOOR_MS ? floorOf(limits) : 0;
    if (purse.size() > keep) purse.give(purse.size() - keep, { leave: 0, soon: 0 });
    if (late >= FLOOR_MS) slots = 0;
  }

  const toEpoch = (monotonic: number): number => Math.ceil(clock.now() + monotonic - clock.monotonic());
  const toMonotonic = (epoch: number): number => epoch - clock.now() + clock.monotonic();

  async function readLedger(): Promise<{ ledger: Ledger; version: number } | undefined> {
    const document = await store.read();
    if (document) return { ledger: parseLedger(document.value), version: document.version };
    if (!missingReported) logger.error({}, "ifs.budgetNotInstalled");
    missingReported = true;
    return undefined;
  }

  /** Without a ledger nothing can be shared: the floor alone, until somebody runs the post-deploy script. */
  function liveOnFloor(): void {
    const missing = floorOf(limits) - purse.size();
    if (missing > 0) purse.add(Array<number>(missing).fill(clock.monotonic() + (lease === undefined ? 0 : REST_MS)));
    slots = 1;
    lease = { monotonic: clock.monotonic() + TTL_MS, epoch: clock.now() + TTL_MS };
  }

  async function renew(): Promise<void> {
    for (const lane of lanes) {
      const lack = gate.lacks(lane);
      if (lack) demand.short(lane, lack);
    }
    const wanted = demand.wants(clock.monotonic(), gate.waiting, limits);
    for (let attempt = 1; attempt <= SWAP_TRIES; attempt++) {
      const read = await readLedger();
      if (!read) {
        liveOnFloor();
        return;
      }
      if (await swapOnce(read, wanted)) return;
      await clock.sleep(20 + random() * 60 * attempt, stopping.signal);
    }
    hurried = true;
  }

  type Wanted = { readonly wants: number[]; readonly slotWants: number[] };

  /** What the ledger becomes, as far as this process is concerned. Lets go of what the ledger does not know to be ours. */
  function judge(stored: Ledger, wanted: Wanted) {
    const now = clock.now();
    dropExpired();
    const ledger = settle(stored, limits, now);
    const known = ledger.holders[id];
    // What the ledger does not know to be ours was taken back; it may be somebody else's already.
    if (purse.size() > (known?.tokens ?? 0)) purse.give(purse.size() - (known?.tokens ?? 0), { leave: 0, soon: 0 });
    slots = Math.min(slots, known?.slots ?? 0);
    const request: Request = {
      id,
      tokens: purse.size(),
      slots,
      busy: gate.busy(),
      ...wanted,
      holdUntil: Number.isFinite(adaptation.holdUntil()) ? toEpoch(adaptation.holdUntil()) : 0,
    };
    return { now, ledger, request, target: targetOf(ledger, request, limits) };
  }

  /** True also where there was nothing to write. False: somebody else was faster, nothing happened. */
  async function swapOnce(read: { ledger: Ledger; version: number }, wanted: Wanted): Promise<boolean> {
    const { now, ledger, request, target } = judge(read.ledger, wanted);
    const ample = isAmple(ledger, request, limits);
    if (ample && sinceEnd() <= -LASTING_MS && isAsLedgerSays(ledger, request, target)) {
      adaptation.hold(toMonotonic(ledger.holdUntil));
      return true;
    }
    const begun = { monotonic: clock.monotonic() + TTL_MS, epoch: now + TTL_MS };
    const given = purse.give(Math.max(0, request.tokens - target.tokens), {
      leave: keepOf(limits, options.lanes),
      soon: clock.monotonic() + SLACK_MS,
    });
    const slotsBefore = slots;
    slots = Math.min(slots, target.slots);
    const next = renewed(ledger, request, { target, given: given.map(toEpoch), now });
    try {
      await store.swap(next.ledger, read.version);
    } catch (error) {
      // In doubt, what was given stays given: the next renewal puts the ledger right.
      if (!(error instanceof ConflictError)) throw error;
      purse.add(given);
      slots = slotsBefore;
      return false;
    }
    purse.add(next.taken.map(toMonotonic));
    slots = target.slots;
    if (target.held > target.slots) hurried = true;
    lease = begun;
    adaptation.hold(toMonotonic(next.ledger.holdUntil));
    gate.dispatch();
    return true;
  }

  async function leave(given: readonly number[]): Promise<void> {
    for (let attempt = 1; attempt <= SWAP_TRIES; attempt++) {
      const read = await readLedger();
      if (!read?.ledger.holders[id]) return;
      const now = clock.now();
      try {
        await store.swap(released(settle(read.ledger, limits, now), id, given, now), read.version);
        return;
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        await clock.sleep(20 + random() * 60 * attempt);
      }
    }
  }

  async function keepLeasing(): Promise<void> {
    while (!stopping.signal.aborted) {
      hurried = false;
      const active = demand.active();
      await renew().catch((error: unknown) => {
        if (!stopping.signal.aborted) logger.warn({ error }, "ifs.budgetNotRenewed");
      });
      gate.dispatch();
      if (lanes.some((lane) => classOf(lane) !== "bulk" && gate.lacks(lane))) hurried = true;
      await pause(active ? RENEW_MS : IDLE_MS);
    }
  }

  async function pause(ms: number): Promise<void> {
    const quietly = () => undefined;
    await clock.sleep(LEAST_MS * (0.9 + random() * 0.2), stopping.signal).catch(quietly);
    if (hurried || stopping.signal.aborted) return;
    wake = new AbortController();
    const signal = AbortSignal.any([wake.signal, stopping.signal]);
    await clock.sleep((ms - LEAST_MS) * (0.9 + random() * 0.2), signal).catch(quietly);
    // Requests come in bursts; the first one alone would ask for too little, and for a second.
    if (hurried) await clock.sleep(GATHER_MS, stopping.signal).catch(quietly);
  }

  return {
    run: gate.run,
    observe: (outcome) => {
      const before = adaptation.factor();
      adaptation.observe(outcome);
      const factor = adaptation.factor();
      if (factor < before) {
        const pauseMs = Math.max(0, Math.round(adaptation.holdUntil() - clock.monotonic()));
        logger.warn(
          { status: outcome.status, elapsedMs: Math.round(outcome.elapsedMs), factor, pauseMs },
          "ifs.pressure",
        );
      }
      gate.dispatch();
    },
    start() {
      running ??= keepLeasing();
    },
    configure(next) {
      const same = (Object.keys(next) as (keyof BudgetLimits)[]).every((key) => next[key] === limits[key]);
      limits = next;
      if (!same) hurry();
    },
    async stop() {
      stopping.abort();
      await running;
      slots = 0;
      const given = purse.give(purse.size(), { leave: 0, soon: 0 }).map(toEpoch);
      for (let waited = 0; gate.busy() > 0 && waited < LANDING_MS; waited += 50) await clock.sleep(50);
      // A request that is still in the air keeps its place until the lease has expired.
      if (gate.busy() > 0) return;
      // What can't be given back is taken back by expiry: no reason for a process to end badly.
      await leave(given).catch((error: unknown) => logger.warn({ error }, "ifs.budgetNotReturned"));
    },
    share: () => ({ tokens: purse.size(), slots, busy: gate.busy(), factor: adaptation.factor() }),
  };
}
