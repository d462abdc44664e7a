/** Two systems in memory with orders that agree, for tests that then break one thing. */
import type { Order } from "@commercetools/platform-sdk";
import { type Claim, encodeClaim } from "../../../domain/claims.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../../../domain/config.ts";
import { decimal } from "../../../domain/decimal.ts";
import type { CatalogNo, Contract, OrderNo } from "../../../domain/ids.ts";
import type { IfsEnteredOrder, IfsOrder, IfsOrderDocument, IfsOrderLine } from "../../../domain/ifs-records.ts";
import type { IfsReturn } from "../../../domain/ifs-returns.ts";
import type { ExceptionRecord } from "../../../domain/records.ts";
import type { ReconcileDeps } from "../deps.ts";
import type { Finding } from "../finding.ts";
import type { Position } from "../position.ts";
import { reconcile } from "../run.ts";

export const NOW = Date.parse("2026-11-21T12:00:00.000Z");
export const PERIOD = { from: "2026-11-20T00:00:00.000Z", to: "2026-11-21T00:00:00.000Z" };
export const CHANNELS = { link: "channel-link", claim: "channel-claim", returns: "channel-return" };
const NOON = "2026-11-20T12:00:00.000Z";

export const idOf = (index: number): string => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`;

const claimOf = (fields: Partial<Claim>): Claim => ({
  phase: "claimed",
  owner: "worker",
  attempt: 1,
  expiresAt: 0,
  notBefore: 0,
  configVersion: 1,
  fingerprint: "",
  posted: "",
  inIfs: "",
  code: "",
  site: "101",
  orderNo: "",
  ...fields,
});

export const entry = (channel: string, externalId: string) => ({
  channel: { id: channel },
  externalId,
  syncedAt: NOON,
});
const cents = (centAmount: number) => ({ currencyCode: "EUR", centAmount, fractionDigits: 2 });

type ShopJson = { id: string; [field: string]: unknown };

/** Two pieces for 20.00 and shipping for 5.00, linked unless `orderNo` is empty. */
export const shopOrder = (index: number, orderNo: string, fields: object = {}): ShopJson => ({
  id: idOf(index),
  orderNumber: `S-${index}`,
  createdAt: NOON,
  lastModifiedAt: NOON,
  orderState: "Confirmed",
  paymentState: "Paid",
  totalPrice: cents(2500),
  taxedPrice: { totalGross: cents(2500) },
  lineItems: [{ id: `line-${index}`, quantity: 2, variant: { sku: "A-1" } }],
  syncInfo: orderNo === "" ? [] : [entry(CHANNELS.link, orderNo)],
  ...fields,
});

export const withClaim = (fields: Partial<Claim>): object => ({
  syncInfo: [
    entry(CHANNELS.claim, encodeClaim(claimOf(fields))),
    ...(fields.phase === "linked" && fields.orderNo ? [entry(CHANNELS.link, fields.orderNo)] : []),
  ],
});

const ZERO = decimal("0");

export function ifsOrder(
  index: number,
  orderNo: string,
  fields: {
    readonly order?: Partial<IfsOrder>;
    readonly line?: Partial<IfsOrderLine>;
    readonly shipping?: string;
  } = {},
): IfsOrderDocument {
  return {
    order: {
      orderNo: orderNo as OrderNo,
      etag: "1",
      state: "Released",
      externalRef: idOf(index),
      contract: "101" as Contract,
      customerNo: "C",
      currencyCode: "EUR",
      blockedReason: null,
      cancelReason: null,
      ...fields.order,
    },
    lines: [
      {
        orderNo: orderNo as OrderNo,
        lineNo: "1",
        relNo: "1",
        lineItemNo: "0",
        state: "Released",
        lineRef: `line-${index}`,
        contract: "101" as Contract,
        catalogNo: "A-1" as CatalogNo,
        partNo: null,
        buyQtyDue: decimal("2"),
        convFactor: decimal("1"),
        revisedQtyDue: decimal("2"),
        qtyAssigned: ZERO,
        qtyPicked: ZERO,
        qtyShipped: ZERO,
        qtyShipdiff: ZERO,
        qtyInvoiced: ZERO,
        netAmountCurr: decimal("20"),
        taxAmountCurr: ZERO,
        grossAmountCurr: decimal("20"),
        promisedDeliveryDate: null,
        ...fields.line,
      },
    ],
    charges: [
      {
        orderNo: orderNo as OrderNo,
        sequenceNo: "1",
        chargeType: "FREIGHT",
        chargedQty: decimal("1"),
        netAmountCurr: decimal(fields.shipping ?? "5"),
        taxAmountCurr: ZERO,
        grossAmountCurr: decimal(fields.shipping ?? "5"),
      },
    ],
  };
}

/** Orders and documents in ascending order of their keys, as both systems page them. */
export function createWorld(orders: readonly ShopJson[], documents: readonly IfsOrderDocument[], config: object = {}) {
  const shop = new Map(orders.map((order) => [order.id, order]));
  const ifs = new Map<string, IfsOrderDocument>(documents.map((document) => [document.order.orderNo, document]));
  const exceptions = new Map<string, ExceptionRecord>();
  const reads: string[] = [];
  const rmas: IfsReturn[] = [];
  const state = {
    visible: true,
    largestPage: 0,
    /** Order type and coordinator by number, where they are not those of the route. */
    entered: new Map<string, Partial<IfsEnteredOrder>>(),
    backfilled: [] as { from: string; to: string }[],
  };

  const parsed: ConnectorConfig = connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      { name: "all", company: "10", site: "101", orderType: "W", coordinator: "C", customerNo: "C", addressNo: "1" },
    ],
    sites: [{ site: "101", company: "10", timeZone: "Europe/Berlin" }],
    ...config,
  });

  const deps: ReconcileDeps = {
    orders: {
      async page({ where, variables = {}, afterId, limit }) {
        reads.push("orders.page");
        const ids = new Set(variables.ids as string[] | undefined);
        const inPeriod = ({ createdAt }: ShopJson) =>
          String(createdAt) >= String(variables.from) && String(createdAt) < String(variables.to);
        const rows = [...shop.values()]
          .filter((order) => (where[0] === "id in :ids" ? ids.has(order.id) : inPeriod(order)))
          .filter(({ id }) => afterId === undefined || id > afterId)
          .slice(0, limit);
        state.largestPage = Math.max(state.largestPage, rows.length);
        return structuredClone(rows) as unknown as Order[];
      },
    },
    ifs: {
      async ordersByReference(references) {
        reads.push("ifs.byReference");
        const wanted = new Set(references);
        if (!state.visible) return [];
        return [...ifs.values()].map(({ order }) => order).filter(({ externalRef }) => wanted.has(externalRef ?? ""));
      },
      async pageOrdersEntered(_contract, _period, after, limit) {
        if (!state.visible) return [];
        return [...ifs.values()]
          .map(({ order }) => ({ orderId: "W", authorizeCode: "C", ...order, ...state.entered.get(order.orderNo) }))
          .filter(({ orderNo }) => after === undefined || orderNo > after)
          .slice(0, limit);
      },
      ordersVisible: async () => state.visible,
      async documents(orderNos, { charges = true } = {}) {
        reads.push("ifs.documents");
        const found = state.visible ? orderNos.flatMap((orderNo) => ifs.get(orderNo) ?? []) : [];
        return charges ? found : found.map((document) => ({ ...document, charges: [] }));
      },
    },
    returns: {
      async list({ references, rmaNos }) {
        reads.push("returns.list");
        return rmas.filter(({ reference, rmaNo }) => references.includes(reference ?? "") || rmaNos.includes(rmaNo));
      },
    },
    exceptions: {
      byIds: async (ids) => ids.flatMap((id) => exceptions.get(id) ?? []),
      byCode: async (code) => [...exceptions.values()].filter((row) => row.code === code),
      async open(exception) {
        const at = new Date(NOW).toISOString();
        exceptions.set(exception.id, { ...exception, firstSeenAt: at, lastSeenAt: at, attempts: 1 });
      },
      close: async (id) => void exceptions.delete(id),
    },
    backfilled: async () => state.backfilled,
    config: parsed,
    channels: CHANNELS,
    clock: { now: () => NOW },
  };

  async function ledger(options: { position?: Position; stop?: () => boolean } = {}) {
    const findings: Finding[] = [];
    const { counts, next } = await reconcile(deps, PERIOD, { ...options, report: (one) => void findings.push(one) });
    return { counts, next, findings };
  }

  return { deps, shop, ifs, rmas, exceptions, reads, state, ledger };
}
