/** An IFS and a shop in memory for the tests of this flow: versions, late booking, and events between any two calls. */
import type { InventoryEntry, Order } from "@commercetools/platform-sdk";
import { type ConnectorConfig, connectorConfigSchema } from "../../../domain/config.ts";
import { add, compare, type DecimalString, decimal, subtract, ZERO } from "../../../domain/decimal.ts";
import { ConflictError, RefusedError, RefusedKeysError } from "../../../domain/failure.ts";
import type { CatalogNo, Contract, OrderNo, PartNo, Sku } from "../../../domain/ids.ts";
import type {
  IfsDemandLine,
  IfsOrderLine,
  IfsPackage,
  IfsSalesPart,
  IfsStockRow,
  IfsSupplyLine,
} from "../../../domain/ifs-records.ts";
import type { ExceptionRecord, JournalEntry } from "../../../domain/records.ts";
import type { Logger } from "../../../runtime/logger.ts";
import type { Changed } from "../../changed.ts";
import type { OrdersPage } from "../../in-flight-orders.ts";
import { createSyncInfoFallback } from "../../sync-info.ts";
import type { RemovedUnits, StockSyncDeps } from "../deps.ts";

export const START = Date.parse("2026-08-01T08:00:00Z");

export const configWith = (change: (raw: Record<string, unknown>) => void = () => {}): ConnectorConfig => {
  const raw: Record<string, unknown> = {
    schemaVersion: 1,
    orders: { exportFrom: "2026-07-01T00:00:00Z" },
    routes: [
      { name: "all", company: "10", site: "S1", orderType: "WEB", coordinator: "C", customerNo: "1", addressNo: "1" },
    ],
    sites: [{ site: "S1", company: "10", timeZone: "Europe/Berlin" }],
    stock: { pools: [{ name: "main", site: "S1", channels: [{ supplyChannel: "web" }] }] },
  };
  change(raw);
  return connectorConfigSchema.parse(raw);
};

/** The flow's queries, by their last condition. */
function matcherOf(predicate: string, variables: Parameters<OrdersPage>[0]["variables"] = {}) {
  return (order: Order): boolean => {
    if (predicate === "id in :ids") return (variables.ids as string[]).includes(order.id);
    if (predicate.startsWith("lastModifiedAt")) return order.lastModifiedAt >= String(variables.since);
    if (predicate === "createdAt >= :from") return order.orderState !== "Cancelled";
    if (predicate.startsWith("not(syncInfo")) return order.syncInfo.length === 0 && order.orderState !== "Cancelled";
    throw new Error(`unexpected predicate ${predicate}`);
  };
}

type Term = (action: Record<string, number>, entry: InventoryEntry) => Partial<InventoryEntry>;
/** An absent value takes a term away. */
const terms: Record<string, Term> = {
  setRestockableInDays: ({ restockableInDays }) => ({ restockableInDays }) as Partial<InventoryEntry>,
  setKey: ({ key }) => ({ key }) as unknown as Partial<InventoryEntry>,
  setExpectedDelivery: ({ expectedDelivery }) => ({ expectedDelivery }) as unknown as Partial<InventoryEntry>,
  setInventoryLimits: ({ minCartQuantity, maxCartQuantity }) =>
    ({ minCartQuantity, maxCartQuantity }) as Partial<InventoryEntry>,
  setReorderPoint: ({ quantity }, { stockLevels }) =>
    ({ stockLevels: { ...stockLevels, reorderPoint: quantity } }) as Partial<InventoryEntry>,
  setSafetyStock: ({ quantity }, { stockLevels }) =>
    ({ stockLevels: { ...stockLevels, safetyStock: quantity } }) as Partial<InventoryEntry>,
};

type PendingMove = { entryId: string; by: number; dueAt: number };

export type World = ReturnType<typeof createWorld>;

