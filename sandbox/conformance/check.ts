import { isDeepStrictEqual } from "node:util";
import type { IfsSettings } from "../ifs/settings.ts";
import { Deviation, NotApplicable } from "./outcome.ts";
import type { Probe } from "./probe.ts";

/** How sure the public sources are of a behaviour. */
export type Confidence = "documented" | "seen" | "unverified";

/** One behaviour of IFS Cloud, stated as a test against HTTP. */
export type Check = {
  id: string;
  title: string;
  confidence: Confidence;
  /** `writing` checks send requests that may change something, if only by being wrongly accepted. */
  kind: "read-only" | "writing";
  /** Needs the sandbox's controls: people's work, planned faults, grants taken away. */
  needs?: "sandbox";
  /** Resolves with what was seen. Throws a Deviation when that is not IFS, NotApplicable when nothing could be seen. */
  run(probe: Probe): Promise<string>;
};

export type Verdict = "pass" | "fail" | "not applicable";

export type Result = Pick<Check, "id" | "title" | "confidence" | "kind"> & { verdict: Verdict; seen: string };

export function same(what: string, seen: unknown, expected: unknown): string {
  if (isDeepStrictEqual(seen, expected)) return `${what}: ${show(seen)}`;
  throw new Deviation(`${what}: seen ${show(seen)}, expected ${show(expected)}`);
}

export function holds(truth: boolean, what: string, seen: unknown): string {
  if (truth) return `${what}: ${show(seen)}`;
  throw new Deviation(`${what} does not hold: seen ${show(seen)}`);
}

/** What must be there to look at. */
export function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new NotApplicable(`the tenant has no ${what} to look at`);
  return value;
}

/**
 * Which reading of an unsettled point the tenant follows. Where the tenant's description names one, another is a deviation;
 * `undefined` stands for something that is none of the known readings.
 */
export function reading<K extends keyof IfsSettings>(probe: Probe, name: K, seen: IfsSettings[K] | undefined): string {
  if (seen === undefined) throw new Deviation(`${name}: none of the known readings`);
  const expected = probe.tenant[name];
  return expected === undefined ? `${name} is ${show(seen)}` : same(name, seen, expected);
}

function show(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
