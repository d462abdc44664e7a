/**
 * Both platforms in memory, with a clock of their own, and a hook before and after each effect: the place where tests let a
 * process die, an answer get lost, or another worker go first.
 */
import { isDeepStrictEqual } from "node:util";
import type { Order, OrderUpdateAction } from "@commercetools/platform-sdk";
import type { AmendmentRecord } from "../../../domain/amendment-record.ts";
import { readLinkState } from "../../../domain/claims.ts";
import type { ConnectorConfig } from "../../../domain/config.ts";
import type { Corrections } from "../../../domain/corrections.ts";
import { type DecimalString, decimal } from "../../../domain/decimal.ts";
import { BusyError, ConflictError, RefusedError } from "../../../domain/failure.ts";
import type { OrderId, OrderNo } from "../../../domain/ids.ts";
import type {
  IfsCharge,
  IfsOrder,
  IfsOrderDocument,
  IfsOrderDraft,
  IfsOrderLine,
  IfsOrderLookup,
  IfsSalesPart,
} from "../../../domain/ifs-records.ts";
import type { JournalEntry } from "../../../domain/records.ts";
import { systemClock } from "../../../runtime/clock.ts";
import type { OrderEventDeps, OrderSweepDeps } from "../deps.ts";
import { createAmendments } from "./amendments.ts";
import { configWith, partOf } from "./config.ts";
import { createCustomersWorld } from "./customers.ts";
import { computed } from "./ifs-arithmetic.ts";
import type { OrderJson } from "./orders.ts";
import { createReturnsWorld } from "./returns.ts";

export const CHANNELS = { link: "channel-link", claim: "channel-claim", returns: "channel-return" };
export const START = Date.parse("2026-11-20T10:05:00.000Z");
const RATES: Record<string, bigint> = { DE19: 19n, DE07: 7n, ZERO: 0n };

/** Called around each effect; what it throws takes the place of the effect (before) or of its answer (after). */
export type Hook = (effect: string, phase: "before" | "after") => void | Promise<void>;

type StoredException = Parameters<OrderEventDeps["exceptions"]["open"]>[0];

export type WorldOptions = {
  readonly config?: ConnectorConfig;
  readonly salesParts?: readonly IfsSalesPart[];
  /** Does another entry of the same channel replace the first, or stand beside it? */
  readonly syncInfo?: "replace" | "append";
  readonly activationStamp?: string;
  /** Channels that exist; their ids are their keys. */
  readonly channelKeys?: readonly string[];
};

