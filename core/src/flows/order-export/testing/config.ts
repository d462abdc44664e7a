import { type ConnectorConfig, connectorConfigSchema } from "../../../domain/config.ts";
import { decimal, ONE } from "../../../domain/decimal.ts";
import type { CatalogNo, Contract, PartNo } from "../../../domain/ids.ts";
import type { IfsSalesPart } from "../../../domain/ifs-records.ts";

type Overrides = {
  readonly orders?: object;
  readonly charges?: object;
  readonly units?: object;
  readonly route?: object;
  readonly skus?: object;
  readonly tax?: object;
  readonly owners?: object;
  readonly addresses?: object;
  readonly customers?: object;
};

/** A shop with one German site. Charge type ROUND is left out on purpose: rounding has to be asked for. */
export const configWith = (overrides: Overrides = {}): ConnectorConfig =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z", ...overrides.orders },
    routes: [
      {
        name: "web shop",
        company: "10",
        site: "101",
        orderType: "WEB",
        coordinator: "SHOP",
        customerNo: "C-WEB",
        addressNo: "01",
        defaultShipVia: "STD",
        ...overrides.route,
      },
    ],
    sites: [{ site: "101", company: "10", timeZone: "Europe/Berlin" }],
    charges: {
      shipping: "FREIGHT",
      discount: "DISC",
      customLineItems: { "gift-wrap": "WRAP" },
      ...overrides.charges,
    },
    tax: {
      rules: [
        { country: "DE", rate: 0.19, taxCode: "DE19" },
        { country: "DE", rate: 0.07, taxCode: "DE07" },
        { rate: 0, taxCode: "ZERO" },
      ],
      ...overrides.tax,
    },
    units: overrides.units ?? {},
    skus: overrides.skus ?? {},
    owners: overrides.owners ?? {},
    addresses: overrides.addresses ?? {},
    customers: overrides.customers ?? {},
  });

export const partOf = (catalogNo: string, fields: Partial<IfsSalesPart> = {}): IfsSalesPart => ({
  contract: "101" as Contract,
  catalogNo: catalogNo as CatalogNo,
  description: `part ${catalogNo}`,
  partNo: catalogNo as string as PartNo,
  active: true,
  salesUnitMeas: "PCS",
  unitMeas: "PCS",
  convFactor: ONE,
  invertedConvFactor: ONE,
  priceUnitMeas: "PCS",
  priceConvFactor: ONE,
  ...fields,
});

export const dozen = partOf("BOX-12", { salesUnitMeas: "BOX", convFactor: decimal("12") });
