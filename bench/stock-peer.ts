/**
 * The same number of updates by the connector and by the per-entry approach that public sync libraries take, side by side in one run.
 *
 * The other one is a port of that approach, written for this bench: drafts in batches of 150, one query for the entries of a batch,
 * one absolute `changeQuantity` for each entry that differs, the next batch when the last one is done; the SDK's client as its builder
 * gives it, with its queue of 20. It is given its drafts: it asks nothing of IFS, and nobody's sales are in its way. The connector has
 * to find the changes, to read IFS, and to read what was sold; as many writes at a time are allowed to it.
 */
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createApiBuilderFromCtpClient } from "@commercetools/platform-sdk";
import { ClientBuilder } from "@commercetools/ts-client";
import { partOf } from "../sandbox/seed/any-catalogue.ts";
import type { Bench } from "./bench.ts";
import type { Latency } from "./controls.ts";
import { chunksOf, median, numbers } from "./options.ts";
import { type Counts, openStockWorld, type StockWorld } from "./stock-world.ts";

const ROUNDS = 3;
const BATCH = 150;
const PEER_AT_A_TIME = 20;
/** What IFS changed so long before its newest change is not looked at again. */
const OVERLAP_SECONDS = 30;

type Draft = { readonly sku: string; readonly quantityOnStock: number };
type Round = Counts & { readonly ms: number };

export const benchStockPeer: Bench = {
  usage:
    "npm run bench -- stock-peer [--json] [--entries 20000] [--updates 1000] [--ct-latency 40] [--ifs-latency 150]",
  async run(args, say) {
    const options = numbers(args, { entries: 20_000, updates: 1000, "ct-latency": 40, "ifs-latency": 150 });
    const { entries, updates } = options;
    if (updates < 1 || 2 * ROUNDS * updates >= entries) {
      throw new RangeError(`--entries must be more than ${2 * ROUNDS} times --updates`);
    }
    const size = { entries, rows: entries, lines: Math.floor(entries / 20) };
    const world = await openStockWorld(dirname(dirname(fileURLToPath(import.meta.url))), size, say, {
      overlapSeconds: OVERLAP_SECONDS,
      writesAtATime: PEER_AT_A_TIME,
    });
    try {
      say("the first run, over everything ...");
      await world.run();
      const connector: Round[] = [];
      const peer: Round[] = [];
      let wrong = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        say(`round ${round + 1} of ${ROUNDS} ...`);
        if (round > 0) await passOverlap(world, entries - 1);
        const one = await runRound(
          world,
          { round, updates },
          { ct: options["ct-latency"], ifs: options["ifs-latency"] },
        );
        connector.push(one.connector);
        peer.push(one.peer);
        wrong += one.wrong;
      }
      const [ours, theirs] = [middle(connector), middle(peer)];
      const line = {
        updates,
        connectorSeconds: seconds(ours.ms),
        peerSeconds: seconds(theirs.ms),
        ratio: Math.round((theirs.ms * 100) / ours.ms) / 100,
        connectorWrites: ours.ctWrites,
        connectorReads: ours.ctReads,
        ifsReads: ours.ifsReads,
        peerWrites: theirs.ctWrites,
        peerReads: theirs.ctReads,
        wrong,
      };
      const exact = [...connector, ...peer].every(({ ctWrites }) => ctWrites === updates);
      return { ok: exact && wrong === 0, line };
    } finally {
      await world.close();
    }
  },
};

/** One half of the parts of the round changes in IFS, for the connector; of the other half the peer is told. */
async function runRound(
  world: StockWorld,
  { round, updates }: { readonly round: number; readonly updates: number },
  latency: Latency,
): Promise<{ connector: Round; peer: Round; wrong: number }> {
  const first = 2 * round * updates;
  const ofConnector = Array.from({ length: updates }, (_, nth) => first + nth);
  const ofPeer = Array.from({ length: updates }, (_, nth) => first + updates + nth);
  const wanted = new Map<number, number>();
  for (const index of [...ofConnector, ...ofPeer]) wanted.set(index, (await world.entry(index)).quantity + 1);
  const drafts = ofPeer.map((index) => ({ sku: partOf(index), quantityOnStock: wanted.get(index) ?? 0 }));
  for (const index of ofConnector) await world.receive(index);
  await world.delay(latency);
  const connector = await world.run();
  const peer = await peerRun(world, drafts);
  await world.delay({ ct: 0, ifs: 0 });
  let wrong = 0;
  for (const [index, quantity] of wanted) if ((await world.entry(index)).quantity !== quantity) wrong += 1;
  // IFS has had these goods as well: otherwise the connector's next run takes the peer's writes back, as edits by hand.
  for (const index of ofPeer) await world.receive(index);
  return { connector, peer, wrong };
}

/** A newer change than those of the round before, and a run that sees it: the next one begins behind them. */
async function passOverlap(world: StockWorld, index: number): Promise<void> {
  await sleep((OVERLAP_SECONDS + 1) * 1000);
  await world.receive(index);
  await world.run();
}

const seconds = (ms: number): number => Math.round(ms / 10) / 100;
const middle = (rounds: readonly Round[]): Round => {
  const ms = median(rounds.map((round) => round.ms));
  return rounds.find((round) => round.ms === ms) as Round;
};

async function peerRun(world: StockWorld, drafts: readonly Draft[]): Promise<Round> {
  const before = await world.counts("peer");
  const begun = performance.now();
  await syncEach(world, drafts);
  const ms = performance.now() - begun;
  const after = await world.counts("peer");
  return {
    ms,
    ctReads: after.ctReads - before.ctReads,
    ctWrites: after.ctWrites - before.ctWrites,
    ifsReads: 0,
  };
}

async function syncEach({ peer }: StockWorld, drafts: readonly Draft[]): Promise<void> {
  const { url, projectKey, clientId, clientSecret } = peer;
  const client = new ClientBuilder()
    .defaultClient(url, { clientId, clientSecret }, url, projectKey)
    .withQueueMiddleware({ concurrency: PEER_AT_A_TIME })
    .build();
  const inventory = createApiBuilderFromCtpClient(client).withProjectKey({ projectKey }).inventory();
  for (const batch of chunksOf(drafts, BATCH)) {
    const wanted = new Map(batch.map(({ sku, quantityOnStock }) => [sku, quantityOnStock]));
    const where = `sku in (${[...wanted.keys()].map((sku) => JSON.stringify(sku)).join(", ")})`;
    const { results } = (await inventory.get({ queryArgs: { where, limit: 500 } }).execute()).body;
    await Promise.all(
      results.map(async ({ id, version, sku, quantityOnStock }) => {
        const quantity = wanted.get(sku);
        if (quantity === undefined || quantity === quantityOnStock) return;
        const actions = [{ action: "changeQuantity" as const, quantity }];
        await inventory.withId({ ID: id }).post({ body: { version, actions } }).execute();
      }),
    );
  }
}