export function createWorld(options: WorldOptions = {}) {
  const clock = { at: START };
  const orders = new Map<string, OrderJson>();
  const documents = new Map<string, IfsOrderDocument>();
  /** What each order was created with, for what a document does not show. */
  const sent = new Map<string, IfsOrderDraft>();
  const late: { at: number; commit: () => void }[] = [];
  const exceptions = new Map<string, StoredException>();
  const journal: JournalEntry[] = [];
  const corrections = new Map<string, Corrections>();
  const amending = new Map<string, AmendmentRecord>();
  const customers = createCustomersWorld();
  const returns = createReturnsWorld();
  const refused = new Set<OrderId>();
  const cursors = new Map<string, { value: unknown; version: number }>();
  const state = {
    config: options.config ?? configWith(),
    configVersion: 1,
    salesParts: options.salesParts ?? [partOf("A-1"), partOf("B-2")],
    activationStamp: options.activationStamp ?? "2026-11-01T00:00:00.000Z",
    /** false: IFS shows nothing of the site, as it does where grants are missing. */
    visible: true,
    /** Sites whose orders the service user may not see. */
    hiddenSites: [] as string[],
    /** Messages that the project keeps, by ascending id; undefined: the API client may not read them. */
    messages: [] as { id: string; resourceId: string; at: string; of?: "order" | "payment" }[] | undefined,
    /** Keeps only so many rows of the next created order, as a dying sequence of single requests does. */
    keepRows: Number.POSITIVE_INFINITY,
    /** Deviation in cents that IFS puts on the tax of each new line. */
    deviation: 0,
    releaseTo: "Released" as IfsOrder["state"],
    owners: 0,
    /** Events that may create orders at a time, and those that do. */
    room: Number.POSITIVE_INFINITY,
    inside: 0,
    creates: 0,
    adds: 0,
  };

  const copy = <T>(value: T): T => structuredClone(value);
  const settleLate = () => {
    for (const entry of [...late]) {
      if (entry.at > clock.at) continue;
      late.splice(late.indexOf(entry), 1);
      entry.commit();
    }
  };

  function putOrder(order: OrderJson): void {
    orders.set(order.id, copy(order));
  }

  function updateOrder(ref: { id: string; version: number }, actions: readonly OrderUpdateAction[]): Order {
    const order = orders.get(ref.id);
    if (!order) throw new RefusedError("commercetools", "ResourceNotFound", 404, `order ${ref.id} was not found`);
    if (order.version !== ref.version) throw new ConflictError(`version ${order?.version}, not ${ref.version}`);
    let syncInfo = order.syncInfo as { channel: { id: string }; externalId?: string; syncedAt: string }[];
    for (const action of actions) {
      if (action.action !== "updateSyncInfo") throw new Error(`unexpected ${action.action}`);
      const id = action.channel.id ?? "";
      if (options.syncInfo === "replace") syncInfo = syncInfo.filter((entry) => entry.channel.id !== id);
      const syncedAt = action.syncedAt ?? new Date(clock.at).toISOString();
      syncInfo = [
        ...syncInfo,
        { channel: { typeId: "channel", id }, externalId: action.externalId, syncedAt } as never,
      ];
    }
    const next = { ...order, syncInfo, version: order.version + 2, lastModifiedAt: new Date(clock.at).toISOString() };
    orders.set(ref.id, next);
    return copy(next) as unknown as Order;
  }

  /** A change by the shop. */
  function editOrder(id: string, fields: object): void {
    const order = orders.get(id);
    if (!order) throw new Error(`no order ${id}`);
    orders.set(id, {
      ...order,
      ...fields,
      version: order.version + 1,
      lastModifiedAt: new Date(clock.at).toISOString(),
    });
  }

  const lineRow = (orderNo: string, draft: IfsOrderDraft, index: number): IfsOrderLine => {
    const line = draft.lines[index];
    if (!line) throw new Error("no such line");
    const price = draft.header.usePriceInclTax ? line.unitPriceInclTax : line.saleUnitPrice;
    const amounts = computed(
      [line.buyQtyDue, line.priceConvFactor, price],
      RATES[line.taxCode ?? ""] ?? 0n,
      draft.header.usePriceInclTax,
    );
    const deviation = (amount: string): DecimalString =>
      state.deviation === 0 ? decimal(amount) : decimal((Number(amount) + state.deviation / 100).toFixed(2));
    const zero = decimal("0");
    return {
      orderNo: orderNo as OrderNo,
      lineNo: String(index + 1),
      relNo: "1",
      lineItemNo: "0",
      state: "Planned",
      lineRef: line.lineRef,
      contract: line.contract,
      catalogNo: line.catalogNo,
      partNo: line.partNo,
      buyQtyDue: line.buyQtyDue,
      convFactor: line.convFactor,
      revisedQtyDue: line.buyQtyDue,
      qtyAssigned: zero,
      qtyPicked: zero,
      qtyShipped: zero,
      qtyShipdiff: zero,
      qtyInvoiced: zero,
      netAmountCurr: decimal(amounts.net),
      taxAmountCurr: deviation(amounts.tax),
      grossAmountCurr: deviation(amounts.gross),
      promisedDeliveryDate: null,
    };
  };

  const amendments = createAmendments({ documents, sent, lineRow });

  const chargeRow = (orderNo: string, draft: IfsOrderDraft, index: number): IfsCharge => {
    const charge = draft.charges[index];
    if (!charge) throw new Error("no such charge");
    const amount = draft.header.usePriceInclTax ? charge.chargeAmountInclTax : charge.chargeAmount;
    const rate = RATES[charge.taxCode ?? ""] ?? 0n;
    const amounts = computed([charge.chargedQty, amount], rate, draft.header.usePriceInclTax);
    return {
      orderNo: orderNo as OrderNo,
      sequenceNo: String(index + 1),
      chargeType: charge.chargeType,
      chargedQty: charge.chargedQty,
      netAmountCurr: decimal(amounts.net),
      taxAmountCurr: decimal(amounts.tax),
      grossAmountCurr: decimal(amounts.gross),
    };
  };

  /** Commits an order at once, with as many of its rows as `keepRows` says. */
  function commit(draft: IfsOrderDraft, keepRows = state.keepRows): IfsOrderDocument {
    const orderNo = `P${1000 + documents.size}`;
    const { header } = draft;
    const document: IfsOrderDocument = {
      order: {
        orderNo: orderNo as OrderNo,
        etag: "1",
        state: "Planned",
        externalRef: header.externalRef,
        contract: header.contract,
        customerNo: header.customerNo,
        currencyCode: header.currencyCode,
        blockedReason: null,
        cancelReason: null,
      },
      lines: draft.lines.map((_, index) => lineRow(orderNo, draft, index)).slice(0, keepRows),
      charges: draft.charges
        .map((_, index) => chargeRow(orderNo, draft, index))
        .slice(0, Math.max(0, keepRows - draft.lines.length)),
    };
    documents.set(orderNo, document);
    sent.set(orderNo, copy(draft));
    return copy(document);
  }

  function setState(orderNo: string, orderState: IfsOrder["state"]): IfsOrder {
    const document = documents.get(orderNo);
    if (!document) throw new Error(`no IFS order ${orderNo}`);
    const next = { ...document, order: { ...document.order, state: orderState } };
    documents.set(orderNo, next);
    return copy(next.order);
  }

  /** What IFS has come to with a line, or what somebody did to it there. */
  function setLine(orderNo: string, lineRef: string, fields: Partial<IfsOrderLine>): void {
    const document = documents.get(orderNo);
    if (!document) throw new Error(`no IFS order ${orderNo}`);
    const lines = document.lines.map((line) => (line.lineRef === lineRef ? { ...line, ...fields } : line));
    documents.set(orderNo, { ...document, lines });
  }

  /** Posts what the document as read lacks, without looking again: a late repeat would double it, as in IFS. */
  function addMissing(read: IfsOrderDocument, draft: IfsOrderDraft): IfsOrderDocument {
    const { orderNo } = read.order;
    const document = documents.get(orderNo);
    if (!document) throw new Error(`no IFS order ${orderNo}`);
    // As many of a kind as are there were posted first.
    const left = (of: readonly string[]) => {
      const there = [...of];
      return (one: string): boolean => {
        const at = there.indexOf(one);
        if (at >= 0) there.splice(at, 1);
        return at < 0;
      };
    };
    const lacksLine = left(read.lines.map(({ lineRef }) => lineRef ?? ""));
    const lacksCharge = left(read.charges.map(({ chargeType }) => chargeType));
    const lines = draft.lines.flatMap(({ lineRef }, index) =>
      lacksLine(lineRef) ? [lineRow(orderNo, draft, index)] : [],
    );
    const charges = draft.charges.flatMap(({ chargeType }, index) =>
      lacksCharge(chargeType) ? [chargeRow(orderNo, draft, index)] : [],
    );
    const next = {
      ...document,
      lines: [...document.lines, ...lines],
      charges: [...document.charges, ...charges],
    };
    documents.set(orderNo, next);
    return copy(next);
  }

  /** As in IFS, orders of sites that the service user may not see are not there. */
  const sees = (contract: string): boolean => state.visible && !state.hiddenSites.includes(contract);

  function lookup(externalRef: string, contract: string): IfsOrderLookup {
    const found = [...documents.values()].filter(
      ({ order }) => order.externalRef === externalRef && sees(order.contract),
    );
    if (found.length > 0) return { kind: "found", orders: found.map(({ order }) => copy(order)) };
    if (!sees(contract)) return { kind: "unknown", reason: `no order of site ${contract} is visible` };
    return { kind: "absent" };
  }

  /** Orders of the former integration: `name=value` -> their numbers. */
  const former = new Map<string, string[]>();
  function formerOf(name: string, value: string): IfsOrderLookup {
    if (!state.visible) return { kind: "unknown", reason: "no order of site 101 is visible" };
    const orderNos = former.get(`${name}=${value}`) ?? [];
    const found = orderNos.flatMap((orderNo) => documents.get(orderNo)?.order ?? []);
    return found.length === 0 ? { kind: "absent" } : { kind: "found", orders: found.map(copy) };
  }

  /** A worker: its own process as far as the hook lets it live. */
  function worker(hook: Hook = () => {}): OrderEventDeps & OrderSweepDeps {
    const effect = async <T>(name: string, run: () => T): Promise<T> => {
      await hook(name, "before");
      settleLate();
      const result = run();
      await hook(name, "after");
      return result;
    };
    return {
      orders: {
        get: (id) => effect("orders.get", () => copy(orders.get(id)) as unknown as Order | undefined),
        update: (ref, actions) => effect("orders.update", () => updateOrder(ref, actions)),
        page: (query) =>
          effect("orders.page", () => pageOf([...orders.values()], query).map(copy) as unknown as Order[]),
      },
      refused: (id) => void refused.add(id),
      refusedEvents: (ids) => effect("refusedEvents", () => new Set(ids.filter((id) => refused.has(id as OrderId)))),
      ordersByPayment: (paymentId) =>
        effect("ordersByPayment", () =>
          [...orders.values()].filter((order) => JSON.stringify(order.paymentInfo ?? null).includes(`"${paymentId}"`)),
        ),
      // What the adapter tells is its own tests' matter.
      withSentListener: (_listener, work) => work(),
      ifsOrders: {
        findByExternalRef: (ref, contract) => effect("ifs.find", () => lookup(ref, contract)),
        findByProperty: ({ name, value }) => effect("ifs.findByProperty", () => formerOf(name, value)),
        read: (orderNo) => effect("ifs.read", () => copy(documents.get(orderNo))),
        create: (draft) =>
          effect("ifs.create", () => {
            state.creates += 1;
            return commit(draft);
          }),
        addMissing: (document, draft) =>
          effect("ifs.addMissing", () => {
            state.adds += 1;
            return addMissing(document, draft);
          }),
        release: (orderNo) =>
          effect("ifs.release", () => {
            const found = documents.get(orderNo)?.order.state;
            if (found !== "Planned") throw new RefusedError("ifs", "ORA-20111", 500, `CustomerOrder: ${found}`);
            return setState(orderNo, state.releaseTo);
          }),
        cancel: (orderNo) => effect("ifs.cancel", () => setState(orderNo, "Cancelled")),
        readAmendable: (orderNo) => effect("ifs.readAmendable", () => amendments.readAmendable(orderNo)),
        amend: (found, change) => effect("ifs.amend", () => amendments.amend(found, change)),
        addLines: (found, given) =>
          effect("ifs.addLines", () => amendments.addLines(found.document.order.orderNo, given)),
      },
      parts: {
        salesParts: (contract, catalogNos) =>
          effect("ifs.salesParts", () =>
            state.salesParts.filter((part) => part.contract === contract && catalogNos.includes(part.catalogNo)),
          ),
      },
      customers: customers.deps(effect),
      ifsReturns: returns.deps(effect),
      references: {
        channelKeys: async (ids) =>
          new Map(ids.filter((id) => options.channelKeys?.includes(id)).map((id) => [id, id])),
        customerGroupKeys: async () => new Map(),
      },
      exceptions: {
        open: (exception) => effect("exceptions.open", () => void exceptions.set(exception.id, copy(exception))),
        close: (id) => effect("exceptions.close", () => void exceptions.delete(id)),
        closeAsSeen: (row) =>
          effect("exceptions.closeAsSeen", () => {
            const { firstSeenAt, lastSeenAt, attempts, ...seen } = row;
            if (isDeepStrictEqual(exceptions.get(row.id), seen)) exceptions.delete(row.id);
          }),
        page: (flow, { after, limit }) =>
          effect("exceptions.page", () => {
            const rows = [...exceptions.values()]
              .filter((row) => row.flow === flow && (after === undefined || row.id > after))
              .sort((a, b) => (a.id < b.id ? -1 : 1))
              .slice(0, limit)
              .map((row) => ({ ...row, firstSeenAt: "", lastSeenAt: "", attempts: 1 }));
            return { rows, last: rows.at(-1)?.id };
          }),
      },
      corrections: {
        read: (id) => effect("corrections.read", () => copy(corrections.get(id))),
        remove: (id) => effect("corrections.remove", () => void corrections.delete(id)),
      },
      amendments: {
        read: (id) => effect("amendments.read", () => copy(amending.get(id))),
        write: (id, record) => effect("amendments.write", () => void amending.set(id, copy(record))),
        remove: (id) => effect("amendments.remove", () => void amending.delete(id)),
      },
      journal: { append: (entry) => effect("journal.append", () => void journal.push(entry)) },
      settings: {
        config: state.config,
        configVersion: state.configVersion,
        channels: CHANNELS,
        activationStamp: state.activationStamp,
        ifsClientId: "CT_CONNECTOR",
      },
      cursors: {
        read: (name) => effect("cursors.read", () => copy(cursors.get(name))),
        write: (name, value, version) =>
          effect("cursors.write", () => {
            if ((cursors.get(name)?.version ?? 0) !== version) throw new ConflictError("cursor moved");
            cursors.set(name, { value: JSON.parse(JSON.stringify(value)), version: version + 1 });
            return version + 1;
          }),
      },
      messages: {
        page: ({ of, from, to, afterId, limit }) =>
          effect("messages.page", () =>
            state.messages
              ?.filter((message) => (message.of ?? "order") === of)
              .filter(({ id, at }) => at > from && at <= to && (afterId === undefined || id > afterId))
              .slice(0, limit),
          ),
      },
      limits: { concurrency: 2, pageSize: 2, runMs: 60_000, orderMs: 60_000 },
      clock: {
        now: () => clock.at,
        monotonic: () => clock.at,
        after: systemClock.after,
        sleep: async (ms) => {
          clock.at += ms;
        },
      },
      logger: { info() {}, warn() {}, error() {} },
      enter: () => {
        if (state.inside >= state.room) throw new BusyError("no room", 1000);
        state.inside += 1;
        return () => {
          state.inside -= 1;
        };
      },
      newOwner: () => {
        state.owners += 1;
        return `worker-${state.owners}`;
      },
    };
  }

  return {
    clock,
    state,
    orders,
    documents,
    sent,
    former,
    exceptions,
    journal,
    corrections,
    amending,
    customers,
    returns,
    cursors,
    worker,
    putOrder,
    editOrder,
    commit,
    setState,
    setLine,
    /** IFS commits the order only at that time. */
    commitLate: (at: number, draft: IfsOrderDraft) => late.push({ at, commit: () => void commit(draft) }),
    /** The same of an RMA, and of lines of one. */
    returnLate: (at: number, commit: () => void) => late.push({ at, commit }),
    addLate: (at: number, read: IfsOrderDocument, draft: IfsOrderDraft) =>
      late.push({ at, commit: () => void addMissing(read, draft) }),
    advance: (ms: number) => {
      clock.at += ms;
      settleLate();
    },
    linkOf: (id: string) => {
      const order = orders.get(id);
      if (!order) throw new Error(`no order ${id}`);
      return readLinkState(order as unknown as Order, CHANNELS);
    },
  };
}
export type World = ReturnType<typeof createWorld>;

