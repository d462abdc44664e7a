import { STOCK_PAGE } from "../../constants.ts";
import { PageLink } from "../page/page-link.tsx";

/** The address that explains a SKU: it can be kept, and sent to somebody. */
export const skuSearch = (sku: string): string => `?sku=${encodeURIComponent(sku)}`;

export function SkuLink({ sku }: { sku: string }) {
  return <PageLink page={`${STOCK_PAGE}${skuSearch(sku)}`}>{sku}</PageLink>;
}
