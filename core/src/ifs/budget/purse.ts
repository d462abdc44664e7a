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
  /** Uses the token that has rested longest. RangeError when none has rested. */
  take(now: number): void;
  add(restedAt: readonly number[]): void;
  /** Gives tokens away, from all phases of rest, so that what stays and what goes both keep coming evenly. */
  give(count: number): number[];
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
    take(now) {
      const [first] = tokens;
      if (first === undefined || first > now) throw new RangeError("no token has rested");
      tokens.shift();
      insert(tokens, now + REST_MS);
    },
    add(restedAt) {
      tokens = [...tokens, ...restedAt].sort((a, b) => a - b);
    },
    give(count) {
      const wanted = Math.min(count, tokens.length);
      const given: number[] = [];
      const kept: number[] = [];
      tokens.forEach((token, index) => {
        const due = Math.floor(((index + 1) * wanted) / tokens.length);
        (given.length < due ? given : kept).push(token);
      });
      tokens = kept;
      return given;
    },
  };
}

/** Behind the last that is not later: a used token is nearly always the latest. */
function insert(tokens: number[], token: number): void {
  let at = tokens.length;
  while (at > 0 && (tokens[at - 1] as number) > token) at -= 1;
  tokens.splice(at, 0, token);
}
