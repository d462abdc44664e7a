import { type ConnectorConfig, connectorConfigSchema } from "../../domain/config.ts";

/** The smallest configuration that is valid. */
export const exampleConfig = (): ConnectorConfig =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      {
        name: "web",
        company: "10",
        site: "DE10",
        orderType: "WEB",
        coordinator: "WEB",
        customerNo: "SHOP-DE",
        addressNo: "1",
      },
    ],
    sites: [{ site: "DE10", company: "10", timeZone: "Europe/Berlin" }],
  });
