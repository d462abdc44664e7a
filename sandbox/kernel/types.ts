/** What every model of the sandbox is given, so that a test can replay it exactly: time, chance and the wire. */

/** Milliseconds since the epoch. A virtual clock in proofs, `systemClock` when served. */
export type Clock = { now(): number };

/** Uniform in [0, 1). */
export type Random = () => number;

export type SandboxRequest = {
  method: string;
  /** Raw path with query, as sent: `/main/…?$filter=…`. */
  path: string;
  /** Lower-case header names. */
  headers: Record<string, string>;
  body: Buffer;
};

export type SandboxResponse = {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
};

/** A model's whole HTTP surface as one function; the HTTP shell and the in-process fetch both call it. */
export type Handler = (request: SandboxRequest) => Promise<SandboxResponse>;

export const systemClock: Clock = { now: () => Date.now() };

/** A small deterministic generator (mulberry32): the same seed gives the same company, ids and faults. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): SandboxResponse {
  return {
    status,
    headers: { "content-type": "application/json;charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}
