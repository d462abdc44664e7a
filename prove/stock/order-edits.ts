/** Order Edits of orders that IFS has: pieces more, pieces less, and a line in another's place. */
import type { Chance } from "../chance.ts";
import { germany } from "../people.ts";
import { isInIfs, ordersOf, type ShopOrder } from "./books.ts";
import { LAST_EDIT_MS } from "./schedule.ts";
import { later, type Story, tell } from "./story.ts";

/** Of those without kits: of these IFS shows one line for several parts. */
const SEEDS = 0.3;

/** `edits` decides alone, so that all other chances of a seed fall as they do without edits. */
export function orderEdits(story: Story, edits: Chance): void {
  if (story.articles.some(({ component }) => component !== undefined) || !edits.happens(SEEDS)) return;
  story.world.commercetools.model.world.settings.orderEditMovesStock = edits.happens(0.8);
  for (let left = edits.whole(3, 8); left > 0; left -= 1) {
    const [which, stage] = [edits.between(0, 1), edits.pick(stages)];
    later(story, edits.between(6000, LAST_EDIT_MS), () => edit(story, which, stage));
  }
}

type Line = ShopOrder["lineItems"][number];
type Stage = (line: Line) => object[];

const more: Stage = ({ id, quantity }) => [
  { action: "changeLineItemQuantity", lineItemId: id, quantity: quantity + 1 },
];
const less: Stage = ({ id, quantity }) => [
  { action: "changeLineItemQuantity", lineItemId: id, quantity: quantity - 1 },
];
/** As when its price or its way is to be another one. */
const another: Stage = ({ id, quantity, variant, supplyChannel }) => [
  { action: "removeLineItem", lineItemId: id },
  {
    ...{ action: "addLineItem", sku: variant.sku, quantity, supplyChannel },
    externalPrice: { currencyCode: germany.currency, centAmount: 1899 },
  },
];
const stages = [more, more, less, another, another] as const;

/** Refused where the platform has not enough, or where somebody else changed the order in between. */
async function edit(story: Story, which: number, stage: Stage): Promise<void> {
  const { world } = story;
  // What comes back is judged by the line that it was sold as.
  const orders = ordersOf(world).filter(
    (order) => order.orderState !== "Cancelled" && !order.returnInfo?.length && isInIfs(world, order),
  );
  const order = orders[Math.floor(which * orders.length)];
  const [line] = order?.lineItems ?? [];
  if (!order || !line) return;
  const stagedActions = stage(line);
  const resource = { typeId: "order", id: order.id };
  const made = await world.shop.post("/orders/edits", { resource, stagedActions });
  const versions = { editVersion: made.version, resourceVersion: order.version };
  await world.shop.post(`/orders/edits/${String(made.id)}/apply`, versions);
  tell(story, `an Order Edit of ${order.id}: ${JSON.stringify(stagedActions)}`);
}
