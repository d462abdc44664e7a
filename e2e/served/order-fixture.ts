/** The export of real orders between both served models, for tests of what people do with them afterwards. */
import { type Active, type Connector, createConnector } from "../../core/src/compose/connector.ts";
import { orderEventDeps } from "../../core/src/compose/orders.ts";
import { serverSettings } from "../../core/src/compose/settings.ts";
import type { OrderId } from "../../core/src/domain/ids.ts";
import type { ExportOutcome } from "../../core/src/flows/order-export/outcome.ts";
import { exportOrder } from "../../core/src/flows/order-export/run.ts";
import { type PlaceOrderOptions, placeOrder } from "../../sandbox/commercetools/shopper.ts";
import { shopper } from "../../scripts/story.ts";
import { access, closeSandboxes, connection, openSandboxes, SECRET, shop } from "./doctor-fixture.ts";

export const PART = "BAT.12V.4AH";

export type OrderBench = {
  readonly connector: Connector;
  readonly active: Active;
  buy(fields?: Partial<PlaceOrderOptions>): Promise<OrderId>;
  event(id: OrderId): Promise<ExportOutcome>;
  close(): Promise<void>;
};

export async function openOrderBench(): Promise<OrderBench> {
  await openSandboxes();
  const { apiUrl, authUrl, projectKey, clientId } = access();
  const target = connection();
  const connector = createConnector({
    app: "test",
    settings: serverSettings.parse({
      CTP_API_URL: apiUrl,
      CTP_AUTH_URL: authUrl,
      CTP_PROJECT_KEY: projectKey,
      CTP_CLIENT_ID: clientId,
      CTP_CLIENT_SECRET: SECRET,
      IFS_BASE_URL: target.baseUrl,
      IFS_TOKEN_URL: target.tokenUrl,
      IFS_CLIENT_ID: target.clientId,
      IFS_CLIENT_SECRET: target.clientSecret,
      LOG_LEVEL: "error",
    }),
    lanes: ["orders", "reports"],
  });
  connector.budget.start();
  const active = await connector.active();
  return {
    connector,
    active,
    async buy(fields = {}) {
      const order = await placeOrder({
        url: shop.url,
        projectKey,
        // Nobody has run the price flow here.
        lines: [{ sku: PART, quantity: 2, externalPrice: 1999 }],
        country: shopper.country,
        currency: shopper.currency,
        customerEmail: shopper.customerEmail,
        shippingAddress: shopper.address,
        shippingMethodKey: shopper.shippingMethodKey,
        inventoryMode: "None",
        ...fields,
      });
      return String(order.id) as OrderId;
    },
    event: (id) =>
      exportOrder(orderEventDeps(connector, active), id, {
        mode: "event",
        deadlineAt: connector.clock.monotonic() + 20_000,
      }),
    async close() {
      await connector.budget.stop();
      await closeSandboxes();
    },
  };
}
