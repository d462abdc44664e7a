import { expect, test } from "vitest";
import { ifsChangesSchema } from "./ifs-changes.ts";

test("nothing chosen: what needs nothing of an IFS administrator", () => {
  expect(ifsChangesSchema.parse({})).toEqual({
    stock: { strategy: "timestamp", overlapSeconds: 300 },
    orders: { strategy: "openDocuments", overlapSeconds: 300, fullSeconds: 600 },
    priceListParts: { strategy: "full", fullSeconds: 86_400 },
    salesParts: { strategy: "full" },
  });
});

test.each([
  ["stock", "historyLog", "IFS keeps no history log of stock: one of timestamp, etagSweep, full"],
  ["stock", "openDocuments", "stock has no documents that are open or final: one of timestamp, etagSweep, full"],
  ["orders", "timestamp", "IFS orders have no date that every change sets: one of openDocuments, historyLog"],
  [
    "orders",
    "etagSweep",
    "the ETag of an order need not change with its lines and shipments: one of openDocuments, historyLog",
  ],
  [
    "orders",
    "full",
    "final orders do not change any more; openDocuments reads all others: one of openDocuments, historyLog",
  ],
  ["priceListParts", "timestamp", "price list rows have no date that every change sets: one of full, etagSweep"],
  ["salesParts", "historyLog", "IFS keeps no history log of sales parts that is known to work: one of full, etagSweep"],
  [
    "orders",
    "eventHint",
    "hints come in addition to the strategy, see IFS_EVENT_SECRET: one of openDocuments, historyLog",
  ],
  ["stock", "guess", "one of timestamp, etagSweep, full"],
])("%s by %s is refused with the reason", (object, strategy, message) => {
  const refused = ifsChangesSchema.safeParse({ [object]: { strategy } });
  expect(refused.error?.issues.map((issue) => [issue.path.join("."), issue.message])).toEqual([
    [`${object}.strategy`, message],
  ]);
});

test.each([0, 29, 86_401])("an overlap of %s seconds is none", (overlapSeconds) => {
  expect(ifsChangesSchema.safeParse({ stock: { overlapSeconds } }).success).toBe(false);
});
