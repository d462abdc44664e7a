/** A refused order that a person has entered in IFS, with its id as external reference. */
import type { Contract } from "../../domain/ids.ts";
import type { IfsOrder } from "../../domain/ifs-records.ts";
import { exportFingerprint } from "./fingerprint.ts";
import type { ExportOutcome } from "./outcome.ts";
import { parseOrder } from "./parse.ts";
import { postTime } from "./posting.ts";
import {
  closeException,
  currentClaim,
  forgetCorrections,
  journal,
  lease,
  nextClaim,
  record,
  takenOver,
  type Work,
} from "./work.ts";

/**
 * Links the order with the one live IFS order of its reference and closes its exception. Nothing of it is compared or released:
 * a person is responsible for what it says. Undefined: there is none, or more than one; the refusal stands. Only for orders of
 * which nothing was ever sent.
 */
export async function linkedByHand(work: Work): Promise<ExportOutcome | undefined> {
  const found = await onlyLive(work);
  if (!found) return undefined;
  const { orderNo } = found;
  const claimed = await lease(work, { phase: "claimed", site: found.contract });
  await closeException(claimed);
  const shop = parseOrder(work.order);
  const claim = nextClaim(claimed, {
    phase: "linked",
    attempt: 0,
    // Where the order cannot be read, a later edit cannot be seen either.
    fingerprint: shop.ok ? exportFingerprint(shop.value) : "",
    posted: "",
    code: "",
    site: found.contract,
    orderNo,
  });
  const linked = await record(claimed, claim, { link: orderNo });
  if (!linked) return takenOver;
  await forgetCorrections(linked);
  await journal(linked, "order-linked-by-hand", { orderNo, ifsState: found.state });
  return { kind: "linked", orderNo };
}

/** Asked at the site of the claim; an order that was refused before it had one, at every configured site. */
async function onlyLive(work: Work): Promise<IfsOrder | undefined> {
  const claimed = currentClaim(work)?.site ?? "";
  const sites = claimed === "" ? [...new Set(work.deps.settings.config.sites.map(({ site }) => site))] : [claimed];
  const live: IfsOrder[] = [];
  for (const site of sites) {
    const deadlineMs = postTime(work);
    if (deadlineMs === undefined) return undefined;
    const lookup = await work.deps.ifsOrders.findByExternalRef(work.at.order.id, site as Contract, deadlineMs);
    if (lookup.kind === "found") live.push(...lookup.orders.filter(({ state }) => state !== "Cancelled"));
  }
  return live.length === 1 ? live[0] : undefined;
}
