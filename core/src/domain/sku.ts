/** SKU <-> sales part number: equal unless the configuration lists an exception. */
import type { ConnectorConfig } from "./config.ts";
import type { CatalogNo, Sku } from "./ids.ts";

type SkuConfig = Pick<ConnectorConfig, "skus">;

export function toCatalogNo(config: SkuConfig, sku: Sku): CatalogNo {
  const exception = config.skus.exceptions.find((row) => row.sku === sku);
  return (exception?.catalogNo ?? sku) as string as CatalogNo;
}

/**
 * All SKUs that are sold as the sales part. More than one where exceptions say so; none where its own number is the SKU of
 * another part.
 */
export function toSkus(config: SkuConfig, catalogNo: CatalogNo): Sku[] {
  const skus = config.skus.exceptions.filter((row) => row.catalogNo === catalogNo).map(({ sku }) => sku as Sku);
  const own = catalogNo as string;
  if (!config.skus.exceptions.some((row) => row.sku === own)) skus.push(own as Sku);
  return skus;
}
