/** What a seed does to its world: how long, which readings of the platforms are true in it, and what IFS does wrong. */
import type { FaultRule } from "../../sandbox/kernel/faults.ts";
import type { Chance } from "../chance.ts";
import type { Document } from "../install.ts";
import { commercetoolsPositions, ifsPositions } from "../switches.ts";
import type { WorldOptions } from "../world.ts";

/** Everything goes wrong until then, in milliseconds; afterwards nothing does. */
export const TROUBLE_MS = 35_000;
export const CLAIM_SECONDS = 15;
export const LATE_COMMIT_SECONDS = 20;
/** Longer than a claim and the wait for late commits together. */
export const LONGEST_PAUSE_MS = 50_000;

export type Position = Pick<WorldOptions, "ifs" | "commercetools"> & { readonly configuration: Document };

/** One position of one switch of each platform, or none; and how long a token lasts. */
export function positionOf(chance: Chance): Position {
  const [first, ...rest] = ifsPositions;
  const picked = first && chance.happens(0.5) ? chance.pick([first, ...rest]) : undefined;
  const [one, ...others] = commercetoolsPositions;
  const commercetools = one && chance.happens(0.4) ? chance.pick([one, ...others]) : {};
  const token = chance.happens(0.3) ? { tokenSeconds: chance.whole(12, 40) } : {};
  if (chance.happens(0.2)) {
    const changeSets = chance.pick(["refuse", "nonAtomic"] as const);
    return { ifs: { ...token, changeSets }, commercetools, configuration: {} };
  }
  if (chance.happens(0.1)) {
    const discountChargeSign = chance.pick(["negated", "negativeRefused"] as const);
    return { ifs: { ...token, discountChargeSign }, commercetools, configuration: {} };
  }
  return { ifs: { ...token, ...picked?.settings }, commercetools, configuration: picked?.configuration ?? {} };
}

const business = {
  error: { code: "DATABASE_ERROR", message: "ORA-20110: CustomerOrder.CREDIT: The customer is blocked." },
};
export const CREATES = "batch$|CustomerOrderSet$|Array$";
const creates = { methods: ["POST"], path: CREATES };
const actions = { methods: ["POST"], path: "IfsApp\\." };

/** Requests that hang this long are given up by every caller before. */
const LONGEST_DELAY_MS = 18_000;

/** What IFS does wrong now and then. */
export const ifsTroubles = (chance: Chance): FaultRule[] => {
  const rare = { probability: chance.between(0.03, 0.25) };
  const often = { probability: chance.between(0.2, 0.8) };
  return [
    { ...creates, ...often, kind: "loseResponse" },
    { ...creates, ...often, kind: "reset" },
    { ...creates, ...often, kind: "lateCommit", delayMs: chance.between(1000, LONGEST_DELAY_MS) },
    { ...creates, ...often, kind: "status", status: 500, responseBody: business },
    { ...creates, ...often, kind: "latency", delayMs: chance.between(2000, 12_000) },
    { ...creates, ...rare, kind: "stall" },
    { ...actions, ...often, kind: "loseResponse" },
    { ...actions, ...often, kind: "status", status: 412 },
    { ...actions, ...rare, kind: "status", status: 428 },
    { ...actions, ...rare, kind: "latency", delayMs: chance.between(2000, 12_000) },
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

const changed = {
  statusCode: 409,
  message: "Object has a different version than expected.",
  errors: [{ code: "ConcurrentModification", message: "Object has a different version than expected." }],
};
const orders = { path: "/orders/[0-9a-f-]{36}" };

/** What commercetools does wrong with an order now and then. */
export const shopTroubles = (chance: Chance): FaultRule[] => {
  const rare = { ...orders, probability: chance.between(0.03, 0.3) };
  return [
    { ...rare, methods: ["POST"], kind: "loseResponse" },
    { ...rare, methods: ["POST"], kind: "lateCommit", delayMs: chance.between(500, 8000) },
    { ...rare, methods: ["POST"], kind: "status", status: 409, responseBody: changed },
    { ...rare, methods: ["POST"], kind: "latency", delayMs: chance.between(1000, 12_000) },
    { ...rare, kind: "status", status: 503 },
    { ...rare, kind: "status", status: 429 },
    { ...rare, kind: "reset" },
  ];
};
