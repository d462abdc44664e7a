/**
 * The tokens a process holds. A token starts one request and then rests for a minute, whoever holds it: so in any 60 s each
 * token starts at most one, and all processes together at most as many as there are tokens.
 */
export const REST_MS = 60_000;

export type Purse = {
  size(): number;
  /** Tokens that have rested at `now`. Times are of the process's monotonic clock, in ms. */
  rested(now: number): number;
  /** When the `nth` token (from 1) will have rested; undefined where fewer are held. */
  restedAt(nth: number): number | undefined;
  /** The shortest distance of starts, in ms, at which no start has to wait for its token: 0 where all have rested, or there are none. */
  evenly(now: number): number;
  /** Uses the token that has rested longest. RangeError when none has rested. */
  take(now: number): void;
  add(restedAt: readonly number[]): void;
  /**
   * Gives tokens away: first those that will have rested by `soon`, for who is short needs them now; then from all phases of rest,
   * so that what stays and what goes both keep coming evenly.
   */
  give(count: number, which: { leave: number; soon: number }): number[];
};

export function createPurse(): Purse {
  /** Ascending. */
  let tokens: number[] = [];
  return {
    size: () => tokens.length,
    rested(now) {
      // Bisection: a large budget has thousands of tokens, and every start asks.
      let [low, high] = [0, tokens.length];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((tokens[middle] as number) <= now) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    restedAt: (nth) => tokens[nth - 1],
    evenly: (now) => tokens.reduce((longest, at, index) => Math.max(longest, (at - now) / (index + 1)), 0),
    take(now) {
      const [first] = tokens;
      if (first === undefined || first > now) throw new RangeError("no token has rested");
      tokens.shift();
      insert(tokens, now + REST_MS);
    },
    add(restedAt) {
      tokens = [...tokens, ...restedAt].sort((a, b) => a - b);
    },
    give(count, { leave, soon }) {
      const { chosen, left } = split(tokens, count, { leave, first: Math.max(0, this.rested(soon) - leave) });
      tokens = left;
      return chosen;
    },
  };
}

/** Chooses up to `count`, the first `leave` last: up to `first` from the beginning, then evenly from the rest. */
function split<T>(all: readonly T[], count: number, { leave, first }: { leave: number; first: number }) {
  const spared = all.slice(0, Math.min(leave, Math.max(0, all.length - count)));
  const chosen = all.slice(spared.length, spared.length + Math.min(count, first));
  const rest = all.slice(spared.length + chosen.length);
  const wanted = Math.min(count - chosen.length, rest.length);
  const due = (index: number): number => Math.floor((index * wanted) / rest.length);
  const left = rest.filter((one, index) => {
    const goes = due(index + 1) > due(index);
    if (goes) chosen.push(one);
    return !goes;
  });
  return { chosen, left: [...spared, ...left] };
}

/** Behind the last that is not later: a used token is nearly always the latest. */
function insert(tokens: number[], token: number): void {
  let at = tokens.length;
  while (at > 0 && (tokens[at - 1] as number) > token) at -= 1;
  tokens.splice(at, 0, token);
}
