/** A linked order: changes after the export are made in IFS or shown to a person, and a change that was taken back is forgotten. */
import type { Claim } from "../../domain/claims.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { OrderNo } from "../../domain/ids.ts";
import { amend } from "./amend.ts";
import { stillDouble } from "./doubles.ts";
import { buyerDigest, exportFingerprint } from "./fingerprint.ts";
import { fingerprintOf } from "./judge.ts";
import { hasMapped, isSameBuyer, isSameExport } from "./mapped-inputs.ts";
import type { ExportOutcome } from "./outcome.ts";
import { parseOrder } from "./parse.ts";
import type { ShopOrder } from "./shop-order.ts";
import { closeException, linkedRefusal, nextClaim, record, takenOver, type Work } from "./work.ts";

export async function runCompare(work: Work, orderNo: OrderNo): Promise<ExportOutcome> {
  const { before } = work;
  const double = await stillDouble(work, orderNo);
  if (double) return double;
  if (!before || before.fingerprint === "") return { kind: "unchanged", orderNo };
  if (before.phase === "cancelled") return linkedRefusal(work, { orderNo }, openAgain(orderNo));
  const shop = parseOrder(work.order);
  const changed = !shop.ok || !isAsExported(before.fingerprint, await nowOf(work, before, shop.value));
  // An amendment that was begun has changed IFS: taken back in the shop, it is to be taken back there.
  if (changed || before.posted !== "") return amend(work, orderNo);
  if (before.code === "" && before.phase === "linked") return { kind: "unchanged", orderNo };
  await closeException(work);
  const recorded = await record(work, nextClaim(work, { phase: "linked", code: "", attempt: 0, orderNo }));
  return recorded ? { kind: "unchanged", orderNo } : takenOver;
}

/** What the mapping reads costs a look at the routes, so only where it was exported with a mapping and counts. */
const nowOf = async ({ deps }: Work, { fingerprint }: Claim, shop: ShopOrder): Promise<string> =>
  hasMapped(fingerprint) && deps.settings.config.orders.afterExport.mappedFields === "hold"
    ? fingerprintOf(deps, shop)
    : exportFingerprint(shop) + buyerDigest(shop);

/** Another buyer or store leads to a look at IFS: what of it matters there, the route and the customer policy say. */
const isAsExported = (exported: string, now: string): boolean =>
  isSameExport(exported, now) && isSameBuyer(exported, now);

const openAgain = (orderNo: string): Rejection => ({
  code: "heldForReview",
  message: `The order is open again in commercetools, but IFS order ${orderNo} was cancelled.`,
  action: "Cancel the order in commercetools, or enter it in IFS by hand.",
  owner: "operator",
  field: "orderState",
  value: orderNo,
  cause: "openAgain",
});
