import type { Attribute, Category, CategoryReference, ProductProjection } from "@commercetools/platform-sdk";
import type { Sku } from "../domain/ids.ts";
import { type Amount, type CategoryFact, type IgnoredField, readAmount, type SkuFacts } from "../domain/threshold.ts";
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
    /**
     * What thresholds ask, as published: a number that a merchandiser saved counts with the product's publication. SKUs of no published
     * product are absent.
     */
    async skuFacts(skus: readonly Sku[], fields: FieldNames): Promise<Map<Sku, SkuFacts>> {
      const wanted = new Set<string>(skus);
      const products = await byKeys(skus, async (list, afterId) => {
        const queryArgs = {
          ...keyset(["masterVariant(sku in :skus) or variants(sku in :skus)"], { skus: list }, afterId),
          staged: false,
          expand: ["productType", "categories[*]", "categories[*].ancestors[*]"],
        };
        return (await ct.root.productProjections().get({ queryArgs }).execute()).body.results;
      });
      return new Map(products.flatMap((product) => factsOf(product, wanted, fields)));
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

/** Of product attributes and of the custom fields of categories. */
export type FieldNames = { readonly units?: string | undefined; readonly days?: string | undefined };

type Values = (name: string) => unknown;

function factsOf(product: ProductProjection, wanted: ReadonlySet<string>, fields: FieldNames): [Sku, SkuFacts][] {
  const { productType, masterVariant, variants, categories } = product;
  const own = read("product", valuesOf(product.attributes), fields);
  const above = categories.flatMap((category) => categoryFacts(category, fields));
  const key = productType.obj?.key;
  return [masterVariant, ...variants].flatMap(({ sku, attributes }): [Sku, SkuFacts][] => {
    if (sku === undefined || !wanted.has(sku)) return [];
    const variant = read("variant", valuesOf(attributes), fields);
    const facts: SkuFacts = {
      ...(key !== undefined && { productType: key }),
      categories: above.map(({ fact }) => fact),
      variant: variant.amount,
      product: own.amount,
      ignored: [...variant.ignored, ...own.ignored, ...above.flatMap(({ ignored }) => ignored)],
    };
    return [[sku as Sku, facts]];
  });
}

/** The category and those above it. `ancestors` begins at the root. */
function categoryFacts(reference: CategoryReference, fields: FieldNames) {
  const { obj } = reference;
  if (!obj) return [];
  const above = obj.ancestors.toReversed().flatMap((ancestor) => ancestor.obj ?? []);
  return [obj, ...above].map((category, distance) => categoryFact(category, distance, fields));
}

function categoryFact(
  { id, key, custom }: Category,
  above: number,
  fields: FieldNames,
): { readonly fact: CategoryFact; readonly ignored: readonly IgnoredField[] } {
  const values: Record<string, unknown> = custom?.fields ?? {};
  const { amount, ignored } = read(`category ${key ?? id}`, (name) => values[name], fields);
  return { fact: { ...(key !== undefined && { key }), above, ...amount }, ignored };
}

const valuesOf =
  (attributes: readonly Attribute[] | undefined): Values =>
  (name) =>
    attributes?.find((attribute) => attribute.name === name)?.value;

function read(place: string, values: Values, fields: FieldNames): { amount: Amount; ignored: IgnoredField[] } {
  const found = (["units", "days"] as const).map((kind) => {
    const field = fields[kind];
    const value = field === undefined ? undefined : values(field);
    return { kind, field: field ?? "", value, amount: readAmount(value, kind) };
  });
  return {
    amount: Object.fromEntries(
      found.flatMap(({ kind, amount }) => (typeof amount === "number" ? [[kind, amount] as const] : [])),
    ),
    ignored: found.flatMap(({ field, value, amount }) =>
      amount === "ignored" ? [{ place, field, found: (JSON.stringify(value) ?? "").slice(0, 80) }] : [],
    ),
  };
}
