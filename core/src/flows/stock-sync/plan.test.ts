import type { InventoryEntry } from "@commercetools/platform-sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimal, ZERO } from "../../domain/decimal.ts";
import type { CatalogNo, Contract, OrderId, PartNo, Sku } from "../../domain/ids.ts";
import { channelsOf } from "../../domain/stock-class.ts";
import { poolSchema, stockSchema } from "../../domain/stock-config.ts";
import { type Current, slotOf } from "./current.ts";
import type { Desired } from "./map.ts";
import { planEntries, type StockPlan } from "./plan.ts";

type Entry = { onStock: number; reserved?: number };
type Case = {
  units: number;
  channels?: { supplyChannel: string; share?: number; buffer?: number }[];
  entries?: Record<string, Entry>;
  inFlight?: number;
  inShop?: boolean;
};

const SKU = "A.1" as Sku;
const partNo = "P" as PartNo;

function situation({ units, channels = [{ supplyChannel: "web" }], entries = {}, inFlight = 0, inShop = true }: Case) {
  const pool = poolSchema.parse({ name: "main", site: "S1", channels });
  const factor = { factor: decimal(1), inverted: decimal(1) };
  const desired: Desired = {
    sku: SKU,
    part: {
      contract: "S1" as Contract,
      catalogNo: "A.1" as CatalogNo,
      description: "",
      partNo,
      active: true,
      salesUnitMeas: "PCS",
      unitMeas: "PCS",
      convFactor: decimal(1),
      invertedConvFactor: decimal(1),
      priceUnitMeas: "PCS",
      priceConvFactor: decimal(1),
      factor,
      draws: [{ partNo, factor }],
    },
    more: [],
    expects: { lines: [], localDate: "2026-08-01", supply: stockSchema.parse({}).supply },
    group: undefined,
    adopts: "none",
    pool,
    channels: channelsOf(pool, SKU, stockSchema.parse({})),
    movedAt: undefined,
    unshown: [],
    figure: {
      pool: "main",
      contract: "S1" as Contract,
      partNo,
      onHand: decimal(units),
      reserved: ZERO,
      excluded: {},
      demand: ZERO,
    },
  };
  const current: Current = {
    entries: new Map(
      Object.entries(entries).map(([channel, { onStock, reserved = 0 }]) => [
        slotOf(SKU, `id-${channel}`),
        {
          id: `entry-${channel}`,
          version: 7,
          sku: SKU,
          createdAt: "",
          lastModifiedAt: "",
          quantityOnStock: onStock,
          availableQuantity: onStock - reserved,
        } satisfies InventoryEntry,
      ]),
    ),
    inShop: new Set(inShop ? [SKU] : []),
    channelIds: new Map(pool.channels.map(({ supplyChannel }) => [supplyChannel, `id-${supplyChannel}`])),
    missed: [],
    inFlight: [
      {
        orderId: "o" as OrderId,
        lineId: "l",
        sku: SKU,
        partNo,
        supplyChannelId: undefined,
        quantity: decimal(inFlight),
      },
    ],
    readAt: 0,
  };
  return { desired, current };
}

const planned = (given: Case) => {
  const { desired, current } = situation(given);
  const { changes, postponed } = planEntries([desired], current);
  const writes = changes.map(({ record, apply }) =>
    apply.kind === "create"
      ? `${record}: create ${apply.draft.quantityOnStock}`
      : `${record}: ${apply.by > 0 ? "+" : ""}${apply.by}${apply.zeroing ? " zeroing" : ""}`,
  );
  return { writes, postponed: postponed.length > 0 };
};

