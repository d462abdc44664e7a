/** The merchant's choice of `ifs.changes`, part of the configuration. */
import { z } from "zod";

const seconds = z.int().min(1);

/** Strategies that an object of IFS does not offer, with the reason; the sentence after it names those that it does. */
const refusedStrategies: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  stock: {
    historyLog: "IFS keeps no history log of stock",
    openDocuments: "stock has no documents that are open or final",
  },
  orders: {
    timestamp: "IFS orders have no date that every change sets",
    etagSweep: "the ETag of an order need not change with its lines and shipments",
    full: "final orders do not change any more; openDocuments reads all others",
  },
  priceListParts: {
    timestamp: "price list rows have no date that every change sets",
    historyLog: "IFS keeps no history log of price lists that is known to work",
    openDocuments: "price lists have no documents that are open or final",
  },
  salesParts: {
    timestamp: "sales parts have no date that every change sets",
    historyLog: "IFS keeps no history log of sales parts that is known to work",
    openDocuments: "sales parts have no documents that are open or final",
  },
};

const strategyOf = <const S extends readonly [string, ...string[]]>(object: string, offered: S) =>
  z.enum(offered, {
    error: ({ input }) => {
      const hints = input === "eventHint" ? "hints come in addition to the strategy, see IFS_EVENT_SECRET" : undefined;
      const reason = hints ?? refusedStrategies[object]?.[String(input)];
      return `${reason === undefined ? "" : `${reason}: `}one of ${offered.join(", ")}`;
    },
  });

const overlapSeconds = z
  .int()
  .min(30)
  .max(86_400)
  .default(300)
  .describe("Must exceed the difference of both clocks plus the longest time that IFS takes to commit a change.");

/** How each object of IFS that a flow watches is found to have changed. Every choice ends in the same state of the shop. */
export const ifsChangesSchema = z.strictObject({
  stock: z
    .strictObject({
      strategy: strategyOf("stock", ["timestamp", "etagSweep", "full"])
        .default("timestamp")
        .describe(
          "timestamp: rows whose LastActivityDate moved. etagSweep: keys and ETags of all rows, for tenants where not every change moves that date. full: every part in every run.",
        ),
      overlapSeconds,
    })
    .prefault({}),
  orders: z
    .strictObject({
      strategy: strategyOf("orders", ["openDocuments", "historyLog"])
        .default("openDocuments")
        .describe(
          "openDocuments: all linked orders that are not final. historyLog: those that IFS's history log names; an administrator enables it for CustomerOrder and CustomerOrderLine.",
        ),
      overlapSeconds,
      fullSeconds: seconds
        .default(600)
        .describe("historyLog: all open orders are read this often in any case, since the log has no shipments."),
    })
    .prefault({}),
  priceListParts: z
    .strictObject({
      strategy: strategyOf("priceListParts", ["full", "etagSweep"])
        .default("full")
        .describe("full: whole lists. etagSweep: keys and ETags of whole lists, then the parts that changed."),
      fullSeconds: seconds
        .default(86_400)
        .describe("etagSweep: whole lists are read this often in any case; new SKUs in the shop get prices then."),
    })
    .prefault({}),
  salesParts: z
    .strictObject({
      strategy: strategyOf("salesParts", ["full", "etagSweep"])
        .default("full")
        .describe(
          "full: changed units are found when a flow reads everything. etagSweep: keys and ETags of all sales parts in every run of the flows that use them.",
        ),
    })
    .prefault({}),
});
export type IfsChanges = z.infer<typeof ifsChangesSchema>;
