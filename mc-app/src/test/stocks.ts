import type { Channel, Corrections, Explanation, Freshness, Held } from "../components/stock/parse-stock.ts";

export const channel: Channel = {
  ...{ supplyChannel: "hamburg", pool: "Hamburg", onHand: "40", reserved: "5", excluded: { frozen: "7" } },
  ...{ demand: "4", inFlight: "2", raw: "29", factor: { factor: "1", inverted: "1" }, units: 29, share: 29 },
  ...{ buffer: 3, target: 26 },
  entry: {
    ...{ quantityOnStock: 30, availableQuantity: 28 },
    ...{ lastModifiedAt: "2026-03-03T09:00:00.000Z", lastModifiedBy: "user u-7" },
  },
  next: { to: 26, cause: "IFS: on hand 40" },
};

export const explanation: Explanation = {
  sku: "BOLT/1",
  at: "2026-03-03T09:30:00.000Z",
  tracked: true,
  problems: [],
  sites: [
    {
      ...{ site: "101", catalogNo: "BOLT/1", partNo: "P-1", components: [] },
      channels: [channel],
      rows: [
        {
          ...{ partNo: "P-1", locationNo: "PICK-01", warehouse: "W1", locationType: "Picking" },
          ...{ qtyOnhand: "40", qtyReserved: "5", pools: { Hamburg: "counts" } },
        },
        {
          ...{ partNo: "P-1", locationNo: "PICK-02", warehouse: null, locationType: null },
          ...{ qtyOnhand: "7", qtyReserved: "0", pools: { Hamburg: "frozen" } },
        },
      ],
      demand: [
        { partNo: "P-1", orderNo: "P10001", lineNo: "1", relNo: "2", lineItemNo: "0", state: "Released", open: "4" },
      ],
      inFlight: [
        {
          ...{ orderId: "order/1", orderNumber: "W-100231", ifsOrderNo: null, createdAt: "2026-03-03T09:29:00.000Z" },
          ...{ sku: "BOLT/1", supplyChannel: "hamburg", quantity: "2" },
        },
      ],
    },
  ],
};

export const right: Explanation = {
  ...explanation,
  sites: explanation.sites.map((site) => ({
    ...site,
    channels: [{ ...channel, next: null, entry: channel.entry && { ...channel.entry, quantityOnStock: 26 } }],
  })),
};

export const freshness: Freshness = {
  channels: [
    {
      ...{ supplyChannel: "hamburg", pool: "Hamburg", site: "101", waitingSince: null },
      ...{ caughtUpAt: "2026-03-03T09:29:00.000Z", ageSeconds: 60, stale: false },
    },
    {
      ...{ supplyChannel: "munich", pool: "Munich", site: "102", waitingSince: null },
      ...{ caughtUpAt: "2026-03-03T07:30:00.000Z", ageSeconds: 7200, stale: true },
    },
    {
      ...{ supplyChannel: "gothenburg", pool: "Gothenburg", site: "201", waitingSince: null },
      ...{ caughtUpAt: null, ageSeconds: null, stale: false },
    },
  ],
};

export const held: Held = {
  sites: [
    {
      site: "101",
      at: "2026-03-03T09:20:00.000Z",
      releases: [],
      holds: [
        {
          ...{ kind: "cuts", changes: 3, entries: 40, skus: ["BOLT/1", "NUT", "PIN"], more: false, already: 1 },
          message: "A run would lower 3 of 40 entries of site 101 by more than 10 % and 0 units (7.5 %, allowed 1).",
          plan: [
            { sku: "BOLT/1", supplyChannel: "hamburg", from: 200, to: 10, cause: "IFS: on hand 10: 10." },
            { sku: "NUT", supplyChannel: "hamburg", from: 200, to: 10, cause: "IFS: on hand 10: 10." },
          ],
        },
      ],
    },
  ],
};

export const corrections: Corrections = {
  since: "2026-02-17T09:30:00.000Z",
  corrections: [
    {
      ...{ at: "2026-03-03T08:30:00.000Z", sku: "NUT", site: "101", pool: "Hamburg", supplyChannel: null },
      ...{ from: 1200, to: 7, reason: "manualEdit", cause: "IFS: on hand 7: 7.", lastModifiedBy: "user u-7" },
    },
  ],
  unlisted: [{ at: "2026-03-02T08:30:00.000Z", site: "101", count: 40 }],
};
