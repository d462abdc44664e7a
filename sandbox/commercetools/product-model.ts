import type { World } from "./definition.ts";
import type { Doc, Reference, Resource } from "./json.ts";
import type { PriceScope } from "./price-scope.ts";

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

/** The product and variant that carry a SKU in the published data, else in the staged one. */
export function findVariantBySku(world: World, sku: string): { product: Product; variant: Variant } | undefined {
  const collection = world.collection<Product>("product");
  for (const id of collection.idsByIndex("sku", sku)) {
    const product = collection.get(id);
    const variant = product && allVariants(product.masterData.current).find((one) => one.sku === sku);
    if (product && variant) return { product, variant };
  }
  return undefined;
}
