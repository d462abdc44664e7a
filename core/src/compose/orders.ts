/** Order export as the event application and the sweep run it: its Deps, made of the two adapters and the store. */
import type { CtClient } from "../ct/client.ts";
import { customerGroupKeysById } from "../ct/customer-groups.ts";
import { createParties } from "../ct/customers.ts";
import { orderMessagePage } from "../ct/messages.ts";
import { createOrders, type OrderPageQuery } from "../ct/orders.ts";
import type { ConnectorConfig } from "../domain/config.ts";
import { gateExpand } from "../domain/export-gate.ts";
import type { OrderId } from "../domain/ids.ts";
import { mappingNeeds } from "../domain/routing.ts";
import type { OrderEventDeps, OrderSweepDeps } from "../flows/order-export/deps.ts";
import { withSentListener } from "../ifs/sent.ts";
import type { Active, Connector } from "./connector.ts";
import { knownChannelKeys } from "./known-channels.ts";
import { knownPartsOf } from "./known-parts.ts";
import { refusedOf } from "./refused-events.ts";
import { syncInfoFallbackOf } from "./sync-info.ts";

/** What the event path does in its own way, as many orders come to it at a time. Other work has bounds of its own. */
type EventPath = Pick<OrderEventDeps, "enter" | "journal" | "refused">;

export function orderEventDeps(connector: Connector, active: Active, path?: EventPath): OrderEventDeps {
  const { ct, store, clock, random, logger } = connector;
  const orders = expandedOrders(ct, active);
  return {
    orders,
    ifsOrders: active.ifs.orders,
    ifsReturns: active.ifs.returns,
    withSentListener,
    parts: knownPartsOf(active.ifs.parts, clock.monotonic),
    customers: { ifsCustomers: active.ifs.customers, parties: createParties(ct) },
    references: {
      channelKeys: knownChannelKeys(ct, clock.monotonic),
      customerGroupKeys: (ids) => customerGroupKeysById(ct, ids),
    },
    exceptions: store.exceptions,
    journal: path?.journal ?? store.journal,
    corrections: store.corrections,
    amendments: store.amendments,
    settings: {
      config: active.config,
      configVersion: active.version,
      channels: active.channels,
      activationStamp: active.activationStamp,
      ifsClientId: connector.settings.IFS_CLIENT_ID,
    },
    refused: path?.refused ?? (() => undefined),
    enter: path?.enter ?? (() => () => undefined),
    clock,
    logger,
    newOwner: () => random.uuid(),
    ordersByPayment: (paymentId) =>
      orders.page({ where: ["paymentInfo(payments(id = :payment))"], variables: { payment: paymentId }, limit: 50 }),
  };
}

/** What the IFS order says about payments, codes, and the keys of the shipping methods, are not on the order itself. */
const EXPAND = [
  "paymentInfo.payments[*]",
  "shippingInfo.shippingMethod",
  "shipping[*].shippingInfo.shippingMethod",
  "discountCodes[*].discountCode",
];

/** The whole product type comes with it, so only where a mapping wants its key. */
const mappingExpand = (config: ConnectorConfig): string[] =>
  mappingNeeds(config, "productType") ? ["lineItems[*].productType"] : [];

export function expandedOrders(ct: CtClient, { config }: Active) {
  const orders = createOrders(ct);
  const expand = [...EXPAND, ...gateExpand(config.orders), ...mappingExpand(config)];
  return {
    ...orders,
    get: (id: OrderId) => orders.get(id, expand),
    newest: (limit: number) => orders.newest(limit, expand),
    page: (query: OrderPageQuery) => orders.page({ ...query, expand }),
  };
}

/** A run of the sweep ends well before the platform's 30 minutes, so that its lease and record are its own. */
const SWEEP_MS = 10 * 60_000;

export function orderSweepDeps(connector: Connector, active: Active): OrderSweepDeps {
  const { store, ct } = connector;
  const orders = expandedOrders(ct, active);
  return {
    ...orderEventDeps(connector, active),
    orders: { ...orders, page: syncInfoFallbackOf(connector)(orders.page) },
    exceptions: store.exceptions,
    cursors: store.cursors,
    refusedEvents: (ids) => refusedOf(store, ids),
    messages: { page: (query) => orderMessagePage(ct, query) },
    limits: { concurrency: 4, pageSize: 100, runMs: SWEEP_MS, orderMs: active.config.ifs.writeTimeoutMs },
  };
}
