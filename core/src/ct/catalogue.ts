import type { ProductProjection } from "@commercetools/platform-sdk";
import type { Sku } from "../domain/ids.ts";
import type { CtClient } from "./client.ts";
import { byKeys, keyset } from "./paging.ts";

/** What the flows ask about a variant of the shop. */
export type CatalogueVariant = {
  readonly sku: Sku;
  readonly productId: string;
  /** Key of the product type; undefined where the type has none. */
  readonly productTypeKey: string | undefined;
  /** Prices of an `Embedded` product are not read from standalone prices. */
  readonly priceMode: "Embedded" | "Standalone";
  readonly published: boolean;
};

/** The classic catalogue, staged view: a product that is not published yet counts as known. */
export function createCatalogue(ct: CtClient) {
  async function variants(skus: readonly Sku[]): Promise<Map<Sku, CatalogueVariant>> {
    const wanted = new Set(skus);
    const products = await byKeys(skus, async (list, afterId) => {
      const queryArgs = {
        ...keyset(["masterVariant(sku in :skus) or variants(sku in :skus)"], { skus: list }, afterId),
        staged: true,
        expand: "productType",
      };
      return (await ct.root.productProjections().get({ queryArgs }).execute()).body.results;
    });
    return new Map(products.flatMap((product) => variantsOf(product, wanted)));
  }
  return {
    variants,
    /** The SKUs of the list that some product has. */
    existingSkus: async (skus: readonly Sku[]): Promise<Set<Sku>> => new Set((await variants(skus)).keys()),
    /** SKU -> key of its product type; SKUs without product or key are absent. */
    async productTypeOf(skus: readonly Sku[]): Promise<Map<Sku, string>> {
      const found = new Map<Sku, string>();
      for (const [sku, { productTypeKey }] of await variants(skus)) if (productTypeKey) found.set(sku, productTypeKey);
      return found;
    },
  };
}

function variantsOf(product: ProductProjection, wanted: ReadonlySet<Sku>): [Sku, CatalogueVariant][] {
  const rows: [Sku, CatalogueVariant][] = [];
  for (const variant of [product.masterVariant, ...product.variants]) {
    const sku = variant.sku as Sku | undefined;
    if (sku === undefined || !wanted.has(sku)) continue;
    rows.push([
      sku,
      {
        sku,
        productId: product.id,
        productTypeKey: product.productType.obj?.key,
        priceMode: product.priceMode === "Standalone" ? "Standalone" : "Embedded",
        published: product.published ?? false,
      },
    ]);
  }
  return rows;
}
