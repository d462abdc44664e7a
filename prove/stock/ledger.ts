/**
 * The account of every unit: which of them a write of the connector made sellable although a shopper had bought it already, and
 * which of those were sold once more. Kept beside the platforms' models, from what happens in them; see prove/README.md.
 */
import type { InventoryEntry } from "../../sandbox/commercetools/stock.ts";
import type { World } from "../world.ts";
import {
  type Article,
  bestOf,
  channelId,
  entryOf,
  type IfsFigure,
  ifsFigure,
  ordersOf,
  type Pool,
  type ShopOrder,
  type Supply,
  suppliesOf,
  trueStock,
  unitsOf,
} from "./books.ts";

/** A write is measured against the best that IFS showed in this time: an entry is raised by no figure that is older, but for its way. */
export const FIGURE_AGE_MS = 16_000;

export type Ledger = {
  /** People in IFS cancelled its copy: the units are IFS's to promise again. */
  cancelledInIfs(orderId: string): void;
  /** Something may have changed in IFS. */
  note(): void;
  /** Units of accepted orders that only a wrong write made sellable. */
  oversold(): number;
  /** Units that writes gave back although they were sold; a pack has several. */
  givenBack(): number;
  readonly findings: readonly string[];
};

/** Of each site. */
type Moment = { readonly at: number; readonly figures: readonly IfsFigure[] };
/** Of one supply, in units of its part. */
type Account = Supply & {
  readonly channelIds: readonly string[];
  moments: Moment[];
  wrong: number;
};

/** Modes in which the platform accepts no order beyond what an entry shows. */
const checks = new Set(["ReserveOnOrder", "ReserveOnCart"]);

export function keepLedger(world: World, articles: readonly Article[], pools: readonly Pool[]): Ledger {
  const accounts = suppliesOf(pools, articles).map((supply): Account => {
    const channelIds = supply.channels.map((key) => channelId(world, key));
    return { ...supply, channelIds, moments: [], wrong: 0 };
  });
  const cancelled = new Set<string>();
  const findings: string[] = [];
  const total = { oversold: 0, givenBack: 0 };

  const shownOf = ({ sku, units }: Article, id: string): number =>
    units * Math.max(0, trueStock(world, entryOf(world, sku, id)));
  const shown = ({ articles: sold, channelIds }: Account): number =>
    channelIds.reduce((sum, id) => sum + sold.reduce((units, article) => units + shownOf(article, id), 0), 0);
  const live = (): ShopOrder[] =>
    ordersOf(world).filter(({ id, orderState }) => orderState !== "Cancelled" && !cancelled.has(id));

  function note(): void {
    const at = world.time.elapsed();
    for (const account of accounts) {
      account.moments = account.moments.filter((moment) => moment.at >= at - FIGURE_AGE_MS);
      const figures = account.sites.map((site) => ifsFigure(world, account, site));
      account.moments.push({ at, figures });
    }
  }

  function balance(account: Account) {
    const orders = live().map((order) => ({
      ...{ id: order.id, units: unitsOf(order, account.articles, account.channelIds) },
    }));
    const accepted = orders.reduce((sum, { units }) => sum + units, 0);
    // Figures of several sites are read one after the other: each may be that of its site's best moment.
    const bestSince = (moments: readonly Moment[]): number =>
      account.sites.reduce((sum, _, index) => sum + bestOf(ofSite(moments, index), orders), 0);
    return { accepted, now: bestSince(account.moments.slice(-1)), best: bestSince(account.moments) };
  }

  /** What was wrong and is not any more: units came in, or the entries came down. */
  function forgive(account: Account): void {
    const { accepted, now } = balance(account);
    account.wrong = Math.min(account.wrong, Math.max(0, accepted + shown(account) - now));
  }

  function written(account: Account, before: number): void {
    const raised = shown(account) - before;
    if (raised > 0) {
      const { accepted, best } = balance(account);
      const wrong = Math.min(raised, Math.max(0, accepted + shown(account) - best));
      if (wrong > 0) {
        account.wrong += wrong;
        total.givenBack += wrong;
        const text = `${nameOf(account)}: a write raised ${before} to ${shown(account)} while IFS could promise ${best}, and ${accepted} are sold`;
        findings.push(`given back at ${Math.round(world.time.elapsed())}: ${wrong} of ${text}`);
      }
    }
    forgive(account);
  }

  function sold(order: ShopOrder): void {
    for (const account of accounts) {
      const units = unitsOf(order, account.articles, account.channelIds);
      if (units === 0) continue;
      const { accepted, now } = balance(account);
      const over = Math.min(account.wrong, Math.max(0, accepted - now), units);
      if (!checks.has(order.inventoryMode) || over === 0) continue;
      account.wrong -= over;
      total.oversold += over;
      findings.push(
        `oversold at ${Math.round(world.time.elapsed())}: ${over} of ${nameOf(account)} in order ${order.id}`,
      );
    }
  }

  /** A whole booking is one turn: its account is drawn up when it has ended. */
  const afterwards = (work: () => void): void =>
    queueMicrotask(() => {
      note();
      work();
    });
  watch<InventoryEntry>(world, "inventory-entry", (entry, old) => {
    if (!isWrittenByConnector(entry, old)) return;
    // A kit draws on several.
    const touched = accounts.filter(
      ({ articles: sold, channelIds }) =>
        sold.some(({ sku }) => sku === entry.sku) && channelIds.includes(entry.supplyChannel?.id ?? ""),
    );
    for (const account of touched) {
      const before = shown(account);
      afterwards(() => written(account, before));
    }
  });
  watch<ShopOrder>(world, "order", (order, old) => {
    if (old === undefined) afterwards(() => sold(order));
  });
  world.network.after(({ origin, method }) => {
    if (method !== "GET" && origin.includes("ifs")) note();
  });
  note();
  return {
    cancelledInIfs: (orderId) => void cancelled.add(orderId),
    note() {
      note();
      for (const account of accounts) forgive(account);
    },
    oversold: () => total.oversold,
    givenBack: () => total.givenBack,
    findings,
  };
}

const ofSite = (moments: readonly Moment[], index: number): IfsFigure[] =>
  moments.flatMap(({ figures }) => figures[index] ?? []);

const nameOf = ({ partNo, sites }: Supply): string => `${partNo} at ${sites.join(" and ")}`;

/** A sale that lands may leave the version, and the name of the last writer, as they were. */
function isWrittenByConnector(entry: InventoryEntry, old: InventoryEntry | undefined): boolean {
  const { clientId } = (entry as { lastModifiedBy?: { clientId?: string } }).lastModifiedBy ?? {};
  return clientId === "connector" && entry.version !== old?.version;
}

/** Tells of each resource that is about to be stored. */
function watch<T extends { readonly id: string }>(
  world: World,
  typeId: "inventory-entry" | "order",
  told: (resource: T, old: T | undefined) => void,
): void {
  const stored = world.commercetools.model.world.collection(typeId);
  const { put } = stored;
  stored.put = (resource) => {
    told(resource as unknown as T, stored.get(resource.id) as unknown as T | undefined);
    put(resource);
  };
}
