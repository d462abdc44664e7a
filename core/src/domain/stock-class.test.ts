import { describe, expect, test } from "vitest";
import { backOrderOf, channelsOf } from "./stock-class.ts";
import { poolSchema, stockSchema } from "./stock-config.ts";

const pool = poolSchema.parse({
  name: "main",
  site: "S1",
  channels: [{ supplyChannel: "web", buffer: 3, bufferShare: 0.1 }, { supplyChannel: "store" }],
});
type Row = { name: string; [setting: string]: unknown };
const buffers = (classes: Row[], sku = "BIKE-7", at = pool) =>
  channelsOf(at, sku, stockSchema.parse({ classes })).map(({ buffer, bufferShare, bufferClass }) => [
    buffer,
    bufferShare,
    bufferClass,
  ]);
const own = [
  [3, 0.1, undefined],
  [0, 0, undefined],
];

describe("a SKU in the channels of a pool", () => {
  test.each<[string, Row[], unknown[][]]>([
    ["has the channel's buffers without a class", [], own],
    ["and where no class fits", [{ name: "a", skus: ["BIKE", "CAR-*"], buffer: 9 }], own],
    [
      "has those of its class, both replaced",
      [{ name: "a", skus: ["BIKE-7"], buffer: 9 }],
      [
        [9, 0, "a"],
        [9, 0, "a"],
      ],
    ],
    [
      "by the beginning of its SKU",
      [{ name: "a", skus: ["BIKE-*"], bufferShare: 0.5 }],
      [
        [0, 0.5, "a"],
        [0, 0.5, "a"],
      ],
    ],
    [
      "in the class's channels only",
      [{ name: "a", supplyChannels: ["store"], buffer: 9 }],
      [own[0] ?? [], [9, 0, "a"]],
    ],
    ["of the class's sites only", [{ name: "a", sites: ["S2"], buffer: 9 }], own],
    [
      "of the first class that has a buffer",
      [
        { name: "none", skus: ["BIKE-*"] },
        { name: "first", skus: ["BIKE-*"], buffer: 0 },
        { name: "second", buffer: 9 },
      ],
      [
        [0, 0, "first"],
        [0, 0, "first"],
      ],
    ],
  ])("%s", (_, classes, expected) => {
    expect(buffers(classes)).toEqual(expected);
  });
});

test("may be ordered at zero where the first class that says something of it gives days", () => {
  const stock = stockSchema.parse({
    pools: [pool],
    classes: [
      { name: "cap", skus: ["BIKE-7"], supplyChannels: ["web"], restockableInDays: null },
      { name: "later", skus: ["BIKE-*"], restockableInDays: 0 },
      { name: "when it comes", skus: ["CAR-2"], restockableInDays: "supply" },
    ],
  });
  const slots = [
    ["BIKE-7", "web"],
    ["BIKE-7", "store"],
    ["BIKE-8", "web"],
    ["CAR-1", "web"],
    ["BIKE-8", "elsewhere"],
    ["CAR-2", "web"],
  ] as const;
  expect(slots.map(([sku, channel]) => backOrderOf(stock, sku, channel))).toEqual([
    ...["never", "always", "always", "never", "never", "supply"],
  ]);
});
