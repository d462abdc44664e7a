import { readCustom } from "./custom-fields.ts";
import type { World } from "./definition.ts";
import { country, dateTime, key } from "./input.ts";
import { compact, type Doc } from "./json.ts";
import { readMoney } from "./money.ts";
import type { Price } from "./product-model.ts";
import { resolveChannel, resolveReference } from "./references.ts";
import { readTiers } from "./standalone-prices.ts";

/** Reads an embedded price. */
export function readPrice(world: World, draft: Doc): Price {
  const value = readMoney(draft, "value");
  return compact({
    id: world.newId(),
    key: key(draft),
    value,
    country: country(draft, "country"),
    customerGroup: resolveReference(world, "customer-group", draft, "customerGroup"),
    channel: resolveChannel(world, draft, "channel", "ProductDistribution"),
    validFrom: dateTime(draft, "validFrom"),
    validUntil: dateTime(draft, "validUntil"),
    tiers: readTiers(draft, value.currencyCode),
    custom: readCustom(world, draft, "product-price"),
  });
}
