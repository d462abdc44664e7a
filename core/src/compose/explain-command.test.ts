import { expect, test } from "vitest";
import { decimal, ZERO } from "../domain/decimal.ts";
import type { OrderId, OrderNo, PartNo, Sku } from "../domain/ids.ts";
import type { ChannelExplanation, StockExplanation } from "../flows/stock-sync/explain.ts";
import { EXPLAIN_USAGE, runExplainCommand } from "./explain-command.ts";
import type { Timeline } from "./timeline.ts";

const channel: ChannelExplanation = {
  supplyChannel: "web",
  pool: "main",
  partNo: "BOLT-P" as PartNo,
  onHand: decimal(20),
  reserved: ZERO,
  demand: decimal(4),
  excluded: {},
  inFlight: decimal(3),
  raw: decimal(13),
  factor: { factor: decimal(1), inverted: decimal(1) },
  units: 13,
  share: 13,
  buffer: 0,
  bufferClass: undefined,
  target: 13,
  derivation: "on hand 20, demand 4, in flight 3: 13",
  entry: {
    quantityOnStock: 99,
    availableQuantity: 98,
    lastModifiedAt: "2026-08-01T07:00:00.000Z",
    lastModifiedBy: "user u-7",
  },
  next: { to: 13, cause: "…" },
};
const explanation: StockExplanation = {
  sku: "BOLT" as Sku,
  at: "2026-08-01T08:00:00.000Z",
  tracked: true,
  problems: [],
  sites: [
    {
      site: "S1",
      catalogNo: "BOLT",
      partNo: "BOLT-P",
      channels: [channel],
      components: [],
      rows: [
        {
          partNo: "BOLT-P" as PartNo,
          locationNo: "A-1",
          warehouse: "W1",
          locationType: "PICKING",
          qtyOnhand: decimal(20),
          qtyReserved: ZERO,
          frozen: false,
          availabilityControlId: null,
          partOwnership: null,
          projectId: null,
          expirationDate: null,
          lastActivityDate: null,
          pools: { main: "counts" },
        },
      ],
      demand: [
        {
          partNo: "BOLT-P" as PartNo,
          orderNo: "TEL-1" as OrderNo,
          lineNo: "1",
          relNo: "1",
          lineItemNo: "0",
          state: "Released",
          open: decimal(4),
        },
      ],
      inFlight: [
        {
          orderId: "o-1" as OrderId,
          ifsOrderNo: null,
          createdAt: "2026-08-01T07:30:00.000Z",
          sku: "BOLT" as Sku,
          supplyChannel: "web",
          quantity: decimal(3),
        },
      ],
    },
  ],
};

const timeline: Timeline = {
  orderId: "o-1",
  orderNumber: "S-1",
  purchaseOrderNumber: null,
  ifsOrderNos: ["P1000"],
  alsoNamedSo: [],
  entries: [
    {
      at: "2026-08-01T07:30:00.000Z",
      system: "connector",
      event: "sent to IFS",
      detail: { request: "change set", answer: "accepted", OrderLinesArray: "CatalogNo=BOLT; BuyQtyDue=3" },
      by: "kim",
      configVersion: 4,
    },
    { at: null, system: "ifs", event: "IFS order now", detail: { state: "Released", blockedReason: null } },
  ],
};

async function run(args: string[], answer: StockExplanation = explanation) {
  const printed: string[] = [];
  const complained: string[] = [];
  const status = await runExplainCommand(args, {
    print: (line) => void printed.push(line),
    complain: (line) => void complained.push(line),
    stock: async () => answer,
    order: async (name) => (name === "S-1" ? timeline : undefined),
  });
  return { status, printed, complained };
}

test("is told in words; an entry that will change makes the exit status 1", async () => {
  expect(await run(["stock", "BOLT"])).toEqual({
    status: 1,
    complained: [],
    printed: [
      "BOLT at 2026-08-01T08:00:00.000Z",
      "",
      "site S1, sales part BOLT, inventory part BOLT-P",
      "  web (pool main): 13",
      "    on hand 20, demand 4, in flight 3: 13",
      "    commercetools shows 99 on stock, 98 available (changed 2026-08-01T07:00:00.000Z by user u-7)",
      "    next run: writes 13",
      "  stock rows (inventory units)",
      "    A-1, W1, PICKING: on hand 20, reserved 0; main: counts",
      "  open demand of IFS order lines",
      "    TEL-1 1/1, Released: 4",
      "  in flight",
      "    order o-1 of 2026-08-01T07:30:00.000Z, not in IFS: 3 of BOLT from web",
    ],
  });
});

test("as JSON it is the endpoint's answer", async () => {
  const { printed } = await run(["stock", "BOLT", "--json"]);
  expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual([JSON.parse(JSON.stringify(explanation))]);
});

test.each<[string, StockExplanation, number]>([
  ["right entries", { ...explanation, sites: explanation.sites.map((site) => ({ ...site, channels: [] })) }, 0],
  ["a problem", { ...explanation, problems: ["No site …"], sites: [] }, 1],
  ["a SKU that is left alone", { ...explanation, tracked: false, problems: ["…"], sites: [] }, 0],
])("%s", async (_, answer, status) => {
  expect((await run(["stock", "BOLT"], answer)).status).toBe(status);
});

test("of an order: what was sent, what came of it, by whom and by which configuration", async () => {
  expect(await run(["order", "S-1"])).toEqual({
    status: 0,
    complained: [],
    printed: [
      "order o-1, S-1; IFS: P1000",
      "2026-08-01T07:30:00.000Z  connector: sent to IFS (by kim, configuration 4)",
      "    request: change set",
      "    answer: accepted",
      "    OrderLinesArray: CatalogNo=BOLT; BuyQtyDue=3",
      "now                       ifs: IFS order now",
      "    state: Released",
      "    blockedReason: -",
    ],
  });
  expect((await run(["order", "S-1", "--json"])).printed.map((line) => JSON.parse(line) as unknown)).toEqual([
    timeline,
  ]);
  expect(await run(["order", "S-2"])).toEqual({
    status: 1,
    printed: [],
    complained: ['no order has "S-2" as its id, order number, purchase order number or IFS order number'],
  });
});

test.each([[["stock"]], [["order"]], [["price", "BOLT"]], [["stock", "A", "B"]], [["stock", "A", "--loud"]]])(
  "%o is not understood",
  async (args) => {
    const { status, complained } = await run(args);
    expect([status, complained[0]?.endsWith(EXPLAIN_USAGE)]).toEqual([2, true]);
  },
);
