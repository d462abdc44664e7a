/** Checkouts on several replicas of one IFS and one shop. */
import type { InventoryEntry, Order } from "@commercetools/platform-sdk";
import { type ConnectorConfig, connectorConfigSchema } from "../../../domain/config.ts";
import { decimal, ZERO } from "../../../domain/decimal.ts";
import type { CatalogNo, Contract, OrderNo, PartNo } from "../../../domain/ids.ts";
import type { IfsDemandLine, IfsSalesPart, IfsStockRow } from "../../../domain/ifs-records.ts";
import { type Clock, systemClock } from "../../../runtime/clock.ts";
import { createAtpContext } from "../context.ts";
import type { AvailabilityDecision } from "../decide.ts";
import type { AtpDeps } from "../deps.ts";
import type { HoldShardAccess } from "../hold-shards.ts";
import type { AvailabilityRequest } from "../parse.ts";
import { checkAvailability } from "../run.ts";

export type Part = {
  ifs: number;
  /** Of the entry; absent: it has none. */
  shop?: number;
  /** Pieces that carts have reserved. */
  reserved?: number;
  partNo?: string | null;
  conv?: number;
};

export const checkoutConfig = (atp: object = {}, kits: object[] = []): ConnectorConfig =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      { name: "all", company: "10", site: "S1", orderType: "W", coordinator: "C", customerNo: "1", addressNo: "1" },
    ],
    sites: [{ site: "S1", company: "10", timeZone: "Europe/Berlin" }],
    stock: { pools: [{ name: "main", site: "S1", channels: [{ supplyChannel: "web" }] }], kits: { list: kits } },
    atp: { cacheSeconds: 0, ...atp },
  });

/** The shards as the adapter has them. */
export type Shards = Omit<HoldShardAccess, "chance">;

export type Checkout = {
  readonly stock: Record<string, Part>;
  /** As the platform lists them to those who look for what may be in flight. */
  readonly orders: Order[];
  /** Carts that were ordered. */
  readonly ordered: Set<string>;
  readonly demand: IfsDemandLine[];
  readonly clock: Clock;
  readonly told: string[];
  /** Reads of IFS, all replicas together. */
  readonly ifsReads: string[];
  /** Lets the wall clock jump. */
  later(seconds: number): void;
  /** Lets both clocks go on: nobody asks for so long. */
  idle(seconds: number): void;
  replica(): AtpDeps;
};

/** Without shards nothing is held. `wallClock`: goes on by itself where it is not given. */
export function openCheckout(
  stock: Record<string, Part>,
  shards?: Shards | undefined,
  config = checkoutConfig(),
  wallClock: () => number = systemClock.now,
): Checkout {
  let ahead = 0;
  let idled = 0;
  const clock: Clock = {
    ...systemClock,
    now: () => wallClock() + ahead + idled,
    monotonic: () => systemClock.monotonic() + idled,
  };
  const orders: Order[] = [];
  const demand: IfsDemandLine[] = [];
  const ordered = new Set<string>();
  const told: string[] = [];
  const ifsReads: string[] = [];
  let replicas = 0;
  const partOf = (no: string): IfsSalesPart[] => {
    const given = stock[no];
    if (!given) return [];
    const { partNo = no, conv = 1 } = given;
    return [
      {
        ...{ contract: "S1" as Contract, catalogNo: no as CatalogNo, description: no, active: true },
        ...{ partNo: partNo as PartNo | null, salesUnitMeas: "PCS", unitMeas: "PCS", priceUnitMeas: "PCS" },
        ...{ convFactor: decimal(conv), invertedConvFactor: decimal(1), priceConvFactor: decimal(1) },
      },
    ];
  };
  const row = (partNo: PartNo): IfsStockRow => ({
    ...{ contract: "S1" as Contract, partNo, locationNo: "A", warehouse: null, locationType: null },
    ...{ qtyOnhand: decimal(stock[partNo]?.ifs ?? 0), qtyReserved: ZERO, frozen: false },
    ...{ availabilityControlId: null, partOwnership: null, projectId: null, expirationDate: null },
    lastActivityDate: null,
  });
  return {
    ...{ stock, orders, ordered, demand, clock, told, ifsReads },
    later(seconds) {
      ahead += seconds * 1000;
    },
    idle(seconds) {
      idled += seconds * 1000;
    },
    replica() {
      replicas += 1;
      const name = replicas;
      let requests = 0;
      return {
        context: createAtpContext({ clock }),
        config,
        ifs: {
          salesParts: async (_, catalogNos) => catalogNos.flatMap(partOf),
          salesPartsOf: async (_, partNos) =>
            Object.keys(stock)
              .flatMap(partOf)
              .filter(({ partNo }) => partNo !== null && partNos.includes(partNo)),
          packages: async () => [],
          async openDemand(_, partNos) {
            ifsReads.push(...partNos);
            return demand.filter(({ partNo }) => partNo !== null && partNos.includes(partNo));
          },
          orderLinesVisible: async () => true,
          stockRows: async (_, partNos) => partNos.map(row),
          plannedSupply: async () => [],
        },
        entries: async (skus) =>
          skus.flatMap((sku): InventoryEntry[] => {
            const { shop, reserved = 0 } = stock[sku] ?? {};
            if (shop === undefined) return [];
            const supplyChannel = { typeId: "channel" as const, id: "id-web" };
            const base = { id: `e-${sku}`, version: 1, createdAt: "", lastModifiedAt: "" };
            return [{ ...base, sku, supplyChannel, quantityOnStock: shop, availableQuantity: shop - reserved }];
          }),
        heldCuts: async () => () => false,
        partlyThere: async () => [],
        channels: { link: "id-ifs-link", claim: "id-ifs-claim" },
        channelIds: async (keys) => new Map(keys.map((key) => [key, `id-${key}`])),
        ordersPage: async ({ where }) => (where.some((predicate) => predicate.startsWith("not(")) ? orders : []),
        skuFacts: async () => new Map(),
        salesFigures: async () => undefined,
        ...(shards && {
          holds: {
            ...{ ...shards, chance: () => Math.random() },
            // A cart is over with its order.
            cartsOver: async (carts) => new Set(carts.filter((id) => ordered.has(id))),
            attempt() {
              requests += 1;
              return `replica-${name}/${requests}`;
            },
          },
        }),
        logger: {
          info: () => {},
          warn: (_, event) => told.push(event),
          error: (_, event) => told.push(event),
        },
      };
    },
  };
}

