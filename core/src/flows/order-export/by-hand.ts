/**
 * A refused order that a person has entered in IFS, with its id as external reference: compared as far as an order can be that the
 * connector cannot express itself, and released and linked only where it is equal.
 */
import type { Rejection } from "../../domain/failure.ts";
import type { Contract, OrderNo } from "../../domain/ids.ts";
import type { IfsOrder } from "../../domain/ifs-records.ts";
import { routeCorrected } from "./correct.ts";
import { severalInIfs } from "./doubles.ts";
import { exportFingerprint } from "./fingerprint.ts";
import { handDifferences } from "./hand-entry.ts";
import type { ExportOutcome } from "./outcome.ts";
import { parseOrder } from "./parse.ts";
import { deferred, postTime, repeatable } from "./posting.ts";
import { cancelledInIfs, hold, letGo, notVisible, release } from "./settle.ts";
import {
  closeException,
  currentClaim,
  forgetCorrections,
  journal,
  lease,
  nextClaim,
  note,
  record,
  refused,
  takenOver,
  type Work,
} from "./work.ts";

/** Looks for it. Undefined: there is none, or no time to look; the refusal stands. Only for orders of which nothing was ever sent. */
export async function enteredByHand(work: Work, refusal: Rejection): Promise<ExportOutcome | undefined> {
  const live = await liveOrders(work);
  const [only] = live;
  if (!only) return undefined;
  if (live.length > 1) return refused(work, severalInIfs("", live));
  return settleByHand(work, refusal, only);
}

/** One look finds it at any site; nothing is concluded from its absence, so it need not be proven at each of them. */
async function liveOrders(work: Work): Promise<readonly IfsOrder[]> {
  const deadlineMs = postTime(work);
  if (deadlineMs === undefined) return [];
  const site = currentClaim(work)?.site || work.deps.settings.config.sites[0]?.site;
  const lookup = await work.deps.ifsOrders.findByExternalRef(work.at.order.id, site as Contract, deadlineMs);
  return lookup.kind === "found" ? lookup.orders.filter(({ state }) => state !== "Cancelled") : [];
}

/** `refusal`: why the connector cannot export the order itself. `contract` as far as it is known. */
export async function settleByHand(
  work: Work,
  refusal: Rejection,
  { orderNo, contract }: { readonly orderNo: OrderNo; readonly contract?: string },
): Promise<ExportOutcome> {
  if (postTime(work) === undefined) return deferred("no time left; the sweep goes on");
  const site = contract ?? currentClaim(work)?.site ?? "";
  const claimed = await lease(work, { phase: "created", site, orderNo });
  const document = await repeatable(claimed, orderNo, () => claimed.deps.ifsOrders.read(orderNo, postTime(claimed)));
  if (document === undefined) return hold(claimed, orderNo, notVisible(orderNo));
  if (document.order.state === "Cancelled") return letGo(claimed, cancelledInIfs(orderNo));
  const { config } = claimed.deps.settings;
  const differences = handDifferences(claimed.order, { document, config, route: await routeCorrected(claimed) });
  note(claimed, "compared", { equal: differences.length === 0 });
  if (differences.length > 0) return hold(claimed, orderNo, differs(orderNo, differences, refusal));
  // Entering it is no word about the payment; releasing it is, and a person may have done so.
  if (refusal.code === "paymentMismatch" && document.order.state === "Planned") return refused(claimed, refusal);
  const released = await release(claimed, document.order);
  return "outcome" in released ? released.outcome : link(claimed, released.order);
}

/** Later edits are shown to a person: what IFS has was not sent by the connector. */
async function link(work: Work, { orderNo, contract, state }: IfsOrder): Promise<ExportOutcome> {
  await closeException(work);
  const shop = parseOrder(work.order);
  const claim = nextClaim(work, {
    phase: "linked",
    attempt: 0,
    // Where the order cannot be read, a later edit cannot be seen either.
    fingerprint: shop.ok ? exportFingerprint(shop.value) : "",
    posted: "",
    code: "",
    site: contract,
    orderNo,
  });
  const linked = await record(work, claim, { link: orderNo });
  if (!linked) return takenOver;
  await forgetCorrections(linked);
  const compared = shop.ok ? "rows" : "total and quantities";
  await journal(linked, "order-linked-by-hand", { orderNo, ifsState: state, compared });
  return { kind: "linked", orderNo };
}

const differs = (orderNo: string, differences: readonly string[], refusal: Rejection): Rejection => ({
  code: "ifsAmountsDiffer",
  message: `IFS order ${orderNo}, entered for this order by hand, differs from it and was neither released nor linked: ${differences.join("; ")}. The connector cannot export the order itself: ${refusal.message}`,
  action:
    "Correct the order in IFS; it is compared again by itself, then released and linked. Or cancel it there and cure why the connector cannot export it.",
  owner: "operator",
  field: "orderNo",
  value: orderNo,
});