type Query = Parameters<OrderSweepDeps["orders"]["page"]>[0];

/** The predicates that the sweep uses, by their meaning. */
function pageOf(orders: readonly OrderJson[], { where, variables = {}, afterId, limit }: Query): OrderJson[] {
  const value = (name: string): string => String(variables[name]);
  const has = (order: OrderJson, channel: string) =>
    (order.syncInfo as { channel: { id: string } }[]).some((entry) => entry.channel.id === channel);
  const tests: Record<string, (order: OrderJson) => boolean> = {
    "createdAt >= :exportFrom": (order) => String(order.createdAt) >= value("exportFrom"),
    "lastModifiedAt > :from": (order) => String(order.lastModifiedAt) > value("from"),
    "lastModifiedAt <= :to": (order) => String(order.lastModifiedAt) <= value("to"),
    "createdAt >= :from": (order) => String(order.createdAt) >= value("from"),
    "createdAt < :to": (order) => String(order.createdAt) < value("to"),
    "id in :ids": (order) => (variables.ids as string[]).includes(order.id),
    "paymentInfo(payments(id in :ids))": (order) =>
      (variables.ids as string[]).some((id) => JSON.stringify(order.paymentInfo ?? null).includes(`"${id}"`)),
    "not(syncInfo(channel(id = :link)))": (order) => !has(order, value("link")),
    '(orderState != "Cancelled" or syncInfo(channel(id = :claim)))': (order) =>
      order.orderState !== "Cancelled" || has(order, value("claim")),
  };
  return orders
    .filter((order) =>
      where.every((predicate) => {
        const test = tests[predicate];
        if (!test) throw new Error(`unknown predicate ${predicate}`);
        return test(order);
      }),
    )
    .filter((order) => afterId === undefined || order.id > afterId)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, limit);
}
