/** What people in IFS do with the goods, and with orders of the shop and of the telephone. */
import { num, text } from "../../sandbox/ifs/rows.ts";
import type { World } from "../world.ts";
import { ordersOf, SITE } from "./books.ts";
import { TROUBLE_MS } from "./schedule.ts";
import { clerk, later, type Story } from "./story.ts";

export const HOME = "PICK-01";

/** Before anything happens: some pieces of each part, all on one shelf. */
export function stockUp(world: World, partNo: string, quantity: number): void {
  const ifs = world.ifs.model.world();
  for (const row of [...(ifs.table("InventoryPartInStock").find("PartNo", partNo) ?? [])]) {
    const onHand = num(row, "QtyOnhand").minus(num(row, "QtyReserved"));
    if (text(row, "Contract") !== SITE || onHand.lte(0)) continue;
    const place = { location: text(row, "LocationNo"), lot: text(row, "LotBatchNo") };
    world.ifs.model.clerk("issue", { site: SITE, part: partNo, qty: onHand.toNumber(), ...place });
  }
  world.ifs.model.clerk("receive", { site: SITE, part: partNo, qty: quantity, location: HOME });
}

export function warehouse(story: Story): void {
  const { chance, skus } = story;
  // Goods trickle in: each piece is a reason to write.
  for (let left = chance.whole(8, 16); left > 0; left -= 1) {
    const [part, qty] = [chance.pick(skus), chance.whole(1, 2)];
    later(story, chance.between(1000, TROUBLE_MS - 5000), () => {
      clerk(story, "receive", { site: SITE, part, qty, location: HOME });
    });
  }
  for (let left = chance.whole(4, 9); left > 0; left -= 1) {
    const act = chance.pick(acts);
    const part = chance.pick(skus);
    later(story, chance.between(500, TROUBLE_MS - 2000), () => act(story, part));
  }
  // The warehouse works on what the shop sold, in its own order and time.
  for (let at = chance.between(4000, 9000); at < TROUBLE_MS; at += chance.between(3000, 9000)) {
    later(story, at, () => workOn(story));
  }
}

const acts: readonly [Act, ...Act[]] = [telephone, telephone, telephoneCancelled, count, move, freeze];
type Act = (story: Story, part: string) => void;

export function telephone(story: Story, part: string): void {
  const { chance } = story;
  const input = { site: SITE, part, qty: chance.whole(1, 2), reserve: chance.happens(0.5) };
  clerk(story, "sell", input);
}

function telephoneCancelled(story: Story, part: string): void {
  const { world } = story;
  const before = new Set(orderNos(world));
  telephone(story, part);
  const orderNo = orderNos(world).find((one) => !before.has(one));
  if (orderNo) later(story, story.chance.between(1000, 9000), () => void clerk(story, "cancel", { orderNo }));
}

const orderNos = (world: World): string[] =>
  [...world.ifs.model.world().table("CustomerOrder").all()].map((row) => text(row, "OrderNo"));

/** Somebody counts: there is a piece more or less than was thought. */
function count(story: Story, part: string): void {
  const command = story.chance.happens(0.5) ? "issue" : "receive";
  clerk(story, command, { site: SITE, part, qty: 1, location: HOME });
}

/** Pieces go to a place from which nothing is sold, and come back. */
function move(story: Story, part: string): void {
  const qty = story.chance.whole(1, 2);
  if (!clerk(story, "issue", { site: SITE, part, qty, location: HOME })) return;
  clerk(story, "receive", { site: SITE, part, qty, location: "QA-01" });
  later(story, story.chance.between(3000, 20_000), () => {
    if (!clerk(story, "issue", { site: SITE, part, qty, location: "QA-01" })) return;
    clerk(story, "receive", { site: SITE, part, qty, location: HOME });
  });
}

function freeze(story: Story, part: string): void {
  clerk(story, "freeze", { site: SITE, part, location: HOME });
  later(story, story.chance.between(3000, 15_000), () => {
    clerk(story, "unfreeze", { site: SITE, part, location: HOME });
  });
}

/** IFS orders of the shop that are not done, newest last. */
export function openShopOrders(world: World): { readonly orderNo: string; readonly shopOrder: string }[] {
  return [...world.ifs.model.world().table("CustomerOrder").all()]
    .filter((row) => text(row, "ExternalRef") !== "" && !["Cancelled", "Invoiced"].includes(text(row, "Objstate")))
    .map((row) => ({ orderNo: text(row, "OrderNo"), shopOrder: text(row, "ExternalRef") }));
}

function isLinked(
  world: World,
  { orderNo, shopOrder }: { readonly orderNo: string; readonly shopOrder: string },
): boolean {
  const order = ordersOf(world).find(({ id }) => id === shopOrder);
  return order?.syncInfo.some(({ externalId }) => externalId === orderNo) === true;
}

/** One order of the shop goes a step on: reserved, on its way, or, now and then, cancelled. */
export function workOn(story: Story): void {
  const { world, chance, ledger } = story;
  const orders = openShopOrders(world);
  const order = orders[chance.whole(0, Math.max(0, orders.length - 1))];
  if (!order) return;
  const { orderNo, shopOrder } = order;
  const command = chance.pick(["reserve", "reserve", "unreserve", "pick", "ship", "ship", "cancel"] as const);
  // Before the connector knows of its order, a cancellation is a question to a person, and the units wait for the answer.
  if (command === "cancel" && !isLinked(world, order)) return;
  if (clerk(story, command, { orderNo }) && command === "cancel") ledger.cancelledInIfs(shopOrder);
}
