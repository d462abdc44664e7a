/** What people do: shoppers buy, and the merchant's staff changes and cancels what they bought. */
import { buy, germany } from "../people.ts";
import { SMALL_CATALOGUE } from "../platforms.ts";
import { ignoring, type Story, tell } from "./story.ts";
import { shopOrders } from "./verdict.ts";

/** All orders are placed until then, so that each meets enough of the trouble. */
const LAST_ORDER_MS = 12_000;
const LAST_EDIT_MS = 22_000;

export function shoppers(story: Story): void {
  const { world, chance } = story;
  for (let left = chance.whole(2, 4); left > 0; left -= 1) {
    const wish = {
      lines: linesOf(story),
      inventoryMode: "None" as const,
      shippingMethodKey: chance.pick(["standard", "express"]),
      ...(chance.happens(0.5) && { discountCode: chance.pick(["MINUS5", "WELCOME10", "FREESHIP"]) }),
    };
    world.time.clock.after(chance.between(0, LAST_ORDER_MS), () => ignoring(buy(world, germany, wish)));
  }
  for (let left = chance.whole(0, 6); left > 0; left -= 1) {
    const action = chance.pick(["state", "state", "state", "reference", "address", "cancel"] as const);
    const which = chance.between(0, 1);
    // Most edits come while an order is on its way.
    world.time.clock.after(chance.between(100, LAST_EDIT_MS), () => edit(story, action, which));
  }
}

function linesOf({ chance }: Story) {
  const [sku, other] = SMALL_CATALOGUE;
  const first = { sku, quantity: chance.whole(1, 3), externalPrice: chance.whole(1000, 9000) };
  return chance.happens(0.4) ? [first, { sku: other, quantity: 1, externalPrice: 1999 }] : [first];
}

type Action = "state" | "reference" | "address" | "cancel";

const NEW_ADDRESS = {
  country: "DE",
  firstName: "Kim",
  lastName: "Muster",
  streetName: "Neue Allee",
  streetNumber: "9",
  postalCode: "28195",
  city: "Bremen",
};

/** The change of one order; what it did to IFS's copy is remembered once the shop has taken it. */
function edit(story: Story, action: Action, which: number): void {
  const { world, deeds } = story;
  const orders = shopOrders(world);
  const order = orders[Math.floor(which * orders.length)];
  if (!order) return;
  const actions = {
    state: [{ action: "changePaymentState", paymentState: which > 0.5 ? "Paid" : "Pending" }],
    reference: [{ action: "setPurchaseOrderNumber", purchaseOrderNumber: `PO-${Math.round(which * 1000)}` }],
    address: [{ action: "setShippingAddress", address: NEW_ADDRESS }],
    cancel: [{ action: "changeOrderState", orderState: "Cancelled" }],
  }[action];
  tell(story, `somebody edits order ${order.id}: ${action}`);
  const before = deeds.get(order.id) ?? { changed: false, cancelled: false };
  const changed = before.changed || action === "reference" || action === "address";
  // Before it is known to have succeeded: the connector may see it earlier than the one who did it.
  deeds.set(order.id, { changed, cancelled: before.cancelled || action === "cancel" });
  ignoring(world.shop.post(`/orders/${order.id}`, { version: order.version, actions }));
}
