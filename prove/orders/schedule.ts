/** What a seed does to its world: who runs, what goes wrong, and which readings of the platforms are true in it. */
import type { FaultRule } from "../../sandbox/kernel/faults.ts";
import type { Document } from "../install.ts";
import { commercetoolsPositions, ifsPositions } from "../switches.ts";
import type { WorldOptions } from "../world.ts";
import type { Chance } from "./chance.ts";

/** Everything goes wrong until then, in milliseconds; afterwards nothing does. */
export const TROUBLE_MS = 45_000;
export const CLAIM_SECONDS = 15;
export const LATE_COMMIT_SECONDS = 20;
/** Longer than a claim and the wait for late commits together. */
export const LONGEST_PAUSE_MS = 60_000;

export type Position = Pick<WorldOptions, "ifs" | "commercetools"> & { readonly configuration: Document };

/** One position of one switch of each platform, or none. */
export function positionOf(chance: Chance): Position {
  const [first, ...rest] = ifsPositions;
  const ifs = first && chance.happens(0.5) ? chance.pick([first, ...rest]) : undefined;
  const [one, ...others] = commercetoolsPositions;
  const commercetools = one && chance.happens(0.4) ? chance.pick([one, ...others]) : {};
  if (chance.happens(0.12)) {
    return { ifs: { changeSets: chance.pick(["refuse", "nonAtomic"]) }, commercetools, configuration: {} };
  }
  if (chance.happens(0.12)) {
    const discountChargeSign = chance.pick(["negated", "negativeRefused"] as const);
    return { ifs: { discountChargeSign }, commercetools, configuration: {} };
  }
  return { ifs: { ...ifs?.settings }, commercetools, configuration: ifs?.configuration ?? {} };
}

const business = {
  error: { code: "DATABASE_ERROR", message: "ORA-20110: CustomerOrder.CREDIT: The customer is blocked." },
};
const creates = { methods: ["POST"], path: "batch$|CustomerOrderSet$|Array$" };

/** What IFS does wrong now and then. */
export const ifsTroubles = (chance: Chance): FaultRule[] => {
  const rare = { probability: chance.between(0.03, 0.25) };
  return [
    { ...creates, ...rare, kind: "loseResponse" },
    { ...creates, ...rare, kind: "reset" },
    { ...creates, ...rare, kind: "lateCommit", delayMs: chance.between(1000, 18_000) },
    { ...creates, ...rare, kind: "status", status: 500, responseBody: business },
    { ...creates, ...rare, kind: "latency", delayMs: chance.between(2000, 12_000) },
    { ...creates, ...rare, kind: "stall" },
    { ...rare, kind: "status", status: 429, headers: { "retry-after": "2" } },
    { ...rare, kind: "status", status: 503 },
    { ...rare, kind: "reset" },
    { ...rare, kind: "loseResponse" },
    { ...rare, kind: "latency", delayMs: chance.between(500, 5000) },
    { ...rare, kind: "status", status: 401, path: "/main/" },
    { ...rare, kind: "status", status: 412, methods: ["PATCH"] },
    { ...rare, kind: "status", status: 500, path: "openid-connect/token$" },
  ];
};
