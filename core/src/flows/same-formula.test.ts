/** The check at checkout and the stock sync give the same number for the same state of both systems. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { decimal } from "../domain/decimal.ts";
import type { PartNo } from "../domain/ids.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { createAtpContext } from "./atp-check/context.ts";
import type { AtpDeps } from "./atp-check/deps.ts";
import { parseQuestion } from "./atp-check/parse.ts";
import { checkAvailability } from "./atp-check/run.ts";
import { runStockSync } from "./stock-sync/run.ts";
import { configWith, createWorld, type World } from "./stock-sync/testing/world.ts";

const units = fc.nat(40);
const percent = fc.integer({ min: 10, max: 100 }).map((value) => value / 100);
const anyState = fc.record({
  onHand: units,
  frozen: units,
  elsewhere: units,
  telephone: fc.array(units, { maxLength: 3 }),
  conv: fc.constantFrom(1, 1, 6, 12),
  web: fc.record({ share: percent, buffer: fc.nat(3), bufferShare: fc.constantFrom(0, 0.25) }),
  store: fc.option(fc.record({ share: percent, buffer: fc.nat(3) }), { nil: undefined }),
  locations: fc.constantFrom([], ["A"]),
  rules: fc.constantFrom({}, { pickingLocationTypes: ["OTHER"] }, { minShelfLifeDays: 3 }),
  classes: fc.constantFrom([], [{ name: "boxes", skus: ["B*"], buffer: 1, bufferShare: 0.5 }]),
  orders: fc.array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 3 }),
      channel: fc.constantFrom("web", "store", undefined),
      stage: fc.constantFrom("unlinked", "committed", "linked", "reserved"),
    }),
    { maxLength: 4 },
  ),
});
type State = typeof anyState extends fc.Arbitrary<infer T> ? T : never;

function worldIn(state: State): World {
  const channels = [
    { supplyChannel: "web", ...state.web },
    ...(state.store ? [{ supplyChannel: "store", ...state.store }] : []),
  ];
  const world = createWorld(
    configWith((raw) => {
      const { locations, rules, classes } = state;
      raw.stock = { pools: [{ name: "main", site: "S1", warehouses: ["W1"], locations, rules, channels }], classes };
      raw.atp = { defaultThreshold: 1_000_000 };
    }),
  );
  world.happen.sku("BOX", { partNo: "BOLT" as PartNo, convFactor: decimal(state.conv) });
  world.happen.stock("BOLT", state.onHand, { locationNo: "A" });
  world.happen.stock("BOLT", state.elsewhere, { locationNo: "A", expirationDate: "2026-08-02" });
  world.happen.stock("BOLT", state.frozen, { frozen: true });
  world.happen.stock("BOLT", state.elsewhere, { warehouse: "W9" });
  state.telephone.forEach((quantity, index) => {
    world.happen.ifsOrder(`TEL-${index}`, "BOLT", quantity);
  });
  for (const { quantity, channel, stage } of state.orders) {
    const order = world.happen.order("BOX", quantity, channel === "store" && !state.store ? "web" : channel);
    if (stage !== "unlinked") world.happen.commit(order);
    if (stage === "linked" || stage === "reserved") world.happen.link(order);
    if (stage === "reserved") world.happen.reserve(`W${order}`);
  }
  world.happen.wait(60_000);
  return world;
}

it("over a thousand random states", { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(anyState, async (state) => {
      const world = worldIn(state);
      for (let run = 0; run < 3; run += 1) await runStockSync(world.deps, { now: world.time.now, mode: "full" });
      const clock: Clock = {
        ...systemClock,
        now: () => world.time.now,
        // Gathering costs no time here; the deadline stays a real one.
        sleep: (ms, signal) => (ms < 100 ? Promise.resolve() : systemClock.sleep(ms, signal)),
      };
      const { config, parts, stock, inventory, channelIds, ordersPage, logger } = world.deps;
      const deps: AtpDeps = {
        context: createAtpContext({ clock }),
        config,
        ifs: {
          salesParts: parts.salesParts,
          salesPartsOf: parts.salesPartsOf,
          packages: parts.packages,
          openDemand: stock.openDemand,
          stockRows: stock.stockRows,
          orderLinesVisible: async () => true,
          plannedSupply: async () => [],
        },
        entries: inventory.bySkus,
        heldCuts: async () => () => false,
        partlyThere: async () => [],
        channels: world.deps.channels,
        channelIds,
        ordersPage,
        skuFacts: async () => new Map(),
        salesFigures: async () => undefined,
        logger,
      };
      const channels = state.store ? ["web", "store"] : ["web"];
      const question = parseQuestion({
        lines: channels.map((supplyChannel) => ({ sku: "BOX", quantity: 1, supplyChannel })),
      });
      if (!question.ok) throw new Error(question.error.message);
      const { lines } = await checkAvailability(deps, question.value, systemClock.monotonic() + 5000);
      expect(lines.map(({ source, available }) => [source, available])).toEqual(
        channels.map((channel) => ["ifs", world.quantityOf("BOX", channel)]),
      );
    }),
    { numRuns: 1000 },
  );
});
