/** What passes between the platforms, the storefronts and the doors of the check, as far as the judge reads it. */
import type { InventoryEntry } from "../../sandbox/commercetools/stock.ts";
import { entryOf, type ShopOrder } from "../stock/books.ts";
import type { World } from "../world.ts";

/** A unit of a SKU in a supply channel, as an order asks for it. */
export type Line = {
  readonly sku: string;
  readonly channelId: string | undefined;
  readonly quantity: number;
  /** What its own cart has reserved in commercetools. */
  readonly reserved: number;
};

type Shown = { readonly at: number; readonly available: number };

export type Asked = {
  readonly process: string;
  /** Milliseconds of the world when the question reached the process. */
  readonly since: number;
  readonly cartId: string;
  readonly lines: readonly Line[];
};

export type Question = {
  readonly cart?: string;
  readonly hold?: boolean;
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly supplyChannel: string }[];
};

export type QuestionAnswer = {
  readonly lines: readonly { readonly source: string }[];
  readonly hold?: { readonly held: boolean; readonly until?: string };
};

export type ExtensionError = {
  readonly extensionExtraInfo?: { readonly sku: string; readonly available: number | null; readonly reason: string };
};

export const isFigure = (reason: string | undefined): boolean =>
  reason === "outOfStock" || reason === "partlyAvailable";

type Sold = {
  readonly cart?: { readonly id: string };
  readonly lineItems: readonly {
    readonly quantity: number;
    readonly variant: { readonly sku?: string };
    readonly supplyChannel?: { readonly id: string };
    readonly reservation?: { readonly id: string };
  }[];
};

export const linesOfOrder = ({ lineItems }: Sold): Line[] =>
  lineItems.map(({ quantity, variant, supplyChannel, reservation }) => ({
    sku: variant.sku ?? "",
    channelId: supplyChannel?.id,
    quantity,
    reserved: reservation ? quantity : 0,
  }));

export const cartOf = (order: ShopOrder): string => (order as ShopOrder & Sold).cart?.id ?? order.id;

export function askedOf({ world, process, body }: { world: World; process: string; body: string }): Asked {
  const { resource } = JSON.parse(body) as { resource: { id: string; obj: Sold } };
  const { id, obj } = resource;
  return { process, since: world.time.elapsed(), cartId: obj.cart?.id ?? id, lines: linesOfOrder(obj) };
}

/** Lines of the answer that a policy decided; an answer without a decision is one as well. */
export function policiesOf({ log }: World, correlationId: string | undefined): number {
  const line = log.findLast((one) => one.correlationId === correlationId && one.event === "availability-checked");
  return line ? (line.fields as { policies: number }).policies : 1;
}

/** What readers were shown of an entry since then, the state at that moment included; nothing of an entry that is not there. */
export function watchEntries(world: World, skus: readonly string[], channelIds: readonly string[]) {
  const slots = new Map<string, Shown[]>();
  const slot = (sku: string, channelId: string): string => `${sku}|${channelId}`;
  for (const sku of skus) {
    for (const id of channelIds) {
      const entry = entryOf(world, sku, id);
      slots.set(slot(sku, id), entry ? [{ at: 0, available: entry.availableQuantity }] : []);
    }
  }
  const stored = world.commercetools.model.world.collection<InventoryEntry>("inventory-entry");
  const { put } = stored;
  stored.put = (entry) => {
    put(entry);
    const { sku, supplyChannel, availableQuantity } = entry;
    slots.get(slot(sku, supplyChannel?.id ?? ""))?.push({ at: world.time.elapsed(), available: availableQuantity });
  };
  return (sku: string, channelId: string, since: number): number[] => {
    const all = slots.get(slot(sku, channelId)) ?? [];
    const before = all.findLastIndex(({ at }) => at <= since);
    return all.slice(Math.max(0, before)).map(({ available }) => available);
  };
}

/** Tells of each new order. */
export function watchOrders(world: World, told: (order: ShopOrder) => void): void {
  const stored = world.commercetools.model.world.collection<ShopOrder & { readonly lineItems: never }>("order");
  const { put } = stored;
  stored.put = (order) => {
    if (!stored.get(order.id)) told(order as unknown as ShopOrder);
    put(order);
  };
}
