/**
 * Both platforms with a catalogue of any size, in a process of their own: what a shop with so many entries has, and IFS with their
 * stock on three sites. Read as `SANDBOX_…` settings of sandbox/main.ts; and BENCH_ENTRIES, BENCH_ROWS, BENCH_LINES: inventory
 * entries, stock rows (at least one of each entry) and open order lines. Every entry shows what IFS can promise.
 */

import { fileURLToPath } from "node:url";
import { isMainThread, Worker } from "node:worker_threads";
import { createApi } from "../sandbox/commercetools/api-caller.ts";
import type { CommercetoolsModel } from "../sandbox/commercetools/model.ts";
import { startCommercetools } from "../sandbox/commercetools/start.ts";
import { startIfs } from "../sandbox/ifs/server.ts";
import { seededRandom, systemClock } from "../sandbox/kernel/types.ts";
import type { Size } from "../sandbox/seed/any-catalogue.ts";
import { SHOP_PROJECT_KEY, seedShop } from "../sandbox/seed/commercetools-shop.ts";
import { entriesOf, seedCatalogue } from "../sandbox/seed/seed-any-catalogue.ts";

const number = (name: string): number => Number(process.env[name] ?? "0");
const size: Size = { entries: number("BENCH_ENTRIES"), rows: number("BENCH_ROWS"), lines: number("BENCH_LINES") };
const SECRET = "sandbox-secret";

/**
 * As `inProcessFetch`, without a request and an answer as objects of the web: a million entries are filled in less than half of the time (measured:
 * 0.10 ms against 0.24 ms for each).
 */
function fetchOf({ handle }: CommercetoolsModel, origin: string): typeof globalThis.fetch {
  type Sent = { readonly method: string; readonly headers: Record<string, string>; readonly body?: string };
  const send = async (url: string, { method, headers, body = "" }: Sent) => {
    const answer = await handle({ method, path: url.slice(origin.length), headers, body: Buffer.from(body) });
    const text = String(answer.body);
    return {
      status: answer.status,
      headers: new Headers(),
      text: async () => text,
      json: async () => JSON.parse(text),
    };
  };
  return send as unknown as typeof globalThis.fetch;
}

async function seedEntries(model: CommercetoolsModel): Promise<void> {
  await seedShop(model, { skus: [] });
  for (const id of ["bench", "peer"]) model.auth.addClient({ id, secret: SECRET, scopes: ["manage_project"] });
  const url = "http://commercetools.seed";
  const fetch = fetchOf(model, url);
  const api = createApi({ url, projectKey: model.world.projectKey, clientId: "bench", clientSecret: SECRET, fetch });
  for (const draft of entriesOf(size)) await api.post("/inventory", draft);
  model.journal.length = 0;
}

const port = (name: string): number => Number(process.env[`SANDBOX_${name}_PORT`] ?? "0");
const clock = systemClock;
/** A catalogue that is filled over months; entries that another client has just written would be edits, each to be looked at. */
const SEED_AGE_MS = 86_400_000;

/** In a thread of its own: two platforms never wait for each other's processor, and each is filled while the other is. */
async function serveIfs(): Promise<void> {
  const random = seededRandom(1);
  await startIfs({ port: port("IFS"), clock, random, seed: (world) => seedCatalogue(world, size) });
}

async function serveCommercetools(): Promise<void> {
  let age = SEED_AGE_MS;
  const scopes = (process.env.SANDBOX_CONNECTOR_SCOPES ?? "").split(" ").filter((scope) => scope !== "");
  await startCommercetools({
    port: port("COMMERCETOOLS"),
    clock: { now: () => clock.now() - age },
    random: seededRandom(2),
    projectKey: SHOP_PROJECT_KEY,
    seed: async (model) => {
      await seedEntries(model);
      age = 0;
      model.auth.addClient({ id: "connector", secret: SECRET, scopes });
    },
  });
}

if (isMainThread) {
  const ifs = new Worker(fileURLToPath(import.meta.url));
  ifs.on("error", (error) => {
    throw error;
  });
  process.on("SIGTERM", () => process.exit(0));
  await serveCommercetools();
} else {
  await serveIfs();
}
