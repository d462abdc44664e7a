/** Two sites that have nothing to do with each other: web is sold out of S1, store out of S2. Both have the stock of the checkout. */
import { type ConnectorConfig, connectorConfigSchema } from "../../../domain/config.ts";
import type { Contract, Sku } from "../../../domain/ids.ts";
import type { AtpDeps } from "../deps.ts";
import type { AvailabilityRequest } from "../parse.ts";

export type Channel = "web" | "store";

export const withTwoSites = (base: ConnectorConfig): ConnectorConfig =>
  connectorConfigSchema.parse({
    ...base,
    sites: ["S1", "S2"].map((site) => ({ site, company: "10", timeZone: "Europe/Berlin" })),
    stock: {
      ...base.stock,
      pools: [
        { name: "P1", site: "S1", channels: [{ supplyChannel: "web" }] },
        { name: "P2", site: "S2", channels: [{ supplyChannel: "store" }] },
      ],
    },
  });

const at = <T extends { readonly contract: Contract }>(contract: Contract, rows: readonly T[]): T[] =>
  rows.map((row) => ({ ...row, contract }));

/** A replica whose IFS answers for each site; `beforeStock` is waited for before it tells a site's stock. */
export function atTwoSites({ ifs, ...deps }: AtpDeps, beforeStock: (contract: Contract) => Promise<unknown>): AtpDeps {
  return {
    ...deps,
    ifs: {
      ...ifs,
      salesParts: async (contract, nos) => at(contract, await ifs.salesParts(contract, nos)),
      salesPartsOf: async (contract, nos) => at(contract, await ifs.salesPartsOf(contract, nos)),
      async stockRows(contract, partNos) {
        await beforeStock(contract);
        return at(contract, await ifs.stockRows(contract, partNos));
      },
    },
  };
}

/** An order of the cart of this id. */
export const orderOfLines = (
  id: string,
  lines: readonly { readonly sku: string; readonly channel: Channel; readonly quantity: number }[],
): AvailabilityRequest => ({
  ...{ purpose: "order", cart: `cart-${id}`, order: `order-${id}` },
  lines: lines.map(({ sku, channel, quantity }) => ({
    ...{ ref: `${sku} ${channel}`, sku: sku as Sku, quantity, ownReserved: 0 },
    supplyChannel: { by: "key", value: channel },
  })),
});
