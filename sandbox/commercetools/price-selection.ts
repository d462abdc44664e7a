import type { World } from "./definition.ts";
import type { TypedMoney } from "./money.ts";
import type { PriceScope } from "./price-scope.ts";
import type { StandalonePrice } from "./standalone-prices.ts";

/** What a shopper's context offers to price selection. */
export type PriceQuery = {
  currency: string;
  country?: string;
  customerGroupIds: string[];
  channelId?: string;
  /** The instant at which validity is judged, as the platform prints it. */
  at: string;
};

/** The price that wins for a SKU among its standalone prices. */
export function selectStandalonePrice(world: World, sku: string, query: PriceQuery): StandalonePrice | undefined {
  const collection = world.collection<StandalonePrice>("standalone-price");
  const prices: StandalonePrice[] = [];
  for (const id of collection.idsByIndex("sku", sku)) {
    const price = collection.get(id);
    if (price?.active) prices.push(price);
  }
  return selectPrice(prices, query);
}

/**
 * Of the prices that fit, the one that fits by more important things: customer group before channel before country; at
 * equal scope one with a validity period before the fallback without.
 */
export function selectPrice<P extends PriceScope>(prices: P[], query: PriceQuery): P | undefined {
  let best: { price: P; rank: number } | undefined;
  for (const price of prices) {
    if (!fits(price, query)) continue;
    const rank = rankOf(price);
    if (!best || rank > best.rank) best = { price, rank };
  }
  return best?.price;
}

function fits(price: PriceScope, query: PriceQuery): boolean {
  if (price.value.currencyCode !== query.currency) return false;
  if (price.country !== undefined && price.country !== query.country) return false;
  if (price.channel && price.channel.id !== query.channelId) return false;
  if (price.customerGroup && !query.customerGroupIds.includes(price.customerGroup.id)) return false;
  return isValid(price, query.at);
}

/** From `validFrom` inclusive to `validUntil` exclusive. */
function isValid(price: PriceScope, at: string): boolean {
  if (price.validFrom !== undefined && at < price.validFrom) return false;
  return price.validUntil === undefined || at < price.validUntil;
}

function rankOf(price: PriceScope): number {
  const validity = price.validFrom !== undefined || price.validUntil !== undefined ? 1 : 0;
  return (price.customerGroup ? 8 : 0) + (price.channel ? 4 : 0) + (price.country ? 2 : 0) + validity;
}

/** The unit price for a quantity: the discounted value, else the highest tier reached, else the value. */
export function unitValue(price: PriceScope, quantity: number): TypedMoney {
  if (price.discounted) return price.discounted.value;
  const reached = (price.tiers ?? [])
    .filter((tier) => tier.minimumQuantity <= quantity)
    .sort((a, b) => b.minimumQuantity - a.minimumQuantity);
  return reached[0]?.value ?? price.value;
}
