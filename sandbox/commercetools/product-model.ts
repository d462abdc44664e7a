import type { Doc, Reference, Resource } from "./json.ts";
import type { PriceScope } from "./standalone-prices.ts";

export type Price = PriceScope & { id: string; key?: string };
export type Attribute = { name: string; value: unknown };
export type Variant = {
  id: number;
  sku?: string;
  key?: string;
  prices: Price[];
  attributes: Attribute[];
  images: Doc[];
  assets: Doc[];
};
export type ProductData = {
  name: Record<string, string>;
  description?: Record<string, string>;
  slug: Record<string, string>;
  masterVariant: Variant;
  variants: Variant[];
};
export type Product = Resource & {
  key?: string;
  productType: Reference<"product-type">;
  masterData: { published: boolean; current: ProductData; staged: ProductData; hasStagedChanges: boolean };
  taxCategory?: Reference<"tax-category">;
  priceMode: "Embedded" | "Standalone";
};

export function allVariants(data: ProductData): Variant[] {
  return [data.masterVariant, ...data.variants];
}
