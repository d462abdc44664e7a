import { authorize } from "./auth.ts";
import { createCollection } from "./collection.ts";
import type { Call, World } from "./definition.ts";
import { notFound } from "./errors.ts";
import { expandAll } from "./expand.ts";
import type { Resource } from "./json.ts";
import { compact, type Doc } from "./json.ts";
import { type PriceQuery, selectPrice, selectStandalonePrice } from "./price-selection.ts";
import { allVariants, type Product, type ProductData, type Variant } from "./product-model.ts";
import { type Page, readWhere, runQuery } from "./query.ts";
import { candidateIds } from "./query-plan.ts";
import type { InventoryEntry } from "./stock.ts";

const VIEW = ["view_products", "view_published_products", "manage_products"];
const INDEXED: Record<string, true> = { id: true };

/** `GET /product-projections`: current or staged data, flattened; with prices selected when a currency is asked for. */
export function queryProjections(call: Call, params: URLSearchParams): Page<Doc> {
  authorize(call.actor, VIEW);
  const staged = params.get("staged") === "true";
  const products = call.world.collection<Product>("product");
  const wanted = narrowed(call.world, params);
  const view = createCollection<Resource>();
  for (const product of wanted ?? products.values()) {
    const projection = projectionOf(product, staged);
    if (projection) view.put(projection);
  }
  const page = runQuery(view, params, {
    notEqualMatchesMissing: call.world.settings.notEqualMatchesMissing,
    syncInfoPredicates: true,
  });
  return { ...page, results: page.results.map((one) => shown(call.world, one, params)) };
}

/** By SKU or key only a few products can match; then no others are flattened. */
function narrowed(world: World, params: URLSearchParams): Product[] | undefined {
  const predicate = readWhere(params.getAll("where"), { notEqualMatchesMissing: true, syncInfoPredicates: true });
  if (!predicate) return undefined;
  const variables: Record<string, string[]> = {};
  for (const name of params.keys()) if (name.startsWith("var.")) variables[name.slice(4)] = params.getAll(name);
  const products = world.collection<Product>("product");
  // A projection names its variants without `masterData.current`; the SKU index of products serves both spellings.
  const bySku = { ...products, hasIndex: (path: string) => path in INDEXED || path === "key" || isSku(path) };
  const lookUp = (path: string, value: string) => products.idsByIndex(isSku(path) ? "sku" : path, value);
  const ids = candidateIds({ ...bySku, idsByIndex: lookUp }, predicate, variables);
  return ids ? [...ids].map((id) => products.get(id)).filter((found) => found !== undefined) : undefined;
}

function isSku(path: string): boolean {
  return path === "masterVariant.sku" || path === "variants.sku";
}

export function getProjection(call: Call, address: string, params: URLSearchParams): Doc {
  authorize(call.actor, VIEW);
  const products = call.world.collection<Product>("product");
  const product = address.startsWith("key=") ? products.findUnique("key", address.slice(4)) : products.get(address);
  const projection = product && projectionOf(product, params.get("staged") === "true");
  if (!projection) throw notFound(`The ProductProjection '${address}' was not found.`);
  return shown(call.world, projection, params);
}

function projectionOf(product: Product, staged: boolean): Resource | undefined {
  const { masterData } = product;
  if (!staged && !masterData.published) return undefined;
  const data: ProductData = staged ? masterData.staged : masterData.current;
  return compact({
    id: product.id,
    version: product.version,
    createdAt: product.createdAt,
    lastModifiedAt: product.lastModifiedAt,
    key: product.key,
    productType: product.productType,
    taxCategory: product.taxCategory,
    priceMode: product.priceMode,
    published: masterData.published,
    hasStagedChanges: masterData.hasStagedChanges,
    ...data,
  });
}

function shown(world: World, projection: Resource, params: URLSearchParams): Doc {
  const query = priceQuery(world, params);
  const data = projection as unknown as ProductData & { priceMode: Product["priceMode"] };
  const withStock = (variant: Variant): Doc => ({
    ...variant,
    ...(query ? pricesOf(world, variant, data.priceMode, query) : {}),
    ...availabilityOf(world, variant),
  });
  const [masterVariant, ...variants] = allVariants(data).map(withStock);
  return expandAll(world, { ...projection, masterVariant, variants }, params.getAll("expand"));
}

function priceQuery(world: World, params: URLSearchParams): PriceQuery | undefined {
  const currency = params.get("priceCurrency");
  if (!currency) return undefined;
  const group = params.get("priceCustomerGroup");
  return compact({
    currency,
    country: params.get("priceCountry") ?? undefined,
    customerGroupIds: group ? [group] : [],
    channelId: params.get("priceChannel") ?? undefined,
    at: world.nowIso(),
  });
}

function pricesOf(world: World, variant: Variant, mode: Product["priceMode"], query: PriceQuery): Doc {
  const price =
    mode === "Standalone" && variant.sku !== undefined
      ? selectStandalonePrice(world, variant.sku, query)
      : selectPrice(variant.prices, query);
  if (!price) return {};
  const { id, key, value, country, customerGroup, channel, validFrom, validUntil, tiers, discounted } = price;
  return {
    price: compact({ id, key, value, country, customerGroup, channel, validFrom, validUntil, tiers, discounted }),
  };
}

function availabilityOf(world: World, variant: Variant): Doc {
  if (variant.sku === undefined) return {};
  const entries = world.collection<InventoryEntry>("inventory-entry");
  const channels: Doc = {};
  let own: Doc | undefined;
  for (const id of entries.idsByIndex("sku", variant.sku)) {
    const entry = entries.get(id);
    if (!entry) continue;
    const { availableQuantity, restockableInDays, version } = entry;
    const figures = compact({ isOnStock: availableQuantity > 0, restockableInDays, availableQuantity, version, id });
    if (entry.supplyChannel) channels[entry.supplyChannel.id] = figures;
    else own = figures;
  }
  if (!own && Object.keys(channels).length === 0) return {};
  return { availability: { ...own, ...(Object.keys(channels).length > 0 ? { channels } : {}) } };
}
