/**
 * The one document that says who holds which part of the tenant's budget. Every change is a compare-and-swap of the whole
 * document; the functions here are pure and say what it becomes. All times are epoch milliseconds.
 */
import { z } from "zod";
import { fill } from "./fill.ts";
import { REST_MS } from "./purse.ts";

/** Clocks of two machines may differ by this much. */
export const SLACK_MS = 2000;
/** How long a holder that does not renew keeps its share. */
export const TTL_MS = 30_000;
/** How much longer it keeps the floor, and all its places: longer than any request to IFS runs. */
export const FLOOR_MS = 150_000;

const count = z.int().min(0);
const holderSchema = z.object({
  tokens: count,
  slots: count,
  /** The share is valid until then; after that the floor, for FLOOR_MS. */
  until: z.int(),
  /** True once the rest of an expired share was taken back; `until` is then the end of the floor. */
  floored: z.boolean(),
  /** Tokens wanted, by level of urgency; the last level is bulk. */
  wants: z.array(count).max(10),
  /** Requests at a time wanted, in the same way. */
  slotWants: z.array(count).max(10),
});
export type Holder = z.infer<typeof holderSchema>;

export const ledgerSchema = z.object({
  holders: z.record(z.string(), holderSchema),
  /** Tokens that nobody holds: when they will have rested, and how many. */
  pool: z.array(z.tuple([z.int(), count])),
  /** IFS asked all of us to stay away until then. */
  holdUntil: z.int(),
});
export type Ledger = z.infer<typeof ledgerSchema>;

