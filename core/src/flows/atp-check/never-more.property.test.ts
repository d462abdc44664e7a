/**
 * Random carts, on two replicas and out of two sites, of sales parts and a kit that share parts, with and without entries: what is accepted
 * never takes more of a part than its site has, whenever the orders come to be seen.
 */
import type { Order } from "@commercetools/platform-sdk";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ConflictError } from "../../domain/failure.ts";
import type { StockHold } from "../../domain/stock-hold.ts";
import type { AtpDeps } from "./deps.ts";
import { checkAvailability } from "./run.ts";
import { checkoutConfig, openCheckout, type Part, type Shards } from "./testing/checkout.ts";
import { atTwoSites, type Channel, orderOfLines, withTwoSites } from "./testing/two-sites.ts";

const SITES: Record<Channel, string> = { web: "S1", store: "S2" };

/** What a piece takes of which part. */
const draws: Record<string, Record<string, number>> = { A: { A: 1 }, B: { A: 1 }, C: { C: 1 }, KIT: { A: 1, C: 1 } };

const config = withTwoSites(
  checkoutConfig({ defaultFailPolicy: "closed", defaultThreshold: 1_000_000 }, [
    { catalogNo: "KIT", components: [{ catalogNo: "A" }, { catalogNo: "C" }] },
  ]),
);

function shardsInMemory(): Shards {
  const documents = new Map<number, { holds: readonly StockHold[]; version: number }>();
  return {
    read: async (shard) => documents.get(shard) ?? { holds: [], version: 1 },
    async swap(shard, holds, version) {
      await new Promise((resolve) => setImmediate(resolve));
      if ((documents.get(shard)?.version ?? 1) !== version) throw new ConflictError("somebody else was quicker");
      documents.set(shard, { holds, version: version + 1 });
      return version + 1;
    },
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Line = { readonly sku: string; readonly channel: Channel; readonly quantity: number };
type Buyer = {
  readonly lines: readonly Line[];
  readonly replica: number;
  readonly afterMs: number;
  readonly seenAfterMs: number;
};

const lineOf: fc.Arbitrary<Line> = fc.record({
  sku: fc.constantFrom(...Object.keys(draws)),
  channel: fc.constantFrom("web", "store"),
  quantity: fc.integer({ min: 1, max: 4 }),
});
const buyer: fc.Arbitrary<Buyer> = fc.record({
  lines: fc.uniqueArray(lineOf, { minLength: 1, maxLength: 4, selector: ({ sku, channel }) => `${sku} ${channel}` }),
  replica: fc.nat({ max: 1 }),
  afterMs: fc.integer({ min: 0, max: 40 }),
  seenAfterMs: fc.integer({ min: 0, max: 30 }),
});

const world = fc.record({
  onHand: fc.record({ A: fc.integer({ min: 0, max: 8 }), C: fc.integer({ min: 0, max: 8 }) }),
  entries: fc.subarray(Object.keys(draws)),
  slowMs: fc.record({ S1: fc.integer({ min: 0, max: 25 }), S2: fc.integer({ min: 0, max: 25 }) }),
  buyers: fc.array(buyer, { minLength: 2, maxLength: 6 }),
});

const toOrder = (id: string, lines: readonly Line[], createdAt: number): Order =>
  ({
    ...{ id: `order-${id}`, createdAt: new Date(createdAt).toISOString(), orderState: "Open", syncInfo: [] },
    cart: { typeId: "cart", id: `cart-${id}` },
    lineItems: lines.map(({ sku, channel, quantity }, at) => ({
      ...{ id: `line-${id}-${at}`, quantity, variant: { sku }, supplyChannel: { id: `id-${channel}` } },
    })),
  }) as unknown as Order;

it("nobody is promised more of a part than there is", async () => {
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(world, async ({ onHand, entries, slowMs, buyers }) => {
      const stock: Record<string, Part> = Object.fromEntries(
        [
          ["A", { ifs: onHand.A }],
          ["B", { ifs: 0, partNo: "A" }],
          ["C", { ifs: onHand.C }],
          ["KIT", { ifs: 0, partNo: null }],
        ].map(([sku, part]) => [sku, { ...(part as Part), ...(entries.includes(sku as string) && { shop: 3 }) }]),
      );
      const checkout = openCheckout(stock, shardsInMemory(), config);
      const replicas = [0, 1].map(() =>
        atTwoSites(checkout.replica(), (contract) => pause(slowMs[contract as "S1" | "S2"])),
      );
      const taken = new Map<string, number>();
      const buys = buyers.map(async ({ lines, replica, afterMs, seenAfterMs }, id) => {
        await pause(afterMs);
        const deps = replicas[replica] as AtpDeps;
        const request = orderOfLines(String(id), lines);
        const decision = await checkAvailability(deps, request, deps.context.clock.monotonic() + 5000);
        if (!decision.accepted) return;
        accepted += 1;
        for (const { sku, channel, quantity } of lines) {
          for (const [part, each] of Object.entries(draws[sku] ?? {})) {
            const key = `${part} at ${SITES[channel]}`;
            taken.set(key, (taken.get(key) ?? 0) + each * quantity);
          }
        }
        await pause(seenAfterMs);
        checkout.orders.push(toOrder(String(id), lines, checkout.clock.now()));
      });
      await Promise.all(buys);
      for (const [key, units] of taken) {
        expect(units, key).toBeLessThanOrEqual(key.startsWith("A") ? onHand.A : onHand.C);
      }
    }),
    { numRuns: 100 },
  );
  // Not by refusing everything.
  expect(accepted).toBeGreaterThan(30);
});
