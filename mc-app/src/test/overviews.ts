import type { Overview, OverviewCheckout, OverviewException, OverviewFlow } from "core/domain/overview.ts";

export const exportFlow: OverviewFlow = {
  flow: "order-export",
  direction: "toIfs",
  intervalSeconds: 0,
  lastRunAt: "2026-03-03T09:29:41.000Z",
  lastSuccessAt: "2026-03-03T09:29:41.000Z",
  ageSeconds: 19,
  processed: 148,
  changed: 146,
  failed: 2,
  state: "ok",
  message: null,
};

export const failingPrices: OverviewFlow = {
  flow: "price-sync",
  direction: "toCommercetools",
  intervalSeconds: 900,
  lastRunAt: "2026-03-03T09:15:00.000Z",
  lastSuccessAt: "2026-03-02T22:15:00.000Z",
  ageSeconds: 40_500,
  processed: 1_540,
  changed: 12,
  failed: 3,
  state: "failing",
  message: "IFS refuses the price list SE-WEB.",
};

export const silentStock: OverviewFlow = {
  ...exportFlow,
  flow: "stock-sync",
  direction: "toCommercetools",
  state: "silent",
};

export const newStatus: OverviewFlow = {
  flow: "status-sync",
  direction: "toCommercetools",
  intervalSeconds: 300,
  lastRunAt: null,
  lastSuccessAt: null,
  ageSeconds: null,
  processed: 0,
  changed: 0,
  failed: 0,
  state: "neverRan",
  message: null,
};

export const orderException: OverviewException = {
  id: "exception-1",
  flow: "order-export",
  code: "totals-differ",
  recordType: "order",
  recordId: "order/1",
  recordLabel: "W-100231",
  message: "The totals differ by 0.01 EUR.",
  action: "Check the tax code of the freight charge.",
  owner: "finance@shop.example",
  firstSeenAt: "2026-03-01T14:05:00.000Z",
  lastSeenAt: "2026-03-03T09:20:00.000Z",
  attempts: 5,
};

export const stockException: OverviewException = {
  ...orderException,
  id: "exception-2",
  flow: "stock-sync",
  code: "change-too-large",
  recordType: "sku",
  recordId: "SKU-0042/hamburg",
  recordLabel: "SKU-0042 in Hamburg",
  message: "The stock would fall from 1,200 to 0.",
  action: "Confirm the count in IFS.",
  owner: "ifsAdministrator",
  firstSeenAt: "2026-03-03T07:30:00.000Z",
  attempts: 1,
};

export const quiet: Overview = {
  projectKey: "sandbox-shop",
  generatedAt: "2026-03-03T09:30:00.000Z",
  configurationVersion: 4,
  ordersInFlight: 0,
  ordersLinked: 146,
  flows: [exportFlow],
  exceptionCount: 0,
  exceptions: [],
};

export const checkout: OverviewCheckout = {
  guard: "armed",
  holds: { carts: 1, orders: 3 },
  doors: [
    {
      ...{ door: "extension", answers: 1440, perMinute: 2.5, withoutIfs: 1296, refused: 12, undecided: 0 },
      ...{
        policyOpen: 4,
        policyClosed: 1,
        policyBackOrder: 2,
        p50Ms: 30,
        p99Ms: 500,
        oursP99Ms: 5,
        ctP99Ms: 100,
        ifsP99Ms: 300,
      },
    },
    {
      ...{ door: "question", answers: 0, perMinute: 0, withoutIfs: 0, refused: 0, undecided: 2 },
      ...{
        policyOpen: 0,
        policyClosed: 0,
        policyBackOrder: 0,
        p50Ms: null,
        p99Ms: null,
        oursP99Ms: null,
        ctP99Ms: null,
        ifsP99Ms: null,
      },
    },
    {
      ...{ door: "batch", answers: 20, perMinute: 0.1, withoutIfs: 5, refused: 1, undecided: 0 },
      ...{ policyOpen: 0, policyClosed: 0, policyBackOrder: 0, p50Ms: 50, p99Ms: 75 },
      ...{ oursP99Ms: 2, ctP99Ms: 30, ifsP99Ms: 50 },
    },
  ],
  extensionCalls: { refused: 0, lastRefusedAt: null, lastRightAt: null },
  ...{ ifsReads: 96, cached: 40, coalesced: 1, breakerOpened: 0, corrections: 2 },
  policyReasons: [
    { reason: "deadline", lines: 4 },
    { reason: "somethingNew", lines: 1 },
  ],
};

export const busy: Overview = {
  ...quiet,
  checkout,
  ordersInFlight: 2,
  flows: [exportFlow, failingPrices, newStatus],
  exceptionCount: 2,
  exceptions: [orderException, stockException],
};
