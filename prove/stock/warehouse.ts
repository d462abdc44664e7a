/** What people in IFS do with the goods, and with orders of the shop and of the telephone. */
import { num, text } from "../../sandbox/ifs/rows.ts";
import type { World } from "../world.ts";
import { ordersOf } from "./books.ts";
import { TROUBLE_MS } from "./schedule.ts";
import { clerk, HOME, later, type Office, type Story } from "./story.ts";

export { HOME } from "./story.ts";

/** Before anything happens: some pieces of a part, all on one shelf of the site. */
export function stockUp(world: World, site: string, { partNo, quantity }: { partNo: string; quantity: number }): void {
  const ifs = world.ifs.model.world();
  for (const row of [...(ifs.table("InventoryPartInStock").find("PartNo", partNo) ?? [])]) {
    const onHand = num(row, "QtyOnhand").minus(num(row, "QtyReserved"));
    if (text(row, "Contract") !== site || onHand.lte(0)) continue;
    const place = { location: text(row, "LocationNo"), lot: text(row, "LotBatchNo") };
    world.ifs.model.clerk("issue", { site, part: partNo, qty: onHand.toNumber(), ...place });
  }
  world.ifs.model.clerk("receive", { site, part: partNo, qty: quantity, location: HOME });
}

export function warehouse(story: Story): void {
  const { chance } = story;
  const pick = (): Goods => ({ site: chance.pick(story.pools).site, part: chance.pick(story.articles).partNo });
  // Goods trickle in: each piece is a reason to write.
  for (let left = chance.whole(8, 16); left > 0; left -= 1) {
    const [goods, qty] = [pick(), chance.whole(1, 2)];
    later(story, chance.between(1000, TROUBLE_MS - 5000), () => {
      clerk(story, "receive", { ...goods, qty, location: HOME });
    });
  }
  for (let left = chance.whole(4, 9); left > 0; left -= 1) {
    const act = chance.pick(acts);
    const goods = pick();
    later(story, chance.between(500, TROUBLE_MS - 2000), () => act(story, goods));
  }
  // The warehouse works on what the shop sold, in its own order and time.
  for (let at = chance.between(4000, 9000); at < TROUBLE_MS; at += chance.between(3000, 9000)) {
    later(story, at, () => workOn(story));
  }
}

const acts: readonly [Act, ...Act[]] = [telephone, telephone, telephoneCancelled, count, move, freeze];
/** A part at a site. */
export type Goods = { readonly site: string; readonly part: string };
type Act = (story: Story, goods: Goods) => void;

export function telephone(story: Office, goods: Goods): void {
  const { chance } = story;
  // Nobody asks for a kit by telephone: IFS does not know what one is made of.
  const kit = story.articles?.find(
    ({ component, partNo, sku }) => component && (partNo === goods.part || sku === goods.part),
  );
  const part = kit?.component ?? goods.part;
  const input = { ...goods, part, qty: chance.whole(1, 2), reserve: chance.happens(0.5) };
  clerk(story, "sell", input);
}

function telephoneCancelled(story: Story, goods: Goods): void {
  const { world } = story;
  const before = new Set(orderNos(world));
  telephone(story, goods);
  const orderNo = orderNos(world).find((one) => !before.has(one));
  if (orderNo) later(story, story.chance.between(1000, 9000), () => void clerk(story, "cancel", { orderNo }));
}

const orderNos = (world: World): string[] =>
  [...world.ifs.model.world().table("CustomerOrder").all()].map((row) => text(row, "OrderNo"));

/** Somebody counts: there is a piece more or less than was thought. */
function count(story: Story, goods: Goods): void {
  const command = story.chance.happens(0.5) ? "issue" : "receive";
  clerk(story, command, { ...goods, qty: 1, location: HOME });
}

/** Pieces go to another shelf, or to a place from which nothing is sold, and come back. */
function move(story: Story, goods: Goods): void {
  const { chance } = story;
  const qty = chance.whole(1, 2);
  const elsewhere = chance.happens(0.3) ? "PICK-02" : "QA-01";
  const carry = (from: string, to: string): boolean =>
    clerk(story, "issue", { ...goods, qty, location: from }) &&
    clerk(story, "receive", { ...goods, qty, location: to });
  if (!carry(HOME, elsewhere)) return;
  later(story, chance.between(3000, 20_000), () => void carry(elsewhere, HOME));
}

function freeze(story: Story, goods: Goods): void {
  clerk(story, "freeze", { ...goods, location: HOME });
  later(story, story.chance.between(3000, 15_000), () => {
    clerk(story, "unfreeze", { ...goods, location: HOME });
  });
}

export type OpenOrder = {
  readonly orderNo: string /** "" for an order of the telephone. */;
  readonly shopOrder: string;
};

/** IFS orders that are not done, newest last. */
export function openOrders(world: World): OpenOrder[] {
  return [...world.ifs.model.world().table("CustomerOrder").all()]
    .filter((row) => !["Cancelled", "Delivered", "Invoiced"].includes(text(row, "Objstate")))
    .map((row) => ({ orderNo: text(row, "OrderNo"), shopOrder: text(row, "ExternalRef") }));
}

function isLinked(world: World, { orderNo, shopOrder }: OpenOrder): boolean {
  const order = ordersOf(world).find(({ id }) => id === shopOrder);
  return order?.syncInfo.some(({ externalId }) => externalId === orderNo) === true;
}

/** One order goes a step on: reserved, on its way, or, now and then, cancelled. */
export function workOn(story: Office): void {
  const { world, chance, ledger } = story;
  const orders = openOrders(world);
  const order = orders[chance.whole(0, Math.max(0, orders.length - 1))];
  if (!order) return;
  const { orderNo, shopOrder } = order;
  const command = chance.pick(["reserve", "reserve", "unreserve", "pick", "ship", "ship", "cancel"] as const);
  // Before the connector knows of its order, a cancellation is a question to a person, and the units wait for the answer.
  if (command === "cancel" && shopOrder !== "" && !isLinked(world, order)) return;
  if (clerk(story, command, { orderNo }) && command === "cancel") ledger.cancelledInIfs(shopOrder);
}
