/** What became of every order, by the records of both platform models alone: nothing here asks the connector. */
import { type Claim, decodeClaim } from "../../core/src/domain/claims.ts";
import { Decimal } from "../../sandbox/ifs/decimal.ts";
import { text } from "../../sandbox/ifs/rows.ts";
import { type IfsOrder, orderInIfs, ordersInIfs } from "../people.ts";
import type { World } from "../world.ts";
import type { Deeds } from "./story.ts";

export type Verdict = {
  readonly orders: number;
  readonly duplicates: number;
  readonly lost: number;
  readonly halfBuilt: number;
  readonly unexplained: number;
  /** One sentence for each of them. */
  readonly findings: readonly string[];
};

export type Kind = "duplicates" | "lost" | "halfBuilt" | "unexplained";

type StoredOrder = {
  readonly id: string;
  readonly version: number;
  readonly createdAt: string;
  readonly lastModifiedAt: string;
  readonly orderState: string;
  readonly syncInfo: readonly {
    readonly channel: { readonly id: string };
    readonly externalId?: string;
    readonly syncedAt: string;
  }[];
  readonly taxedPrice?: { readonly totalGross: { readonly centAmount: number } };
  readonly totalPrice: { readonly centAmount: number };
  readonly lineItems: readonly { readonly quantity: number }[];
};

type StoredException = {
  readonly createdAt: string;
  readonly lastModifiedAt: string;
  readonly id: string;
  readonly version: number;
  readonly container: string;
  readonly value: { readonly recordId: string; readonly code: string; readonly message: string };
};

export const shopOrders = ({ commercetools }: World): StoredOrder[] => [
  ...commercetools.model.world.collection<StoredOrder>("order").values(),
];

/** The newest entry of a channel, by its key. */
function newest(world: World, order: StoredOrder, key: string): string | undefined {
  const channel = world.commercetools.model.world
    .collection<{ id: string; version: number; createdAt: string; lastModifiedAt: string }>("channel")
    .findUnique("key", key);
  const entries = order.syncInfo.filter((entry) => entry.channel.id === channel?.id);
  return entries.toSorted((a, b) => a.syncedAt.localeCompare(b.syncedAt)).at(-1)?.externalId;
}

/** `deeds`: what people did themselves, which may end in an exception although the order is live and linked. */
export function judgeOrders(world: World, deeds: ReadonlyMap<string, Deeds>): Verdict {
  const findings: { readonly kind: Kind; readonly text: string }[] = [];
  const exceptions = Map.groupBy(
    [...world.commercetools.model.world.collection<StoredException>("key-value-document").values()].filter(
      ({ container }) => container === "ifs-connector-exceptions",
    ),
    ({ value }) => value.recordId,
  );
  const orders = shopOrders(world);
  for (const order of orders) {
    const open = exceptions.get(order.id) ?? [];
    const codes = open.map(({ value }) => value.code).join(", ");
    const find = (kind: Kind, what: string) =>
      findings.push({ kind, text: `order ${order.id}: ${what}${codes && ` [${codes}]`}` });
    judgeOrder(world, order, { open, edited: deeds.has(order.id), find });
  }
  const known = new Set(orders.map(({ id }) => id));
  for (const row of world.ifs.model.world().table("CustomerOrder").all()) {
    const reference = row.values.ExternalRef;
    if (typeof reference === "string" && reference !== "" && !known.has(reference)) {
      findings.push({
        kind: "unexplained",
        text: `IFS order ${text(row, "OrderNo")} is for an order that nobody has placed`,
      });
    }
  }
  const count = (kind: Kind) => findings.filter((finding) => finding.kind === kind).length;
  return {
    orders: orders.length,
    duplicates: count("duplicates"),
    lost: count("lost"),
    halfBuilt: count("halfBuilt"),
    unexplained: count("unexplained"),
    findings: findings.map((finding) => `${finding.kind}: ${finding.text}`),
  };
}

const FINAL = new Set(["linked", "cancelled", "held", "rejected", "unknown"]);
const cents = (amount: string): number => new Decimal(amount).times(100).round().toNumber();

function judgeOrder(
  world: World,
  order: StoredOrder,
  given: {
    readonly open: readonly StoredException[];
    readonly edited: boolean;
    readonly find: (kind: Kind, what: string) => void;
  },
): void {
  const { open, edited, find } = given;
  const all = ordersInIfs(world, order.id).map((orderNo) => ({ orderNo, ...orderInIfs(world, orderNo) }));
  const live = all.filter(({ state }) => state !== "Cancelled");
  const link = newest(world, order, "ifs-link");
  const claim = decodeClaim(newest(world, order, "ifs-claim") ?? "");
  const shown = open.length === 1;
  if (open.length > 1) find("unexplained", `${open.length} exceptions are open for it`);
  if (live.length > 1) find("duplicates", `IFS has ${live.map(({ orderNo }) => orderNo).join(", ")}`);
  judgeClaim(claim, shown, find);
  const [only] = live;
  if (order.orderState === "Cancelled") {
    if (only && !shown) find("unexplained", `it is cancelled, and IFS order ${only.orderNo} is live`);
    return;
  }
  judgeLive({ order, live, link, phase: claim?.phase ?? "none" }, { shown, edited, find });
}

type Live = IfsOrder & { readonly orderNo: string };
type Finding = {
  readonly shown: boolean;
  readonly edited: boolean;
  readonly find: (kind: Kind, what: string) => void;
};

function judgeLive(
  given: {
    readonly order: StoredOrder;
    readonly live: readonly Live[];
    readonly link: string | undefined;
    readonly phase: string;
  },
  { shown, edited, find }: Finding,
): void {
  const { order, live, link, phase } = given;
  const [only] = live;
  if (!only) {
    if (!shown) find("lost", `IFS has nothing of it, and no exception is open; its claim is ${phase}`);
  } else if (link === undefined) {
    if (!shown) find("unexplained", `IFS order ${only.orderNo} is not linked, and no exception is open`);
  } else {
    if (!live.some(({ orderNo }) => orderNo === link))
      find("unexplained", `it is linked with ${link}, which is not live`);
    judgeContent(order, only, { shown, edited, find });
  }
}

function judgeClaim(claim: Claim | undefined, shown: boolean, find: (kind: Kind, what: string) => void): void {
  if (claim && !FINAL.has(claim.phase)) find("unexplained", `its claim is still ${claim.phase}`);
  if (claim?.phase === "unknown" && !shown) find("unexplained", "its outcome is unknown, and nobody is told");
}

/** A linked order: complete, equal to the cent, released, and without a question to anybody. */
function judgeContent(
  order: StoredOrder,
  inIfs: IfsOrder & { readonly orderNo: string },
  given: { readonly shown: boolean; readonly edited: boolean; readonly find: (kind: Kind, what: string) => void },
): void {
  const { shown, edited, find } = given;
  const total = (order.taxedPrice?.totalGross ?? order.totalPrice).centAmount;
  if (inIfs.lines.length < order.lineItems.length) {
    find("halfBuilt", `IFS order ${inIfs.orderNo} has ${inIfs.lines.length} lines`);
  } else if (cents(inIfs.totalGross) !== total && !edited) {
    find("unexplained", `${total} in the shop, ${inIfs.totalGross} in IFS order ${inIfs.orderNo}`);
  }
  if (inIfs.state === "Planned" && !shown) find("halfBuilt", `IFS order ${inIfs.orderNo} is linked and not released`);
  if (shown && !edited) find("unexplained", "it is linked as it should be, and an exception is open");
}