export function createWorld(config: ConnectorConfig = configWith()) {
  const time = { now: START };
  const knobs = {
    lagMs: 0,
    raisesVersion: true,
    /** No stock rows are shown. */
    blind: false,
    demandHidden: false,
    /** Order lines come with an ETag that tells of every change. */
    etags: true,
    /** The grant of the site is gone: every list of it is empty. */
    siteHidden: false,
    /** The same, of some sites alone. */
    hidden: [] as string[],
    /** Stock rows of these sites are not shown. */
    rowsHidden: [] as string[],
    refusesSyncInfo: false,
    /** The project keeps Messages. */
    messages: true,
    /** Lists that IFS refuses because of a value that they ask for. */
    refuses: (_list: string, _value: string): boolean => false,
  };
  const parts: IfsSalesPart[] = [];
  const packages: IfsPackage[] = [];
  const supply: IfsSupplyLine[] = [];
  const rows: IfsStockRow[] = [];
  const lines: IfsOrderLine[] = [];
  /** How often the lines of an order were changed. */
  const changes = new Map<string, number>();
  const entries = new Map<string, InventoryEntry>();
  const orders = new Map<string, Order>();
  const moves: PendingMove[] = [];
  /** What Order Edits took off, as the Messages of the project tell. */
  const removed: RemovedUnits[] = [];
  const cursors = new Map<string, { text: string; version: number }>();
  const exceptions = new Map<string, ExceptionRecord>();
  const journal: JournalEntry[] = [];
  const calls: string[] = [];
  const warnings: object[] = [];
  const shop = new Set<string>();
  let serial = 0;
  /** Called before each effect of the flow: what other people do meanwhile. */
  let meanwhile: (call: string) => void = () => {};
  const id = (prefix: string) => `${prefix}-${String(++serial).padStart(6, "0")}`;
  const lineId = () => `00000000-0000-4000-8000-${String(++serial).padStart(12, "0")}`;
  const iso = (ms = time.now) => new Date(ms).toISOString();
  const channelIds = new Map(
    config.stock.pools.flatMap((pool) => pool.channels.map((c) => c.supplyChannel)).map((key) => [key, `id-${key}`]),
  );

  function removedFrom(orderId: string, line: string, quantity: number): void {
    if (quantity > 0) removed.push({ orderId, lineId: line, quantity, at: time.now });
  }

  function land(): void {
    for (const move of moves.splice(0)) {
      if (move.dueAt > time.now) moves.push(move);
      else book(move.entryId, move.by);
    }
  }
  function book(entryId: string, by: number): void {
    const entry = entries.get(entryId);
    if (!entry) return;
    const version = entry.version + (knobs.raisesVersion ? 1 : 0);
    entries.set(entryId, shift({ ...entry, version }, by));
  }
  const shift = (entry: InventoryEntry, by: number): InventoryEntry => ({
    ...entry,
    quantityOnStock: entry.quantityOnStock + by,
    availableQuantity: entry.availableQuantity + by,
  });

  async function effectOf<T>(call: string, work: () => T): Promise<T> {
    meanwhile(call);
    calls.push(call);
    land();
    await Promise.resolve();
    return work();
  }
  const effect = async <T>(call: string, work: () => T): Promise<T> => structuredClone(await effectOf(call, work));
  const asking = <T>(list: string, keys: readonly string[], work: () => T): Promise<T> =>
    effect(list, () => {
      const refused = keys.filter((key) => knobs.refuses(list, key));
      if (refused.length === 0) return work();
      const cause = new RefusedError("ifs", "ODP_MALFORMED_REQUEST", 400, "Malformed Request.");
      throw new RefusedKeysError(refused, { cause, asked: `${list} with ${refused.join()}` });
    });

  function entriesOf(skus: readonly Sku[], ids: readonly string[]): InventoryEntry[] {
    const asked = new Set<string>(skus);
    return [...entries.values()].filter((e) => asked.has(e.sku) && ids.includes(e.supplyChannel?.id ?? ""));
  }
  const entryOf = (sku: string, channel = "web") =>
    [...entries.values()].find((entry) => entry.sku === sku && entry.supplyChannel?.id === `id-${channel}`);
  const quantityOf = (sku: string, channel = "web") => entryOf(sku, channel)?.quantityOnStock;

  /** What the platform decides by: bookings on their way included. */
  const availableNow = (entry: InventoryEntry) =>
    moves.filter(({ entryId }) => entryId === entry.id).reduce((sum, { by }) => sum + by, entry.availableQuantity);

  const happen = {
    sku(sku: string, given: Partial<IfsSalesPart> = {}) {
      shop.add(sku);
      const known: IfsSalesPart = {
        contract: "S1" as Contract,
        catalogNo: sku as CatalogNo,
        description: sku,
        partNo: sku as string as PartNo,
        active: true,
        salesUnitMeas: "PCS",
        unitMeas: "PCS",
        convFactor: decimal(1),
        invertedConvFactor: decimal(1),
        priceUnitMeas: "PCS",
        priceConvFactor: decimal(1),
        ...given,
      };
      parts.push(known);
    },
    stock(partNo: string, quantity: number, given: Partial<IfsStockRow> = {}) {
      rows.push({
        contract: "S1" as Contract,
        partNo: partNo as PartNo,
        locationNo: id("loc"),
        warehouse: "W1",
        locationType: "PICKING",
        qtyOnhand: decimal(quantity),
        qtyReserved: ZERO,
        frozen: false,
        availabilityControlId: null,
        partOwnership: "COMPANY OWNED",
        projectId: null,
        expirationDate: null,
        lastActivityDate: iso(),
        ...given,
      });
    },
    count(partNo: string, quantity: number, contract = "S1") {
      const at = rows.findIndex((row) => row.partNo === partNo && row.contract === contract);
      rows[at] = { ...(rows[at] as IfsStockRow), qtyOnhand: decimal(quantity), lastActivityDate: iso() };
    },
    /** The order's id, or undefined when the platform has not enough. */
    sale(sku: string, quantity: number, channel = "web"): string | undefined {
      land();
      const entry = entryOf(sku, channel);
      if (!entry || availableNow(entry) < quantity) return undefined;
      moves.push({ entryId: entry.id, by: -quantity, dueAt: time.now + knobs.lagMs });
      land();
      return this.order(sku, quantity, channel);
    },
    /** An order without effect on stock, as with inventory mode None. */
    order(sku: string, quantity: number, channel: string | undefined = "web"): string {
      const orderId = id("order");
      orders.set(orderId, {
        id: orderId,
        version: 1,
        createdAt: iso(),
        lastModifiedAt: iso(),
        orderState: "Open",
        syncInfo: [],
        lineItems: [
          {
            id: lineId(),
            quantity,
            variant: { id: 1, sku },
            ...(channel && { supplyChannel: { typeId: "channel", id: `id-${channel}` } }),
          },
        ],
      } as unknown as Order);
      return orderId;
    },
    /** An Order Edit leaves so many of the order's line, 0: none; the platform puts the others back, late, where an entry is named. */
    editOrder(orderId: string, quantity: number, entry?: { readonly sku: string; readonly channel?: string }): void {
      const order = orders.get(orderId);
      const [line] = order?.lineItems ?? [];
      if (!order || !line) throw new Error(`there is no order ${orderId}`);
      const lineItems = quantity === 0 ? [] : [{ ...line, quantity }];
      removedFrom(orderId, line.id, line.quantity - quantity);
      orders.set(orderId, { ...order, version: order.version + 1, lastModifiedAt: iso(), lineItems });
      const stocked = entry && entryOf(entry.sku, entry.channel ?? "web");
      if (stocked) moves.push({ entryId: stocked.id, by: line.quantity - quantity, dueAt: time.now + knobs.lagMs });
    },
    /** An Order Edit puts one line in the place of another; the platform books both, late. */
    replaceLine(orderId: string, sku: string, quantity: number): void {
      const order = orders.get(orderId);
      const [line] = order?.lineItems ?? [];
      if (!order || !line) throw new Error(`there is no order ${orderId}`);
      removedFrom(orderId, line.id, line.quantity);
      const replaced = { ...line, id: lineId(), quantity, variant: { id: 1, sku } };
      orders.set(orderId, {
        ...{ ...order, version: order.version + 1, lastModifiedAt: iso() },
        lineItems: [replaced, ...order.lineItems.slice(1)],
      });
      for (const { variant, by } of [
        { ...line, by: line.quantity },
        { ...replaced, by: -quantity },
      ]) {
        const entry = entryOf(variant.sku ?? "");
        if (entry) moves.push({ entryId: entry.id, by, dueAt: time.now + knobs.lagMs });
      }
    },
    /** IFS commits the order; the link follows with `link`. */
    commit(orderId: string, contract = "S1"): void {
      const order = orders.get(orderId);
      const item = order?.lineItems[0];
      const part = parts.find((one) => one.catalogNo === item?.variant.sku && one.contract === contract);
      if (!order || !item || !part || lines.some(({ lineRef }) => lineRef === item.id)) return;
      this.ifsOrder(`W${orderId}`, part.partNo as PartNo, item.quantity * Number(part.convFactor), item.id, contract);
    },
    ifsOrder(orderNo: string, partNo: string, quantity: number, lineRef: string | null = null, contract = "S1"): void {
      lines.push({
        orderNo: orderNo as OrderNo,
        lineNo: String(lines.filter((line) => line.orderNo === orderNo).length + 1),
        relNo: "1",
        lineItemNo: "0",
        state: "Released",
        lineRef,
        contract: contract as Contract,
        catalogNo: partNo as string as CatalogNo,
        partNo: partNo as PartNo,
        buyQtyDue: decimal(quantity),
        convFactor: decimal(1),
        revisedQtyDue: decimal(quantity),
        qtyAssigned: ZERO,
        qtyPicked: ZERO,
        qtyShipped: ZERO,
        qtyShipdiff: ZERO,
        qtyInvoiced: ZERO,
        netAmountCurr: ZERO,
        taxAmountCurr: ZERO,
        grossAmountCurr: ZERO,
        promisedDeliveryDate: null,
      });
    },
    link(orderId: string): void {
      const order = orders.get(orderId);
      const item = order?.lineItems[0];
      if (!order || !lines.some(({ lineRef }) => lineRef === item?.id)) return;
      const syncInfo = [
        { channel: { typeId: "channel" as const, id: "id-ifs-link" }, externalId: `W${orderId}`, syncedAt: iso() },
      ];
      orders.set(orderId, { ...order, version: order.version + 1, lastModifiedAt: iso(), syncInfo });
    },
    reserve(orderNo: string): void {
      change(orderNo, ["Released"], (line, row) => {
        if (compare(subtract(row.qtyOnhand, row.qtyReserved), line.revisedQtyDue) < 0) return undefined;
        return {
          line: { ...line, state: "Reserved", qtyAssigned: line.revisedQtyDue },
          row: { ...row, qtyReserved: add(row.qtyReserved, line.revisedQtyDue) },
        };
      });
    },
    /** People take a reservation back: the line is open again. */
    unreserve(orderNo: string): void {
      change(orderNo, ["Reserved"], (line, row) => ({
        line: { ...line, state: "Released", qtyAssigned: ZERO },
        row: { ...row, qtyReserved: subtract(row.qtyReserved, line.qtyAssigned) },
      }));
    },
    ship(orderNo: string): void {
      change(orderNo, ["Reserved"], (line, row) => ({
        line: { ...line, state: "Delivered", qtyAssigned: ZERO, qtyShipped: line.revisedQtyDue },
        row: {
          ...row,
          qtyOnhand: subtract(row.qtyOnhand, line.revisedQtyDue),
          qtyReserved: subtract(row.qtyReserved, line.revisedQtyDue),
        },
      }));
    },
    /** The first line of the order has another quantity. */
    amendInIfs(orderNo: string, quantity: number): void {
      const at = lines.findIndex((line) => line.orderNo === orderNo);
      const due = { buyQtyDue: decimal(quantity), revisedQtyDue: decimal(quantity) };
      lines[at] = { ...(lines[at] as IfsOrderLine), ...due };
      changes.set(orderNo, (changes.get(orderNo) ?? 0) + 1);
    },
    /** IFS ends an order whose goods never left. */
    cancelInIfs(orderNo: string): void {
      const at = lines.findIndex((line) => line.orderNo === orderNo);
      lines[at] = { ...(lines[at] as IfsOrderLine), state: "Cancelled" };
    },
    deleteInIfs(orderNo: string): void {
      lines.splice(
        lines.findIndex((line) => line.orderNo === orderNo),
        1,
      );
    },
    cancelInShop(orderId: string): void {
      const order = orders.get(orderId);
      if (order)
        orders.set(orderId, { ...order, orderState: "Cancelled", lastModifiedAt: iso(), version: order.version + 1 });
    },
    /** Deletes the order; the platform puts its units back, late. */
    deleteInShop(orderId: string): void {
      const item = orders.get(orderId)?.lineItems[0];
      const entry = item && entryOf(item.variant.sku ?? "");
      orders.delete(orderId);
      if (entry) moves.push({ entryId: entry.id, by: item.quantity, dueAt: time.now + knobs.lagMs });
    },
    /** A cart with a reservation. */
    reserveInCart(sku: string, quantity: number, channel = "web"): boolean {
      const entry = entryOf(sku, channel);
      if (!entry || availableNow(entry) < quantity) return false;
      entries.set(entry.id, {
        ...entry,
        availableQuantity: entry.availableQuantity - quantity,
        version: entry.version + 1,
      });
      return true;
    },
    edit(sku: string, quantity: number, channel = "web"): void {
      const entry = entryOf(sku, channel);
      if (!entry) return;
      const by = quantity - entry.quantityOnStock;
      const lastModifiedBy = { user: { typeId: "user", id: "u-7" } } as InventoryEntry["lastModifiedBy"];
      entries.set(entry.id, { ...shift(entry, by), version: entry.version + 1, lastModifiedAt: iso(), lastModifiedBy });
    },
    wait(ms: number): void {
      time.now += ms;
      land();
    },
  };

  function change(
    orderNo: string,
    states: string[],
    to: (line: IfsOrderLine, row: IfsStockRow) => { line: IfsOrderLine; row: IfsStockRow } | undefined,
  ): void {
    const at = lines.findIndex((line) => line.orderNo === orderNo && states.includes(line.state));
    const line = lines[at];
    const rowAt = rows.findIndex((row) => row.partNo === line?.partNo && row.contract === line.contract);
    const row = rows[rowAt];
    const changed = line && row && to(line, row);
    if (!changed) return;
    lines[at] = changed.line;
    changes.set(orderNo, (changes.get(orderNo) ?? 0) + 1);
    rows[rowAt] = { ...changed.row, lastActivityDate: iso() };
  }

  const isShown = ({ contract }: { readonly contract: string }) => !knobs.hidden.includes(contract);
  const visibleLines = () => (knobs.demandHidden || knobs.siteHidden ? [] : lines.filter(isShown));
  const visibleParts = () => (knobs.siteHidden ? [] : parts.filter(isShown));
  const visibleRows = () =>
    knobs.blind || knobs.siteHidden
      ? []
      : rows.filter((row) => isShown(row) && !knobs.rowsHidden.includes(row.contract));
  const isOpen = (line: IfsOrderLine) => !["Delivered", "Invoiced", "Cancelled"].includes(line.state);
  const etagOf = ({ orderNo }: IfsOrderLine) => (knobs.etags ? `W/"${changes.get(orderNo) ?? 0}"` : undefined);
  const toDemand = (line: IfsOrderLine): IfsDemandLine => ({
    ...{ ...line, partNo: line.partNo as PartNo, etag: etagOf(line) },
  });

  /** By time stamp, five minutes back, as the default strategy does. */
  const watermarks = new Map<string, number>();
  function movedParts(contract: string): Changed<PartNo> {
    const watermark = watermarks.get(contract);
    const stampOf = (row: IfsStockRow) => Date.parse(row.lastActivityDate ?? "");
    const since = watermark === undefined ? undefined : watermark - 5 * 60_000;
    const shown = knobs.siteHidden ? [] : rows.filter(isShown);
    const moved = shown.filter((row) => row.contract === contract && stampOf(row) >= (since ?? 0));
    const newest = Math.max(watermark ?? time.now - 60 * 60_000, ...moved.map(stampOf));
    return {
      keys: since === undefined ? "lost" : [...new Set(moved.map(({ partNo }) => partNo))],
      handled: async () => {
        watermarks.set(contract, newest);
      },
    };
  }

  const clock = { now: () => time.now, monotonic: () => time.now };
  const logger: Logger = {
    info: () => {},
    warn: (fields) => {
      warnings.push(fields);
    },
    error: () => {},
  };
  const fallback = createSyncInfoFallback({ clock, logger });
  const deps: StockSyncDeps = {
    config,
    writes: 8,
    parts: {
      salesParts: (contract, catalogNos) =>
        asking("salesParts", catalogNos, () => {
          const asked = new Set(catalogNos);
          return visibleParts().filter((p) => p.contract === contract && asked.has(p.catalogNo));
        }),
      salesPartsOf: (contract, partNos) =>
        asking("salesPartsOf", partNos, () => {
          const asked = new Set<PartNo | null>(partNos);
          return visibleParts().filter((p) => p.contract === contract && asked.has(p.partNo));
        }),
      packages: () => effect("packages", () => packages),
      pageSalesParts: (contract, after, limit) =>
        effect("pageSalesParts", () =>
          visibleParts()
            .filter((p) => p.contract === contract && (after === undefined || p.catalogNo > after))
            .sort((a, b) => (a.catalogNo < b.catalogNo ? -1 : 1))
            .slice(0, limit),
        ),
    },
    stock: {
      stockRows: (contract, partNos) =>
        asking("stockRows", partNos, () => {
          const asked = new Set(partNos);
          return visibleRows().filter((row) => row.contract === contract && asked.has(row.partNo));
        }),
      async rowsBeside(contract, partNos, witnesses) {
        return [{ partNos, rows: await deps.stock.stockRows(contract, [...witnesses, ...partNos]) }];
      },
      openDemand: (contract, partNos) =>
        asking("openDemand", partNos, () =>
          visibleLines()
            .filter((l) => l.contract === contract && isOpen(l) && l.partNo !== null && partNos.includes(l.partNo))
            .map(toDemand),
        ),
      orderLinesVisible: (contract) =>
        effect("orderLinesVisible", () => visibleLines().some((line) => line.contract === contract)),
      partsWithOpenDemand: (contract) =>
        effect("partsWithOpenDemand", () => [
          ...new Set(
            visibleLines()
              .filter((l) => l.contract === contract && isOpen(l))
              .flatMap(({ partNo }) => partNo ?? []),
          ),
        ]),
    },
    scanSite(contract, from) {
      let after = from;
      const next = () =>
        effect("scanSite", () => {
          const sold = visibleParts().flatMap((p) =>
            p.contract === contract && p.partNo ? [{ ...p, partNo: p.partNo }] : [],
          );
          const behind = [...new Set(sold.map(({ partNo }) => partNo as string))].filter(
            (no) => after === undefined || no > after,
          );
          const page = behind.sort().slice(0, 200);
          after = page.at(-1);
          if (after === undefined) return undefined;
          const onPage = new Set<string | null>(page);
          const isOn = ({ partNo }: { partNo: PartNo | null }) => onPage.has(partNo);
          return {
            parts: sold.filter(isOn),
            rows: visibleRows().filter((row) => row.contract === contract && isOn(row)),
            demand: visibleLines()
              .filter((l) => l.contract === contract && isOpen(l) && isOn(l))
              .map(toDemand),
            position: page.length < 200 ? undefined : after,
          };
        });
      return { next };
    },
    plannedSupply: (_, partNos) =>
      asking("plannedSupply", partNos, () => supply.filter((line) => partNos.includes(line.partNo))),
    changedParts: (contract) => effectOf("changedParts", () => movedParts(contract)),
    documents: (orderNos) =>
      effect("documents", () =>
        orderNos.map((orderNo) => ({ lines: visibleLines().filter((line) => line.orderNo === orderNo) })),
      ),
    ordersPage: fallback(({ where, variables, afterId, limit }: Parameters<OrdersPage>[0]) =>
      effect("ordersPage", () => {
        if (knobs.refusesSyncInfo && where.some((condition) => condition.includes("syncInfo"))) {
          throw new RefusedError("commercetools", "InvalidInput", 400, "The field 'syncInfo' does not exist.");
        }
        const matches = matcherOf(where.at(-1) ?? "", variables);
        return [...orders.values()]
          .filter((order) => matches(order) && (afterId === undefined || order.id > afterId))
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, limit);
      }),
    ),
    removedLineItems: (since) =>
      effect("removedLineItems", () => (knobs.messages ? removed.filter(({ at }) => at >= since) : [])),
    inventory: {
      bySkus: (skus, ids) => effect("bySkus", () => entriesOf(skus, ids)),
      glance: (skus, ids) => effect("glance", () => entriesOf(skus, ids)),
      async *names(channelId) {
        yield await effect("names", () => [...entries.values()].filter((e) => e.supplyChannel?.id === channelId));
      },
      page: (channelId, afterId, limit) =>
        effect("page", () =>
          [...entries.values()]
            .filter((e) => e.supplyChannel?.id === channelId && (afterId === undefined || e.id > afterId))
            .slice(0, limit),
        ),
      async *modifiedSince(ids, since, but) {
        const asked = (e: InventoryEntry) => ids.includes(e.supplyChannel?.id ?? "") && e.lastModifiedAt >= since;
        yield await effect("modifiedSince", () =>
          [...entries.values()].filter((e) => asked(e) && (!but || e.lastModifiedBy?.clientId !== but)),
        );
      },
      create: (draft) =>
        effect("create", () => {
          const channel = draft.supplyChannel?.id;
          if ([...entries.values()].some((e) => e.sku === draft.sku && e.supplyChannel?.id === channel)) {
            throw new RefusedError("commercetools", "DuplicateField", 400, "sku and supplyChannel exist");
          }
          const entry = {
            ...draft,
            id: id("entry"),
            version: 1,
            createdAt: iso(),
            lastModifiedAt: iso(),
            quantityOnStock: draft.quantityOnStock,
            availableQuantity: draft.quantityOnStock,
          } as InventoryEntry;
          entries.set(entry.id, entry);
          return entry;
        }),
      update: (ref, actions) =>
        effect("update", () => {
          const entry = entries.get(ref.id);
          if (!entry || entry.version !== ref.version) throw new ConflictError("ConcurrentModification");
          const by = actions.reduce((sum, action) => {
            if (action.action === "addQuantity") return sum + action.quantity;
            if (action.action === "removeQuantity") return sum - action.quantity;
            if (action.action in terms) return sum;
            throw new Error(`unexpected action ${action.action}`);
          }, 0);
          const lastModifiedBy = { clientId: "connector" };
          const moved = { ...shift(entry, by), version: entry.version + 1, lastModifiedAt: iso(), lastModifiedBy };
          let changed: InventoryEntry = moved;
          for (const action of actions)
            changed = Object.assign({}, changed, terms[action.action]?.(action as never, changed));
          entries.set(ref.id, changed);
          return changed;
        }),
    },
    channels: { link: "id-ifs-link", claim: "id-ifs-claim" },
    channelIds: (keys) => effect("channelIds", () => new Map([...channelIds].filter(([key]) => keys.includes(key)))),
    existingSkus: (skus) => effect("existingSkus", () => new Set(skus.filter((sku) => shop.has(sku)))),
    cursors: {
      read: (name) =>
        effect("cursorRead", () => {
          const stored = cursors.get(name);
          return stored && { value: JSON.parse(stored.text) as unknown, version: stored.version };
        }),
      write: (name, value, version) =>
        effect("cursorWrite", () => {
          if ((cursors.get(name)?.version ?? 0) !== version) throw new ConflictError("another run moved the cursor");
          cursors.set(name, { text: JSON.stringify(value), version: version + 1 });
          return version + 1;
        }),
    },
    exceptions: {
      open: async (given) => {
        const at = iso();
        exceptions.set(given.id, { ...given, firstSeenAt: at, lastSeenAt: at, attempts: 1 });
      },
      close: async (exceptionId) => {
        exceptions.delete(exceptionId);
      },
      page: async (flow, { after }) => ({
        rows: after === undefined ? [...exceptions.values()].filter((row) => row.flow === flow) : [],
        last: after === undefined ? "last" : undefined,
      }),
    },
    journal: {
      append: async (entry) => {
        journal.push(entry);
      },
    },
    clock,
    logger,
  };

  return {
    deps,
    happen,
    time,
    knobs,
    calls,
    entries,
    orders,
    exceptions,
    journal,
    warnings,
    channelIds,
    shop,
    rows,
    parts,
    packages,
    supply,
    entryOf,
    quantityOf,
    availableNow,
    /** Of the order's first line. */
    lineIdOf: (orderId: string): string => orders.get(orderId)?.lineItems[0]?.id ?? "",
    cursor: (name: string) => JSON.parse(cursors.get(name)?.text ?? "null") as unknown,
    codes: () => [...exceptions.values()].map(({ code, recordId }) => `${code}: ${recordId}`).sort(),
    interfere: (by: (call: string) => void) => {
      meanwhile = by;
    },
    onHand: (partNo: string): DecimalString =>
      add(ZERO, ...rows.filter((row) => row.partNo === partNo).map(({ qtyOnhand }) => qtyOnhand)),
  };
}
