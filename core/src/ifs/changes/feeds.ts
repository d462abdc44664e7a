/** The strategies that the configuration chose, for each object that a flow watches. */

import { askedWithout } from "../../domain/failure.ts";
import {
  type CatalogNo,
  type Contract,
  catalogNoSchema,
  contractSchema,
  type OrderNo,
  orderNoSchema,
  type PartNo,
  partNoSchema,
} from "../../domain/ids.ts";
import type { IfsChanges } from "../../domain/ifs-changes.ts";
import { toKey } from "../../domain/key.ts";
import type { Clock } from "../../runtime/clock.ts";
import { inTurn } from "../../runtime/limit.ts";
import { property } from "../binding.ts";
import type { IfsClient } from "../client.ts";
import { eq, text } from "../filter.ts";
import type { Parts } from "../parts.ts";
import type { Stock } from "../stock.ts";
import { withBackstop } from "./backstop.ts";
import { etagSweepFeed } from "./etag-sweep.ts";
import { everything, type Feed, mapped, union } from "./found.ts";
import { historyLogFeed } from "./history-log.ts";
import { loggedUnits, logOverlapMs, readLog } from "./history-log-read.ts";
import type { Memory } from "./memory.ts";
import { readTags } from "./read-tags.ts";
import { timestampFeed } from "./timestamp.ts";

export type Changes = {
  /** Inventory parts of a site whose stock, or whose sales parts, may have changed. */
  parts(contract: Contract, context: FeedContext): Feed<PartNo>;
  /** Sales parts whose prices, or whose units, may have changed. */
  prices(priceListNos: readonly string[], context: FeedContext): Feed<CatalogNo>;
  /** Customer orders that may have changed, of whatever origin. */
  orders(context: FeedContext): Feed<OrderNo>;
};

export type FeedContext = { readonly memory: Memory; readonly clock: Pick<Clock, "now"> };

/** Documents are named by reader and object, since each reader remembers what it handled itself. */
const nameOf = (...parts: readonly string[]): string => toKey("changes", ...parts);

export function createChanges(client: IfsClient, { parts, stock }: { parts: Parts; stock: Stock }): Changes {
  const { config, binding, logger } = client;
  const chosen: IfsChanges = config.ifs.changes;

  function stockFeed(contract: Contract, { memory, clock }: FeedContext): Feed<PartNo> {
    const name = nameOf("stock", contract, chosen.stock.strategy);
    switch (chosen.stock.strategy) {
      case "timestamp":
        return timestampFeed({
          memory,
          name,
          overlapMs: chosen.stock.overlapSeconds * 1000,
          now: clock.now,
          read: async (since, tell) => {
            const { partNos, watermark } = await stock.changedParts(contract, since, {
              tell,
              // Its first parts are looked at while it is read.
              signal: inTurn("last"),
            });
            return { keys: partNos, watermark };
          },
        });
      case "etagSweep": {
        const filter = eq(property(binding.stock, "contract"), text(contract));
        const query = { filter, field: "partNo", schema: partNoSchema, what: "stock" } as const;
        const read = () => readTags(client, binding.stock, query);
        return etagSweepFeed({ memory, name, key: partNoSchema, read });
      }
      case "full":
        return everything();
    }
  }

  function salesPartFeed(reader: string, contract: Contract, { memory }: FeedContext): Feed<CatalogNo> {
    const filter = eq(property(binding.salesPart, "contract"), text(contract));
    const query = { filter, field: "catalogNo", schema: catalogNoSchema, what: "sales part" } as const;
    return etagSweepFeed({
      memory,
      name: nameOf(reader, "salesParts", contract),
      key: catalogNoSchema,
      read: () => readTags(client, binding.salesPart, query),
    });
  }

  function priceListFeed(priceListNo: string, { memory }: FeedContext): Feed<CatalogNo> {
    const filter = eq(property(binding.priceListPart, "priceListNo"), text(priceListNo));
    const query = { filter, field: "catalogNo", schema: catalogNoSchema, what: "price list part" } as const;
    return etagSweepFeed({
      memory,
      name: nameOf("prices", "list", priceListNo),
      key: catalogNoSchema,
      read: () => readTags(client, binding.priceListPart, query),
    });
  }

  const sites = config.sites.map(({ site }) => contractSchema.parse(site));

  return {
    parts(contract, context) {
      const ofStock = stockFeed(contract, context);
      // Where sales parts are not watched, the flow's full run finds what changed.
      if (chosen.salesParts.strategy === "full") return ofStock;
      const ofSalesParts = mapped(salesPartFeed("stock", contract, context), async (catalogNos) => {
        const refused = new Map<CatalogNo, string>();
        const known = await askedWithout(catalogNos, refused, (left) => parts.salesParts(contract, left));
        // Most inventory parts are sold under their own number: the flow asks for it, and names what it cannot read.
        return [
          ...known.flatMap(({ partNo }) => partNo ?? []),
          ...[...refused.keys()].map((no) => partNoSchema.parse(no)),
        ];
      });
      return union(ofStock, ofSalesParts);
    },

    prices(priceListNos, context) {
      const { strategy, fullSeconds } = chosen.priceListParts;
      if (strategy === "full") return everything();
      const watched = chosen.salesParts.strategy === "full" ? [] : sites;
      const feeds = [
        ...[...new Set(priceListNos)].map((list) => priceListFeed(list, context)),
        ...watched.map((site) => salesPartFeed("prices", site, context)),
      ];
      return withBackstop(union(...feeds), {
        memory: context.memory,
        name: nameOf("prices", "full"),
        everyMs: fullSeconds * 1000,
        now: context.clock.now,
      });
    },

    orders({ memory, clock }) {
      const { strategy, overlapSeconds, fullSeconds } = chosen.orders;
      if (strategy === "openDocuments") return everything();
      const feed = historyLogFeed({
        memory,
        name: nameOf("orders", "log"),
        overlapMs: logOverlapMs(client, overlapSeconds * 1000),
        now: clock.now,
        read: (since) => readLog(client, loggedUnits, since),
        column: "ORDER_NO",
        key: orderNoSchema,
        silent: () => logger.warn({ object: "orders" }, "history-log-silent"),
      });
      return withBackstop(feed, {
        memory,
        name: nameOf("orders", "full"),
        everyMs: fullSeconds * 1000,
        now: clock.now,
      });
    },
  };
}
