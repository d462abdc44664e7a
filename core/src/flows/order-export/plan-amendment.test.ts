/** Package parts: IFS shows lines for their components, below the line that was ordered. */
import { expect, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { CatalogNo } from "../../domain/ids.ts";
import type { AmendableOrder, IfsOrderLine } from "../../domain/ifs-records.ts";
import { ifsFingerprint } from "./fingerprint.ts";
import { handDifferences } from "./hand-entry.ts";
import { toCustomerOrder } from "./map.ts";
import { webshopCustomer } from "./map-header.ts";
import { parseOrder } from "./parse.ts";
import { planAmendment } from "./plan-amendment.ts";
import { configWith, partOf } from "./testing/config.ts";
import { lineOf, netOrder } from "./testing/orders.ts";
import { createWorld, START } from "./testing/world.ts";

function mapped(order: unknown) {
  const shop = parseOrder(order);
  const config = configWith();
  const [route] = config.routes;
  if (!shop.ok || !route) throw new Error("not parsed");
  const draft = toCustomerOrder(shop.value, {
    ...{ route, config, salesParts: [partOf("A-1"), partOf("B-2")], customer: webshopCustomer(route) },
    ...{ facts: { channels: [], currency: "EUR" }, now: START },
  });
  if (!draft.ok) throw new Error(draft.error.message);
  return { shop: shop.value, draft: draft.value.draft };
}

/** What IFS shows of the order once its first line is a package, with one component under the same reference. */
function packaged(component: Partial<IfsOrderLine>): AmendableOrder {
  const { draft } = mapped(netOrder());
  const document = createWorld().commit(draft);
  const [first, ...others] = document.lines;
  if (!first) throw new Error("no line");
  const part = { ...first, lineItemNo: "1", catalogNo: "NUT" as CatalogNo, grossAmountCurr: decimal(0), ...component };
  const { customerPoNo = null, custRef = null, noteText = null, shipViaCode = null } = draft.header;
  return {
    document: { ...document, lines: [part, { ...first, lineItemNo: "-1" }, ...others] },
    head: { customerPoNo, custRef, noteText, shipViaCode },
    shipTo: draft.shipTo,
    tags: { shipTo: undefined, lines: new Map() },
  };
}

test.each<[string, Partial<IfsOrderLine>, string]>([
  ["nothing of its component is reserved", {}, "beforeReservation"],
  ["its component is reserved", { qtyAssigned: decimal("1") }, "reserved"],
  ["its component was cancelled by people", { qtyAssigned: decimal("1"), state: "Cancelled" }, "beforeReservation"],
])("a package is amended as one line that has come as far as its components: %s", (_, component, progress) => {
  const found = packaged(component);
  expect(planAmendment(mapped(netOrder()), found)).toEqual({ amendments: [], byHand: [] });
  const other = { sku: "B-2", quantity: 2, price: 750, total: 1500, net: 1500, gross: 1605, rate: 0.07 };
  const less = { sku: "A-1", quantity: 2, price: 1999, total: 3998, net: 3998, gross: 4758, rate: 0.19 };
  const edited = mapped({ ...netOrder(), lineItems: [lineOf(less, false), lineOf(other, false)] });
  const { amendments, byHand } = planAmendment(edited, found);
  expect([byHand, amendments.map((one) => [one.kind, one.progress, one.cause])]).toEqual([
    [],
    [["quantity", progress, "line 1/1/-1 (A-1): quantity 3 -> 2"]],
  ]);
});

test.each([
  ["whatever reference they carry", {}],
  ["without a reference", { lineRef: null }],
])(
  "the components of a package change no digest of what IFS shows, and nothing entered by hand: %s",
  (_, component) => {
    const { document } = packaged(component);
    const ordered = { ...document, lines: document.lines.slice(1) };
    const head = { shipTo: undefined };
    expect(ifsFingerprint(document, head)).toBe(ifsFingerprint(ordered, head));
    const config = configWith();
    const [route] = config.routes;
    expect(handDifferences(netOrder(), { document, config, route })).toEqual([]);
  },
);