export type Wish = {
  readonly lines: Record<string, number>;
  readonly cart?: string;
  /** Empty: an order without an id. */
  readonly order?: string;
  readonly hold?: boolean;
  /** Custom fields of the order. */
  readonly fields?: Record<string, string>;
  /** Pieces of each line that the cart has reserved in the shop. */
  readonly reserves?: boolean;
  /** The same, where it is not the quantity of the line. */
  readonly reservedPieces?: number;
  readonly deadlineMs?: number;
};

/** With an order id: as the Extension asks. */
export async function ask(deps: AtpDeps, wish: Wish): Promise<AvailabilityDecision> {
  const { lines, cart, order, hold, fields, reserves = false, deadlineMs = 5000 } = wish;
  const request: AvailabilityRequest = {
    purpose: order === undefined ? "question" : "order",
    lines: Object.entries(lines).map(([sku, quantity]) => ({
      ...{ ref: sku, sku: sku as AvailabilityRequest["lines"][number]["sku"], quantity },
      ...{
        supplyChannel: { by: "key" as const, value: "web" },
        ownReserved: wish.reservedPieces ?? (reserves ? quantity : 0),
      },
    })),
    ...(cart !== undefined && { cart }),
    ...(order && { order }),
    ...(hold && { hold }),
    ...(fields && { fields }),
  };
  return checkAvailability(deps, request, deps.context.clock.monotonic() + deadlineMs);
}

export const short = ({ lines }: AvailabilityDecision): string[] =>
  lines.map((line) => `${line.sku}: ${line.outcome} by ${line.source}, ${line.available}, ${line.reason}`);

/** An order as commercetools shows it. */
export const orderOf = (given: {
  readonly id: string;
  readonly cart?: string;
  readonly sku: string;
  readonly quantity: number;
  readonly createdAt: number;
}): Order =>
  ({
    ...{ id: given.id, createdAt: new Date(given.createdAt).toISOString(), orderState: "Open", syncInfo: [] },
    ...(given.cart !== undefined && { cart: { typeId: "cart", id: given.cart } }),
    lineItems: [
      {
        id: `line-${given.id}`,
        quantity: given.quantity,
        variant: { sku: given.sku },
        supplyChannel: { id: "id-web" },
      },
    ],
  }) as unknown as Order;

/** A line of IFS that stands for the only line of an order. */
export const demandOf = (order: string, partNo: string, due: number): IfsDemandLine => ({
  ...{ orderNo: `W-${order}` as OrderNo, lineNo: "1", relNo: "1", lineItemNo: "0", lineRef: `line-${order}` },
  ...{ contract: "S1" as Contract, partNo: partNo as PartNo, state: "Released", revisedQtyDue: decimal(due) },
  ...{ qtyAssigned: ZERO, qtyShipped: ZERO, qtyShipdiff: ZERO },
});
