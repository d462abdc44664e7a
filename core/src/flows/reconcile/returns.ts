/** Returns in the ledger: is each return of an exported order in IFS as one RMA, and recorded on the order? */
import type { Order } from "@commercetools/platform-sdk";
import { z } from "zod";
import { freeAt } from "../../domain/claims.ts";
import { returnModeOf } from "../../domain/config.ts";
import { type IfsReturn, isDead } from "../../domain/ifs-returns.ts";
import { type RecordedReturn, readReturns, returnReference } from "../../domain/return-record.ts";
import { returnRowOf } from "../exception-id.ts";
import { groupsOf } from "../return-groups.ts";
import { ageOf, turnMs } from "./compare.ts";
import type { ReconcileDeps } from "./deps.ts";
import type { Finding, FindingKind } from "./finding.ts";
import { parseShopFacts, type ShopFacts } from "./parse.ts";

const itemSchema = z.object({
  id: z.string(),
  key: z.string().nullish(),
  quantity: z.int(),
  lineItemId: z.string().nullish(),
  customLineItemId: z.string().nullish(),
  shipmentState: z.string(),
});
const returnsSchema = z.object({
  returnInfo: z.array(z.object({ items: z.array(itemSchema) })).nullish(),
});

type ReturnFacts = {
  readonly shop: ShopFacts;
  /** Returns that ask for an RMA. */
  readonly wanted: readonly { readonly ref: string; readonly reference: string }[];
  /** Undefined: what the order says cannot be read. */
  readonly recorded: readonly RecordedReturn[] | undefined;
};

/**
 * By order id. Asked only where every route exports returns: an order's own route is not worked out here. A finding without a
 * reason is looked at once more in both systems, because orders go on meanwhile.
 */
export async function returnFindings(
  deps: ReconcileDeps,
  page: readonly Order[],
): Promise<ReadonlyMap<string, readonly Finding[]>> {
  if (deps.config.routes.some((route) => returnModeOf(deps.config, route) === "off")) return new Map();
  const first = await judge(deps, page);
  const doubtful = [...first]
    .filter(([, findings]) => findings.some(({ reason }) => reason === null))
    .map(([id]) => id);
  if (doubtful.length === 0) return first;
  const where = { where: ["id in :ids"], variables: { ids: doubtful }, limit: doubtful.length };
  return new Map([...first, ...(await judge(deps, await deps.orders.page(where)))]);
}

async function judge(deps: ReconcileDeps, page: readonly Order[]): Promise<Map<string, Finding[]>> {
  const orders = page.flatMap((order) => factsOf(deps, order) ?? []);
  const references = orders.flatMap(({ wanted }) => wanted.map(({ reference }) => reference));
  if (references.length === 0) return new Map();
  const rmaNos = orders.flatMap(({ recorded }) =>
    (recorded ?? []).flatMap(({ rmaNo }) => (rmaNo === "" ? [] : [rmaNo])),
  );
  const rmas = await deps.returns.list({ references, rmaNos });
  const findings = orders.map((facts) => ({ facts, plain: findingsOf(facts, rmas) }));
  const odd = findings.filter(({ plain }) => plain.length > 0).map(({ facts }) => facts.shop.id);
  const open = odd.length === 0 ? [] : await deps.exceptions.byIds(odd.map(returnRowOf));
  const codes = new Map(open.map(({ id, code }) => [id, code]));
  return new Map(
    findings.map(({ facts: { shop }, plain }) => [
      shop.id,
      plain.map((one) => findingOf(deps, shop, { ...one, exception: codes.get(returnRowOf(shop.id)) })),
    ]),
  );
}

/** Undefined for orders that have no return to compare. */
function factsOf({ channels, config }: ReconcileDeps, order: Order): ReturnFacts | undefined {
  const { returnInfo } = returnsSchema.parse(order);
  if (!returnInfo || returnInfo.length === 0) return undefined;
  const shop = parseShopFacts(order, channels);
  if (shop.orderNo === undefined || shop.claim?.phase === "ignored") return undefined;
  const returns = returnInfo.map(({ items }) => ({
    trackingId: undefined,
    items: items.map(({ id, key, quantity, lineItemId, customLineItemId, shipmentState }) => ({
      ref: key ?? id,
      lineId: lineItemId ?? customLineItemId ?? "",
      quantity,
      shipmentState,
    })),
  }));
  const wanted = groupsOf(returns, config.orders.afterExport.returns.trigger).filter(({ items }) => items.length > 0);
  const reading = readReturns(order, channels.returns ?? "");
  return {
    shop,
    wanted: wanted.map(({ ref }) => ({ ref, reference: returnReference(shop.id, ref) })),
    recorded: reading.kind === "record" ? reading.record.returns : undefined,
  };
}

type Plain = { readonly kind: FindingKind; readonly detail: string };

function findingsOf({ wanted, recorded }: ReturnFacts, rmas: readonly IfsReturn[]): Plain[] {
  return wanted.flatMap(({ ref, reference }): Plain[] => {
    const ours = rmas.filter((rma) => rma.reference === reference);
    const live = ours.filter((rma) => !isDead(rma)).map(({ rmaNo }) => rmaNo);
    if (live.length > 1) {
      return [
        {
          kind: "returnDouble",
          detail: `${live.length} live RMAs of one return: ${live.join(", ")}. Cancel all but one`,
        },
      ];
    }
    const rmaNo = recorded?.find((one) => one.ref === ref)?.rmaNo ?? "";
    if (rmaNo !== "") {
      const seen = rmas.some((rma) => rma.rmaNo === rmaNo);
      return seen ? [] : [{ kind: "returnMissing", detail: `recorded as RMA ${rmaNo}, which cannot be seen in IFS` }];
    }
    const [only] = ours;
    return only
      ? [
          {
            kind: "returnNotLinked",
            detail: `RMA ${only.rmaNo} (${only.state}) carries its reference, and it is not recorded`,
          },
        ]
      : [{ kind: "returnMissing", detail: `return ${reference} is not in IFS` }];
  });
}

function findingOf(
  { config, clock }: ReconcileDeps,
  shop: ShopFacts,
  { kind, detail, exception }: Plain & { readonly exception: string | undefined },
): Finding {
  const now = clock.now();
  // A second RMA is never in order, whoever knows of it.
  const reason = kind === "returnDouble" ? null : reasonOf(config, shop, { now, exception });
  const orderNos = shop.orderNo === undefined ? [] : [shop.orderNo];
  return { kind, orderId: shop.id, label: shop.label, orderNos, ageSeconds: ageOf(shop, { now }), detail, reason };
}

function reasonOf(
  config: ReconcileDeps["config"],
  { claim, lastModifiedAt }: ShopFacts,
  { now, exception }: { readonly now: number; readonly exception: string | undefined },
): Finding["reason"] {
  if (exception !== undefined) return { kind: "exception", text: `exception ${exception} is open` };
  const busy = claim && claim.phase !== "linked" && claim.phase !== "cancelled";
  if (busy && now < freeAt(claim, config.orders.lateCommitWaitSeconds * 1000) + turnMs(config)) {
    return { kind: "claim", text: `the order is being worked on (phase ${claim.phase})` };
  }
  return now - Date.parse(lastModifiedAt) < turnMs(config) ? { kind: "recent", text: "changed a moment ago" } : null;
}
