import type { Clock, Random, SandboxRequest } from "./types.ts";

/**
 * One planned misbehaviour of a platform.
 * `status` answers instead of the model; `loseResponse` lets the model commit and then cuts the connection;
 * `lateCommit` cuts the connection at once and lets the model commit `delayMs` later; `reset` cuts before the model
 * sees the request; `stall` sends the headers and then nothing; `latency` only waits `delayMs` first.
 */
export type FaultRule = {
  id?: string;
  kind: "latency" | "status" | "loseResponse" | "lateCommit" | "reset" | "stall";
  /** Only these methods; every method when absent. */
  methods?: string[];
  /** Regular expression on the raw path with query; every path when absent. */
  path?: string;
  /** Regular expression on the body; every body when absent. */
  body?: string;
  /** How often it strikes; for ever when absent. */
  times?: number;
  /** Share of the matching requests that it strikes, 0 to 1; all when absent. */
  probability?: number;
  delayMs?: number;
  status?: number;
  headers?: Record<string, string>;
  responseBody?: unknown;
};

export type Faults = {
  add(rule: FaultRule): string;
  remove(id: string): void;
  clear(): void;
  list(): FaultRule[];
  /** The rule that strikes this request, its count lowered; undefined when none does. */
  take(request: SandboxRequest): FaultRule | undefined;
};

export function createFaults(random: Random): Faults {
  let rules: (FaultRule & { id: string })[] = [];
  let next = 1;
  return {
    add(rule) {
      const id = rule.id ?? `fault-${next++}`;
      rules.push({ ...rule, id });
      return id;
    },
    remove(id) {
      rules = rules.filter((rule) => rule.id !== id);
    },
    clear() {
      rules = [];
    },
    list() {
      return rules.map((rule) => ({ ...rule }));
    },
    take(request) {
      const rule = rules.find((candidate) => matches(candidate, request) && isDue(candidate, random));
      if (rule?.times !== undefined) rule.times -= 1;
      return rule;
    },
  };
}

function matches(rule: FaultRule, request: SandboxRequest): boolean {
  if (rule.methods && !rule.methods.includes(request.method)) return false;
  if (rule.path && !new RegExp(rule.path).test(request.path)) return false;
  return !rule.body || new RegExp(rule.body).test(request.body.toString("utf8"));
}

function isDue(rule: FaultRule, random: Random): boolean {
  if (rule.times !== undefined && rule.times <= 0) return false;
  return rule.probability === undefined || random() < rule.probability;
}

/** Waits on the given clock's scale. The served sandbox waits in real time; a proof passes its own. */
export type Wait = (ms: number) => Promise<void>;
export const realWait: Wait = (ms) => new Promise((done) => setTimeout(done, ms));
export type { Clock };
