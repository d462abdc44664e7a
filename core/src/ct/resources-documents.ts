import { CALLER_SHARDS } from "../domain/caller-carts.ts";
import { HOLD_SHARDS } from "../domain/stock-hold.ts";
import type { Clock } from "../runtime/clock.ts";
import { BUDGET_LEDGER, newBudgetLedger } from "./budget.ts";
import { callerShardKey, emptyCallerShard } from "./caller-carts.ts";
import type { CtClient } from "./client.ts";
import { noVersionYet, sequenceKey } from "./config-store.ts";
import { type Container, containers, createDocuments, type Documents } from "./documents.ts";
import { noHoldRows } from "./hold-rows.ts";
import { holdShardKey } from "./holds.ts";
import type { Installed } from "./installed.ts";
import { freeLease, leaseNames } from "./leases.ts";
import { createStore } from "./store.ts";

/**
 * Documents that are changed by compare-and-swap exist from here on: whether the platform's `version: 0` means "only if
 * absent" is not documented, so nobody creates such a document at run time. An existing one is never touched.
 */
async function ensureDocuments(
  documents: Documents,
  container: Container,
  initial: ReadonlyMap<string, unknown>,
): Promise<Installed> {
  const present = await documents.readAll(container, [...initial.keys()]);
  const missing = [...initial].filter(([key]) => !present.has(key));
  await documents.writeAll(
    container,
    missing.map(([key, value]) => ({ key, value })),
  );
  const created = missing.map(([key]) => key);
  const resource = `documents ${container}`;
  return created.length > 0
    ? { resource, done: "created", detail: listed(created) }
    : { resource, done: "unchanged", detail: `${initial.size} present` };
}

/** Few by their names, many by how many they are. */
const listed = (keys: readonly string[]): string =>
  keys.length <= 12 ? keys.join(", ") : `${keys[0]} … ${keys.at(-1)} (${keys.length})`;

export const ensureLeases = (ct: CtClient): Promise<Installed> =>
  ensureDocuments(createDocuments(ct), containers.leases, new Map(leaseNames.map((name) => [name, freeLease])));

export const ensureHoldShards = (ct: CtClient): Promise<Installed> =>
  ensureDocuments(
    createDocuments(ct),
    containers.holds,
    new Map(Array.from({ length: HOLD_SHARDS }, (_, shard) => [holdShardKey(shard), noHoldRows])),
  );

export const ensureCallerShards = (ct: CtClient): Promise<Installed> =>
  ensureDocuments(
    createDocuments(ct),
    containers.callerCarts,
    new Map(Array.from({ length: CALLER_SHARDS }, (_, shard) => [callerShardKey(shard), emptyCallerShard])),
  );

/** The ledger of the tenant's budget: every app spends from it, so every app's script looks after it. */
export const ensureBudget = (ct: CtClient): Promise<Installed> =>
  ensureDocuments(createDocuments(ct), containers.budget, new Map([[BUDGET_LEDGER, newBudgetLedger]]));

/** The counter of configuration versions. The configuration itself is pushed by people. */
export const ensureConfiguration = (ct: CtClient): Promise<Installed> =>
  ensureDocuments(createDocuments(ct), containers.config, new Map([[sequenceKey, noVersionYet]]));

/** Stamps the first deployment; later ones keep the stamp. */
export async function ensureActivation(ct: CtClient, clock: Pick<Clock, "now">): Promise<Installed> {
  const { at, written } = await createStore(ct, clock).activation.stamp(new Date(clock.now()).toISOString());
  return { resource: "first activation", done: written ? "created" : "unchanged", detail: at };
}

/** "https://host/service/" or "https://host" -> "https://host/service": Connect gives the URL with or without the endpoint. */
export function normalizeServiceUrl(url: string, endpoint = "/service"): string {
  const trimmed = url.trim().replace(/\/+$/, "");
  return trimmed.endsWith(endpoint) ? trimmed : `${trimmed}${endpoint}`;
}

export async function ensureServiceUrl(ct: CtClient, clock: Pick<Clock, "now">, url: string): Promise<Installed> {
  const { serviceUrl } = createStore(ct, clock);
  const wanted = normalizeServiceUrl(url);
  const known = await serviceUrl.read();
  if (known === wanted) return { resource: "service URL", done: "unchanged", detail: wanted };
  await serviceUrl.write(wanted);
  return { resource: "service URL", done: known ? "updated" : "created", detail: wanted };
}