export function parseLedger(value: unknown): Ledger {
  const parsed = ledgerSchema.safeParse(value);
  if (!parsed.success) throw new Error(`the budget's ledger is damaged: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** What installation creates. Tokens come into being at the first sync, as many as the configuration says. */
export const emptyLedger: Ledger = { holders: {}, pool: [], holdUntil: 0 };

export type Limits = {
  /** Requests in any 60 s, all processes together. */
  readonly perMinute: number;
  /** Requests at a time, all processes together. */
  readonly concurrency: number;
};

/** Left to a process that can't renew, and never leased to others before it is forgotten. */
export const floorOf = ({ perMinute }: Limits): number => Math.max(1, Math.floor(perMinute / 100));
/** Kept in the pool for the next process that starts, or that has an urgent want. */
const tokenHeadroom = ({ perMinute }: Limits): number => Math.floor(perMinute / 100);
const slotHeadroom = ({ concurrency }: Limits): number => (concurrency >= 4 ? 1 : 0);

export type Request = {
  readonly id: string;
  /** Tokens and places that the process holds now; what the ledger knows beyond that is given back. */
  readonly tokens: number;
  readonly slots: number;
  /** Requests in the air: their places can't be given away. */
  readonly busy: number;
  readonly wants: readonly number[];
  readonly slotWants: readonly number[];
  readonly holdUntil: number;
};

/** Takes back what expired and makes the number of tokens fit the configuration. */
export function settle(ledger: Ledger, limits: Limits, now: number): Ledger {
  const holders: Record<string, Holder> = {};
  const pool: [number, number][] = ledger.pool.map(([at, tokens]) => [at <= now ? 0 : at, tokens]);
  for (const [id, holder] of Object.entries(ledger.holders)) {
    const left = afterExpiry(holder, limits, now);
    const back = holder.tokens - (left?.tokens ?? 0);
    // Nobody took the rest back in time: the floor may have been in use until its end.
    const usedUntil = left || holder.floored ? holder.until : holder.until + FLOOR_MS;
    if (back > 0) pool.push([usedUntil + SLACK_MS + REST_MS, back]);
    if (left) holders[id] = left;
  }
  return { ...ledger, holders, pool: fitted(compact(pool, now), holders, limits, now) };
}

function afterExpiry(holder: Holder, limits: Limits, now: number): Holder | undefined {
  if (now < holder.until + SLACK_MS) return holder;
  if (holder.floored || now >= holder.until + FLOOR_MS + SLACK_MS) return undefined;
  const tokens = Math.min(holder.tokens, floorOf(limits));
  return { ...holder, tokens, until: holder.until + FLOOR_MS, floored: true };
}

/** More tokens where the budget grew; where it shrank, rested ones of the pool vanish, so that every other one was not used for a minute. */
function fitted(pool: [number, number][], holders: Record<string, Holder>, limits: Limits, now: number) {
  const all = sum(Object.values(holders).map(({ tokens }) => tokens)) + sum(pool.map(([, tokens]) => tokens));
  if (all < limits.perMinute) return compact([...pool, [0, limits.perMinute - all]], now);
  let surplus = all - limits.perMinute;
  return pool.flatMap(([at, tokens]): [number, number][] => {
    const gone = at === 0 ? Math.min(tokens, surplus) : 0;
    surplus -= gone;
    return tokens > gone ? [[at, tokens - gone]] : [];
  });
}

export type Target = {
  readonly tokens: number;
  readonly slots: number;
  /** Places that it can't give away yet, because of requests in the air. */
  readonly held: number;
  /** The longest rested tokens of the pool that the process may not take. */
  readonly leave: number;
};

/** What the process should hold. Never less than is in the air, never more than is free. */
export function targetOf(ledger: Ledger, request: Request, limits: Limits): Target {
  const wants = new Map<string, readonly number[]>();
  const slotWants = new Map<string, readonly number[]>();
  const fixed = { tokens: 0, slots: 0 };
  for (const [id, holder] of Object.entries(ledger.holders)) {
    if (id === request.id) continue;
    if (holder.floored) {
      fixed.tokens += holder.tokens;
      fixed.slots += holder.slots;
    } else {
      wants.set(id, holder.wants);
      slotWants.set(id, holder.slotWants);
    }
  }
  wants.set(request.id, request.wants);
  slotWants.set(request.id, request.slotWants);
  // Bulk leaves something in the pool, for who starts or has an urgent want. The others make room for them at their next renewal.
  const share = (all: ReadonlyMap<string, readonly number[]>, total: number, headroom: number): number =>
    Math.max(
      fill(all, total - headroom).get(request.id) ?? 0,
      fill(new Map([...all].map(([id, levels]) => [id, levels.slice(0, -1)])), total).get(request.id) ?? 0,
    );
  const others = Object.entries(ledger.holders).filter(([id]) => id !== request.id);
  const freeSlots = limits.concurrency - sum(others.map(([, holder]) => holder.slots));
  // The place in the pool is for urgent wants: when they have it, bulk need not leave another.
  const extra = sum([...slotWants.values()].map((levels) => sum(levels.slice(1, -1))));
  const slots = Math.min(
    share(slotWants, limits.concurrency - fixed.slots, Math.max(0, slotHeadroom(limits) - extra)),
    Math.max(0, freeSlots),
  );
  const tokens = share(wants, limits.perMinute - fixed.tokens, tokenHeadroom(limits));
  return {
    tokens,
    leave: tokens > sum(request.wants.slice(0, -1)) ? tokenHeadroom(limits) : 0,
    slots,
    held: Math.max(request.busy, slots),
  };
}

/**
 * Half of the budget is free even if everybody keeps what they hold and takes what they want: who holds a little more than it wants is in
 * nobody's way, and nobody has to know at once that it wants less.
 */
export function isAmple({ holders }: Ledger, request: Request, limits: Limits): boolean {
  const others = Object.entries(holders).flatMap(([id, holder]) => (id === request.id ? [] : [holder]));
  const all = [...others, request];
  const tokens = all.map((one) => Math.max(one.tokens, sum(one.wants)));
  const slots = all.map((one) => Math.max(one.slots, sum(one.slotWants)));
  return sum(tokens) <= limits.perMinute / 2 && sum(slots) <= limits.concurrency / 2;
}

/** The process would take nothing, and what the ledger says of it is so; what it could give nobody needs, if there is enough. */
export function isAsLedgerSays(ledger: Ledger, request: Request, target: Target): boolean {
  const { tokens, slots, holdUntil } = request;
  const known = ledger.holders[request.id];
  if (known?.floored !== false || known.tokens !== tokens || known.slots !== slots) return false;
  return holdUntil <= ledger.holdUntil && target.tokens <= tokens && target.slots === slots && target.held === slots;
}

export type Swap = {
  readonly ledger: Ledger;
  /** When each token that the process gets will have rested. */
  readonly taken: readonly number[];
};

/** The ledger after the process gave `given` (when each will have rested) and took up to `target.tokens`. */
export function renewed(
  ledger: Ledger,
  request: Request,
  change: { target: Target; given: readonly number[]; now: number },
): Swap {
  const { target, given, now } = change;
  const known = ledger.holders[request.id]?.tokens ?? 0;
  const held = request.tokens - given.length;
  // Tokens of an answer that never came: nobody knows how long they rested.
  const lost = Math.max(0, known - request.tokens);
  const pool = compact(
    [...ledger.pool, [now + REST_MS, lost], ...given.map((at): [number, number] => [at + SLACK_MS, 1])],
    now,
  );
  const { taken, left } = draw(pool, Math.max(0, target.tokens - held), target.leave);
  const holder: Holder = {
    tokens: held + taken.length,
    slots: target.held,
    until: now + TTL_MS,
    floored: false,
    wants: [...request.wants],
    slotWants: [...request.slotWants],
  };
  return {
    taken,
    ledger: {
      holders: { ...ledger.holders, [request.id]: holder },
      pool: compact(left, now),
      holdUntil: Math.max(ledger.holdUntil, request.holdUntil),
    },
  };
}

/** The ledger without the process, which gave everything back and has nothing in the air. */
export function released(ledger: Ledger, id: string, given: readonly number[], now: number): Ledger {
  const { [id]: holder, ...holders } = ledger.holders;
  const lost = Math.max(0, (holder?.tokens ?? 0) - given.length);
  const back = given.map((at): [number, number] => [at + SLACK_MS, 1]);
  return { ...ledger, holders, pool: compact([...ledger.pool, [now + REST_MS, lost], ...back], now) };
}

/** The longest rested, but for the first `leave`, which go last. The pool is ascending, and may hold thousands in one entry. */
function draw(pool: readonly [number, number][], wanted: number, leave: number) {
  let spared = Math.min(leave, Math.max(0, sum(pool.map(([, tokens]) => tokens)) - wanted));
  const taken: number[] = [];
  const left = pool.map(([at, tokens]): [number, number] => {
    const kept = Math.min(spared, tokens);
    spared -= kept;
    const goes = Math.min(wanted - taken.length, tokens - kept);
    for (let token = 0; token < goes; token += 1) taken.push(at);
    return [at, tokens - goes];
  });
  return { taken, left };
}

/** Ascending, one entry per second (rounded up), rested ones at 0. */
function compact(pool: readonly [number, number][], now: number): [number, number][] {
  const bySecond = new Map<number, number>();
  for (const [at, tokens] of pool) {
    if (tokens === 0) continue;
    const second = at <= now ? 0 : Math.ceil(at / 1000) * 1000;
    bySecond.set(second, (bySecond.get(second) ?? 0) + tokens);
  }
  return [...bySecond].sort(([a], [b]) => a - b);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
