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
      const categories = await categoriesOf(ct, products);
      return new Map(products.flatMap((product) => factsOf(product, { wanted, fields, categories })));
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

type Categories = ReadonlyMap<string, Category>;

/**
 * The products' categories and those above them by id: as expanded, and what is not expanded by a read of its own. That a path through two
 * references is expanded is documented in general and unverified here.
 */
async function categoriesOf(ct: CtClient, products: readonly ProductProjection[]): Promise<Categories> {
  const known = new Map<string, Category>();
  const keep = ({ obj }: CategoryReference): void => {
    if (!obj) return;
    known.set(obj.id, obj);
    for (const ancestor of obj.ancestors) keep(ancestor);
  };
  const own = products.flatMap(({ categories }) => categories);
  for (const reference of own) keep(reference);
  const unknown = (references: readonly CategoryReference[]) =>
    references.map(({ id }) => id).filter((id) => !known.has(id));
  for (const category of await readCategories(ct, unknown(own))) known.set(category.id, category);
  const above = [...known.values()].flatMap(({ ancestors }) => ancestors);
  for (const category of await readCategories(ct, unknown(above))) known.set(category.id, category);
  return known;
}

const readCategories = (ct: CtClient, ids: readonly string[]): Promise<Category[]> =>
  byKeys(ids, async (list, afterId) => {
    const queryArgs = keyset(["id in :ids"], { ids: list }, afterId);
    return (await ct.root.categories().get({ queryArgs }).execute()).body.results;
  });

type Values = (name: string) => unknown;

type Asked = { readonly wanted: ReadonlySet<string>; readonly fields: FieldNames; readonly categories: Categories };

function factsOf(product: ProductProjection, { wanted, fields, categories }: Asked): [Sku, SkuFacts][] {
  const { productType, masterVariant, variants } = product;
  const own = read("product", valuesOf(product.attributes), fields);
  const above = product.categories.flatMap(({ id }) => categoryFacts(id, categories, fields));
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

/** The category and those above it. `ancestors` begins at the root. One that was deleted meanwhile says nothing. */
function categoryFacts(id: string, categories: Categories, fields: FieldNames) {
  const category = categories.get(id);
  if (!category) return [];
  const above = category.ancestors.toReversed().map((ancestor) => categories.get(ancestor.id));
  return [category, ...above].flatMap((each, distance) => (each ? categoryFact(each, distance, fields) : []));
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
