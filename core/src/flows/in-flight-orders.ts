/** Reads the commercetools orders that may be in flight. Stock sync and the check at checkout share it, as they share the formula. */
import type { Order } from "@commercetools/platform-sdk";
import type { ClaimChannels } from "../domain/claims.ts";
import type { OrderId } from "../domain/ids.ts";
import { isLongCancelled, type SoldOrder, toSoldOrder, YOUNG_MS } from "../domain/in-flight.ts";
import { chunked } from "../runtime/limit.ts";
import { type LostUnits, type RememberedOrder, withLost, withTakenOff } from "./taken-off.ts";

/** One page of orders by ascending id; fewer rows than `limit` means the end. */
export type OrdersPage = (query: {
  where: string[];
  variables?: Record<string, string | number | string[]>;
  afterId?: string;
  limit: number;
}) => Promise<Order[]>;

/** Reads of what changed reach this far back, for clocks that differ and for queries that lag behind writes. */
export const ORDER_OVERLAP_MS = 120_000;

const PAGE = 500;
const IDS_PER_READ = 100;
/** Beyond this a read would not end in useful time: something is wrong with the export, and stock must not be guessed. */
const MAX_ORDERS = 50_000;

/** Where the platform refuses the predicate, linked orders are read as well; those are found by the other two ways. */
const isUnlinked = ({ orderNo }: SoldOrder): boolean => orderNo === undefined;

/** Of a younger order all counts, and of one without a link IFS has freed nothing. */
const mayHaveLost = ({ orderNo, createdAt, cancelledAt }: SoldOrder, changedAt: number, now: number): boolean =>
  orderNo !== undefined && cancelledAt === undefined && now - createdAt >= YOUNG_MS && now - changedAt < YOUNG_MS;

export type OrderReader = {
  /**
   * All orders that may be in flight, as of now: the first call reads them all, later ones what changed since the call before.
   * Linked orders are among them until the caller has proof that IFS figures contain them. Calls may overlap.
   */
  refresh(): Promise<readonly SoldOrder[]>;
  /** Of `known`: those that the first call did not find any more. Somebody deleted them. */
  gone(): readonly OrderId[];
};

/**
 * An order is found by one of three ways, so that none of them has to be perfect: it has no link (a query that the platform does
 * not document in full), it changed since `changedSince`, or it is one of `known` (in flight at the last run).
 */
export function createOrderReader(
  page: OrdersPage,
  scope: { readonly channels: ClaimChannels; readonly exportFrom: string },
  from: {
    readonly changedSince: number;
    readonly known: readonly OrderId[];
    /** What orders were made of when they were read last. */
    readonly remembered?: readonly RememberedOrder[];
    /** What edits have taken lately off these orders, which changed lately and are read for the first time; by the order's id. */
    readonly lost?: (orders: readonly SoldOrder[]) => Promise<ReadonlyMap<string, LostUnits>>;
    readonly now: () => number;
  },
): OrderReader {
  const orders = new Map<string, SoldOrder>();
  const versions = new Map<string, number>();
  const remembered = new Map<string, RememberedOrder>(from.remembered?.map((order) => [order.orderId, order]));
  const gone: OrderId[] = [];
  let unknown: SoldOrder[] = [];
  const asking = new Set<Promise<void>>();
  let readAt: number | undefined;

  function keep(row: Order, wanted: (order: SoldOrder) => boolean): void {
    // Sites are read side by side: an answer that comes late must not undo what a later one has told.
    if ((versions.get(row.id) ?? 0) > row.version) return;
    versions.set(row.id, row.version);
    const read = toSoldOrder(row, scope.channels, scope.exportFrom);
    const before = orders.get(row.id) ?? remembered.get(row.id);
    const sold = read && withTakenOff(read, before, { at: Date.parse(row.lastModifiedAt), now: from.now() });
    if (!sold || isLongCancelled(sold, from.now())) orders.delete(row.id);
    else if (wanted(sold)) {
      orders.set(row.id, sold);
      if (!before && mayHaveLost(sold, Date.parse(row.lastModifiedAt), from.now())) unknown.push(sold);
    }
  }

  /** Whoever reads beside this waits for the answer as well: it has the orders already. */
  async function askWhatIsLost(): Promise<void> {
    const asked = unknown;
    unknown = [];
    if (from.lost && asked.length > 0) {
      const answer = from.lost(asked).then((lost) => {
        for (const [orderId, units] of lost) {
          const order = orders.get(orderId);
          if (order) orders.set(orderId, withLost(order, units));
        }
      });
      asking.add(answer);
      answer.finally(() => asking.delete(answer)).catch(() => undefined);
    }
    await Promise.all(asking);
  }

  async function readAll(
    where: string[],
    variables: Record<string, string | string[]>,
    wanted: (order: SoldOrder) => boolean = () => true,
  ): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    let afterId: string | undefined;
    do {
      const rows: Order[] = await page({ where, variables, afterId, limit: PAGE });
      for (const row of rows) {
        keep(row, wanted);
        found.add(row.id);
      }
      if (orders.size > MAX_ORDERS)
        throw new Error(`more than ${MAX_ORDERS} orders are not in IFS: stock is not judged`);
      afterId = rows.length < PAGE ? undefined : rows.at(-1)?.id;
    } while (afterId !== undefined);
    return found;
  }

  const readChanged = (since: number) =>
    readAll(["lastModifiedAt >= :since"], { since: new Date(since - ORDER_OVERLAP_MS).toISOString() });

  return {
    async refresh() {
      const startedAt = from.now();
      if (readAt === undefined) {
        for (const ids of chunked(from.known, IDS_PER_READ)) {
          const found = await readAll(["id in :ids"], { ids });
          gone.push(...ids.filter((id) => !found.has(id)));
        }
        await readAll(
          ['orderState != "Cancelled"', "createdAt >= :from", "not(syncInfo(channel(id = :link)))"],
          { from: scope.exportFrom, link: scope.channels.link },
          isUnlinked,
        );
        await readChanged(from.changedSince);
      } else {
        await readChanged(readAt);
      }
      await askWhatIsLost();
      readAt = startedAt;
      return [...orders.values()];
    },
    gone: () => gone,
  };
}
