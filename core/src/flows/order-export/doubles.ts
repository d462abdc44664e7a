/** A linked order of which IFS showed another one: it stays an exception until IFS shows that the linked one is the only one. */
import type { Rejection } from "../../domain/failure.ts";
import type { Contract, OrderNo } from "../../domain/ids.ts";
import type { ExportOutcome } from "./outcome.ts";
import { deferred, postTime } from "./posting.ts";
import { currentClaim, linkedRefusal, note, type Work } from "./work.ts";

export const DUPLICATE = "ifsDuplicate";

/** Undefined: the linked order is the only live one of its reference, or nobody ever saw another. */
export async function stillDouble(work: Work, linked: OrderNo): Promise<ExportOutcome | undefined> {
  if (work.before?.code !== DUPLICATE) return undefined;
  const deadlineMs = postTime(work);
  if (deadlineMs === undefined) return deferred("no time left to look; the sweep does");
  const site = (currentClaim(work)?.site ?? "") as Contract;
  const lookup = await work.deps.ifsOrders.findByExternalRef(work.at.order.id, site, deadlineMs);
  note(work, "looked up", { answer: lookup.kind, site });
  if (lookup.kind === "unknown") return linkedRefusal(work, { orderNo: linked }, notProven(linked, lookup.reason));
  const live = lookup.kind === "found" ? lookup.orders.filter(({ state }) => state !== "Cancelled") : [];
  const others = live.filter(({ orderNo }) => orderNo !== linked);
  return others.length === 0 ? undefined : linkedRefusal(work, { orderNo: linked }, severalInIfs(linked, others));
}

type Other = { readonly orderNo: OrderNo; readonly state: string };

/** `kept` empty: none of them is linked. */
export const severalInIfs = (kept: string, others: readonly Other[]): Rejection => {
  const named = others.map(({ orderNo, state }) => `${orderNo} (${state})`).join(", ");
  const [first] = others;
  return {
    code: DUPLICATE,
    message: `IFS has more than one order with the reference of this order: ${named}${kept === "" ? "" : ` beside ${kept}`}.`,
    action:
      kept === ""
        ? "Keep one of them and cancel the others in IFS before goods leave; the remaining one is linked by itself."
        : `Keep ${kept}, which is the one of this order, and cancel ${first?.orderNo ?? "the other"} in IFS before its goods leave. This closes by itself once IFS shows that it is cancelled.`,
    owner: "operator",
    field: "externalRef",
    value: [kept, ...others.map(({ orderNo }) => orderNo)].filter((orderNo) => orderNo !== "").join(", "),
  };
};

const notProven = (linked: string, reason: string): Rejection => ({
  code: DUPLICATE,
  message: `IFS had another order with the reference of order ${linked}, and it cannot be proven that it is gone: ${reason}`,
  action: "Grant the service user the site, and name an order of it under `ifs.sentinelOrders`.",
  owner: "ifsAdministrator",
  field: "ifs.sentinelOrders",
});
