/** The linked orders of the shop that a run looks at, page by page. */
import type { Order } from "@commercetools/platform-sdk";
import { newestEntry } from "../../domain/claims.ts";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { OrderNo } from "../../domain/ids.ts";
import { chunked } from "../../runtime/limit.ts";

export type OrdersPage = (query: {
  where: string[];
  variables?: Record<string, string | number | string[]>;
  afterId?: string;
  limit: number;
}) => Promise<Order[]>;

export type Pages = (after: string | undefined) => Promise<{ rows: Order[]; next: string | undefined }>;

type Source = {
  readonly config: Pick<ConnectorConfig, "statuses">;
  readonly linkChannelId: string;
  readonly orders: { readonly page: OrdersPage };
};

const PAGE = 100;
/** A completed order is still followed this long: tracking numbers come late. */
const COMPLETED_DAYS = 3;
const DAY_MS = 86_400_000;

const notFinal = ({ config }: Source, now: number) => ({
  where: [
    "createdAt >= :since",
    '(orderState in ("Open", "Confirmed")) or (orderState = "Complete" and lastModifiedAt >= :completedSince)',
  ],
  variables: {
    since: new Date(now - config.statuses.lookbackDays * DAY_MS).toISOString(),
    completedSince: new Date(now - COMPLETED_DAYS * DAY_MS).toISOString(),
  },
});

/** Every linked order that is not final. */
export function openPages(source: Source, now: number): Pages {
  const { where, variables } = notFinal(source, now);
  return async (after) => {
    const rows = await source.orders.page({
      where: ["syncInfo(channel(id = :linkChannel))", ...where],
      variables: { linkChannel: source.linkChannelId, ...variables },
      ...(after === undefined ? {} : { afterId: after }),
      limit: PAGE,
    });
    return { rows, next: rows.length < PAGE ? undefined : rows.at(-1)?.id };
  };
}

/** Those of them that are linked to one of these IFS orders. Numbers that no order is linked to are nobody's, and harmless. */
export function linkedPages(source: Source, now: number, orderNos: readonly OrderNo[]): Pages {
  const { where, variables } = notFinal(source, now);
  const chunks = chunked([...new Set(orderNos)], PAGE);
  const encode = (chunk: number, afterId?: string) =>
    chunk < chunks.length ? JSON.stringify({ chunk, afterId }) : undefined;
  return async (after) => {
    const { chunk, afterId } = after === undefined ? { chunk: 0 } : (JSON.parse(after) as Position);
    const numbers = chunks[chunk];
    if (numbers === undefined) return { rows: [], next: undefined };
    const rows = await source.orders.page({
      where: ["syncInfo(channel(id = :linkChannel) and externalId in :orderNos)", ...where],
      variables: { linkChannel: source.linkChannelId, orderNos: numbers, ...variables },
      ...(afterId === undefined ? {} : { afterId }),
      limit: PAGE,
    });
    // A project may refuse the condition on syncInfo; then all open orders come.
    const wanted = new Set<string>(numbers);
    const linked = rows.filter((order) => wanted.has(newestEntry(order, source.linkChannelId)?.externalId ?? ""));
    const next = rows.length < PAGE ? encode(chunk + 1) : encode(chunk, rows.at(-1)?.id);
    return { rows: linked, next };
  };
}

type Position = { readonly chunk: number; readonly afterId?: string };