describe("planEntries", () => {
  it.each<[string, Case, string[], boolean?]>([
    ["equal: nothing to write", { units: 5, entries: { web: { onStock: 5 } } }, []],
    ["up by the difference", { units: 9, entries: { web: { onStock: 5 } } }, ["A.1 @ web: +4"]],
    ["down by the difference", { units: 3, entries: { web: { onStock: 5 } } }, ["A.1 @ web: -2"]],
    ["to zero", { units: 0, entries: { web: { onStock: 5 } } }, ["A.1 @ web: -5 zeroing"]],
    ["units reserved in carts stay in the figure", { units: 5, entries: { web: { onStock: 5, reserved: 3 } } }, []],
    ["orders in flight come off", { units: 5, inFlight: 2, entries: { web: { onStock: 5 } } }, ["A.1 @ web: -2"]],
    ["more in flight than there is", { units: 1, inFlight: 4, entries: { web: { onStock: 0 } } }, []],
    [
      "an oversold entry comes up by more than the target",
      { units: 4, entries: { web: { onStock: -2 } } },
      ["A.1 @ web: +6"],
    ],
    ["a missing entry of a SKU of the shop is created", { units: 4 }, ["A.1 @ web: create 4"]],
    ["also at zero", { units: 0 }, ["A.1 @ web: create 0"]],
    ["not of other SKUs", { units: 4, inShop: false }, []],
    [
      "an existing entry is adopted whatever the catalogue says",
      { units: 4, inShop: false, entries: { web: { onStock: 1 } } },
      ["A.1 @ web: +3"],
    ],
    [
      "units move between channels: down now, up later",
      {
        units: 10,
        channels: [
          { supplyChannel: "web", share: 0.5 },
          { supplyChannel: "store", share: 0.5 },
        ],
        entries: { web: { onStock: 2 }, store: { onStock: 8 } },
      },
      ["A.1 @ store: -3"],
      true,
    ],
    [
      "what is free moves at once",
      {
        units: 10,
        channels: [
          { supplyChannel: "web", share: 0.5 },
          { supplyChannel: "store", share: 0.5 },
        ],
        entries: { web: { onStock: 2 }, store: { onStock: 6 } },
      },
      ["A.1 @ web: +2", "A.1 @ store: -1"],
      true,
    ],
    [
      "a new channel gets what is free",
      {
        units: 10,
        channels: [
          { supplyChannel: "web", share: 0.5 },
          { supplyChannel: "store", share: 0.5 },
        ],
        entries: { web: { onStock: 9 } },
      },
      ["A.1 @ web: -4", "A.1 @ store: create 1"],
      true,
    ],
    [
      "an oversold channel lends nothing to the other",
      {
        units: 4,
        channels: [
          { supplyChannel: "web", share: 0.5 },
          { supplyChannel: "store", share: 0.5 },
        ],
        entries: { web: { onStock: -3 }, store: { onStock: 4 } },
      },
      ["A.1 @ web: +3", "A.1 @ store: -2"],
      true,
    ],
  ])("%s", (_, given, writes, postponed = false) => {
    expect(planned(given)).toEqual({ writes, postponed });
  });

  it("creates under the key of SKU and channel, and says why", () => {
    const { desired, current } = situation({ units: 5, inFlight: 2 });
    expect(planEntries([desired], current).changes).toEqual([
      {
        record: "A.1 @ web",
        cause: "IFS: on hand 5, in flight 2: 3. commercetools: no entry",
        apply: {
          kind: "create",
          supplyChannelId: "id-web",
          draft: {
            key: "inv-A_2e_1-web",
            sku: "A.1",
            supplyChannel: { typeId: "channel", id: "id-web" },
            quantityOnStock: 3,
          },
          desired,
          zeroing: false,
        },
      },
    ]);
  });

  const anyCase = fc.record({
    units: fc.integer({ min: -5, max: 60 }),
    inFlight: fc.nat(30),
    channels: fc.uniqueArray(
      fc.record({
        supplyChannel: fc.constantFrom("web", "store", "market"),
        share: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
        buffer: fc.nat(3),
      }),
      { minLength: 1, maxLength: 3, selector: ({ supplyChannel }) => supplyChannel },
    ),
    stands: fc.array(fc.option(fc.integer({ min: -3, max: 40 }), { nil: undefined }), { minLength: 3, maxLength: 3 }),
  });

  const standing = (channels: readonly { supplyChannel: string }[], stands: readonly (number | undefined)[]) => {
    const entries: Record<string, Entry> = {};
    channels.forEach(({ supplyChannel }, index) => {
      const onStock = stands[index];
      if (onStock !== undefined) entries[supplyChannel] = { onStock };
    });
    return entries;
  };

  const land = (entries: Record<string, Entry>, changes: StockPlan["changes"]): void => {
    for (const { record, apply } of changes) {
      const onStock = apply.kind === "create" ? apply.draft.quantityOnStock : apply.to;
      entries[record.slice("A.1 @ ".length)] = { onStock };
    }
  };

  it("never raises the sum of a pool's entries above what the pool has, in whatever order the writes land", () => {
    fc.assert(
      fc.property(anyCase, ({ units, inFlight, channels, stands }) => {
        const entries = standing(channels, stands);
        const { desired, current } = situation({ units, inFlight, channels, entries });
        const has = Math.max(0, units - inFlight);
        const before = Object.values(entries).reduce((sum, { onStock }) => sum + Math.max(0, onStock), 0);
        const { changes } = planEntries([desired], current);
        let raised = before;
        for (const { apply } of changes) {
          if (apply.kind === "create") raised += apply.draft.quantityOnStock;
          else if (apply.by > 0) raised += Math.max(0, apply.to) - Math.max(0, apply.from);
        }
        expect(raised).toBeLessThanOrEqual(Math.max(before, has));
      }),
    );
  });

  it("comes to rest: after at most two runs a further one changes nothing", () => {
    fc.assert(
      fc.property(anyCase, ({ units, inFlight, channels, stands }) => {
        const entries = standing(channels, stands);
        const planNow = () => {
          const { desired, current } = situation({ units, inFlight, channels, entries });
          return planEntries([desired], current).changes;
        };
        land(entries, planNow());
        land(entries, planNow());
        expect(planNow()).toEqual([]);
        const sum = Object.values(entries).reduce((total, { onStock }) => total + onStock, 0);
        expect(sum).toBeLessThanOrEqual(Math.max(0, units - inFlight));
      }),
    );
  });
});
