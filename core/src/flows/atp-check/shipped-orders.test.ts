/** An order that IFS has shipped is no order in flight, whatever else happens to it in commercetools. */
import type { Order } from "@commercetools/platform-sdk";
import { expect, it } from "vitest";
import { ask, openCheckout, orderOf, short } from "./testing/checkout.ts";

const none = { read: async () => ({ holds: [], version: 1 }), swap: async () => 2 };
const DAY = 86_400_000;

/** Two pieces that were linked, and sent to the buyer as `key` says; the order was changed a moment ago. */
const sentOrder = (now: number, key: string | undefined, sentAgoMs: number): Order =>
  ({
    ...orderOf({ id: "o-a", sku: "BOLT", quantity: 2, createdAt: now - DAY }),
    syncInfo: [
      { channel: { typeId: "channel", id: "id-ifs-link" }, externalId: "W-o-a", syncedAt: "2026-01-01T00:00:00Z" },
    ],
    shippingInfo: {
      deliveries: [
        {
          ...(key !== undefined && { key }),
          ...{ id: "d", parcels: [], createdAt: new Date(now - sentAgoMs).toISOString() },
          items: [{ id: "line-o-a", quantity: 2 }],
        },
      ],
    },
  }) as unknown as Order;

it.each([
  ["a delivery that the connector wrote of an IFS shipment", "shp-19", 60_000, 5],
  ["one that it wrote of an IFS line", "dlv-W1-1-1", 60_000, 5],
  ["one that it wrote just now, while clocks may differ", "shp-19", 10_000, 3],
  ["a delivery that a person made", undefined, 60_000, 3],
])("%s: of what IFS has, so much can be ordered", async (_, key, sentAgoMs, available) => {
  // What was shipped has left IFS's stock already.
  const checkout = openCheckout({ BOLT: { ifs: 5, shop: 5 } }, none);
  const { holds: _holds, ...deps } = checkout.replica();
  const order = sentOrder(checkout.clock.now(), key, sentAgoMs);
  // As the platform answers what changed lately; it is linked, and not among the others.
  const read = {
    ...deps,
    ordersPage: async ({ where }: { where: string[] }) => (where[0]?.startsWith("lastModifiedAt") ? [order] : []),
  };
  expect(short(await ask(read, { lines: { BOLT: 5 } }))).toEqual([
    available === 5 ? "BOLT: confirm by ifs, 5, available" : "BOLT: partial by ifs, 3, partlyAvailable",
  ]);
});
