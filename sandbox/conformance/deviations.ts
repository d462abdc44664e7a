import type { IfsSettings } from "../ifs/settings.ts";

/** One request on its way to the model, as the checks' client sends it. */
export type Sent = { url: string; init: RequestInit & { method: string } };

export type Forward = (sent: Sent) => Promise<Response>;

/** What a server that is not IFS makes of a request. */
export type Distortion = (sent: Sent, forward: Forward) => Promise<Response>;

/** A way of not being IFS: another position of a switch, or answers that are not IFS's. */
export type Deviation = { settings: Partial<IfsSettings> } | { distort: Distortion };

const set = (settings: Partial<IfsSettings>): Deviation => ({ settings });

const fits = (pattern: RegExp, { url }: Sent) => pattern.test(decodeURIComponent(url));

async function rebuilt(response: Response, change: { text?: string; status?: number; headers?: Headers }) {
  const status = change.status ?? response.status;
  const empty = status === 204 || status === 304;
  const text = change.text ?? (await response.text());
  return new Response(empty ? null : text, { status, headers: change.headers ?? response.headers });
}

/** Bodies with another text in place of one. */
const says = (from: RegExp | string, to: string, where = /./): Deviation => ({
  distort: async (sent, forward) => {
    const response = await forward(sent);
    if (!fits(where, sent)) return response;
    return rebuilt(response, { text: (await response.text()).replaceAll(from, to) });
  },
});

/** Another status for some answers, with or without another body. */
const answers = (where: RegExp, from: (status: number) => boolean, status: number, text?: string): Deviation => ({
  distort: async (sent, forward) => {
    const response = await forward(sent);
    return fits(where, sent) && from(response.status) ? rebuilt(response, { status, text }) : response;
  },
});

const refused = (status: number) => status >= 400;
const any = () => true;

/** Says that it did something and did not. */
const pretends = (method: string, where: RegExp, status = 204): Deviation => ({
  distort: async (sent, forward) => {
    if (sent.init.method !== method || !fits(where, sent)) return forward(sent);
    return new Response(status === 204 ? null : "{}", { status, headers: { "content-type": "application/json" } });
  },
});

const readsUrl = (from: RegExp | string, to: string): Deviation => ({
  distort: (sent, forward) => forward({ ...sent, url: sent.url.replace(from, to) }),
});

const readsBody = (from: string, to: string): Deviation => ({
  distort: ({ url, init }, forward) => {
    const body = typeof init.body === "string" ? init.body.replaceAll(from, to) : init.body;
    return forward({ url, init: { ...init, body } });
  },
});

const readsHeaders = (change: (headers: Headers, method: string) => void): Deviation => ({
  distort: ({ url, init }, forward) => {
    const headers = new Headers(init.headers);
    change(headers, init.method);
    return forward({ url, init: { ...init, headers } });
  },
});

const answersHeader = (name: string, value: string): Deviation => ({
  distort: async (sent, forward) => {
    const response = await forward(sent);
    const headers = new Headers(response.headers);
    headers.set(name, value);
    return rebuilt(response, { headers });
  },
});

const ignoresControl = (path: string) => pretends("POST", new RegExp(`/sandbox/${path}`), 200);
const emptyList = '{"value":[]}';

/** For each check one way of not being IFS that it must notice. */
export const deviations: Record<string, Deviation> = {
  "token.client-credentials": set({ tokenSeconds: 3600 }),
  "token.scope-optional": says(/"scope":"[^"]*"/g, '"scope":"openid"'),
  "token.refused": answers(/\/token$/, refused, 200, '{"access_token":"x"}'),
  "token.discovery": says(/"token_endpoint":"[^"]*"/g, '"token_endpoint":"http://elsewhere/token"'),
  "token.none-or-forged": answers(/Stock/, refused, 403),
  "token.expires": answers(/Reference_CompanySite/, refused, 200, emptyList),
  "path.unknown-projection": says("Metadata not found.", "Not found."),
  "path.page-projection-under-int": readsUrl("/int/", "/main/"),
  "path.service-document": says("CustomerOrderLineSet", "OrderLinesArray", /\.svc\/$/),
  "path.catalogue": says("CustomerOrderHandling", "Other", /Projections/),
  "metadata.shape": says('Precision="130"', 'Precision="38"'),
  "metadata.bookkeeping": says('Name="luname"', 'Name="Objversion"'),
  "metadata.actions": set({ releaseActionName: "CustomerOrder_SetReleased" }),
  "metadata.single-occurrence-address": set({ singleOccurrenceAddress: "headerFields" }),
  "grants.other-site": answers(/NOSIT/, any, 403, "{}"),
  "grants.site-taken": ignoresControl("grants"),
  "grants.projection-taken": ignoresControl("grants"),
  "grants.projections": answers(/PaymentTermSet/, any, 403, "{}"),
  "row.bookkeeping": says('"Objgrants":null,', ""),
  "row.keyref": says("ORDER_NO=", "ORDERNO="),
  "row.context": says("(PartNo,LocationNo)", ""),
  "etag.everywhere": says('"@odata.etag":', '"@odata.tag":', /CustomerOrderSet\?/),
  "etag.header": set({ etagHeader: false }),
  "etag.form": answersHeader("etag", '"1"'),
  "etag.if-none-match": {
    distort: async (sent, forward) =>
      new Headers(sent.init.headers).has("if-none-match") ? new Response(null, { status: 304 }) : forward(sent),
  },
  "type.decimal": set({ decimalsAsStrings: true }),
  "type.enumeration": says(/"Objstate":"\w+"/g, '"Objstate":"1"'),
  "type.flag": says('"FetchTaxFromDefaults":"TRUE"', '"FetchTaxFromDefaults":true'),
  "type.date": says("T00:00:00Z", "T00:00:00.000Z"),
  "key.composite": answers(/ActivitySeq=/, any, 404, "{}"),
  "key.encoded-slash": set({ encodedSlashInKeys: "refuse" }),
  "filter.comparison-logic-arithmetic": readsUrl("%20gt%20", "%20ge%20"),
  "filter.text-functions": answers(/startswith\(/, any, 501, "{}"),
  "filter.date-functions": answers(/year\(/, any, 501, "{}"),
  "filter.quotes": answers(/NO''SUCH/, any, 400, "{}"),
  "filter.enumeration": readsUrl(/%20ne%20IfsApp/, "%20eq%20IfsApp"),
  "filter.enumeration-as-text": answers(/'Planned'/, refused, 200, emptyList),
  "filter.unknown-property": says("Malformed Request.", "Bad request."),
  "filter.left-out": set({ notImplementedStatus: 400 }),
  "filter.in": set({ inOperator: "accept" }),
  "filter.null": set({ nullComparison: "odata" }),
  "select.navigation": answers(/\$select=OrderLinesArray/, refused, 200, emptyList),
  "select.refused": set({ selectRefusedOn: ["SitesHandling/Reference_CompanySite"] }),
  "expand.to-one": says('"Description":', '"Text":'),
  "expand.array": set({ notImplementedStatus: 500 }),
  "order.by": readsUrl("%20desc", ""),
  "page.top": says('"value":[', '"@odata.nextLink":"x","value":['),
  "page.skip": readsUrl("&$skip=3", ""),
  "page.next-link": set({ nextLinkWithoutTop: false }),
  "page.count": set({ countSupport: "all" }),
  "url.encoded-dollar": set({ encodedOptionNames: "accept" }),
  "url.length": set({ maxUrlLength: 4000 }),
  "filter.slow": ignoresControl("settings"),
  "lines.across-orders": set({ linesAcrossOrders: false }),
  "lines.of-order": answers(/CustomerOrderLineSet\?/, any, 200, emptyList),
  "if-match.missing": set({ missingPrecondition: "400-code" }),
  "if-match.stale": set({ stalePrecondition: "500-modified" }),
  "if-match.star": {
    distort: async (sent, forward) =>
      new Headers(sent.init.headers).get("if-match") === "*" ? new Response("{}", { status: 412 }) : forward(sent),
  },
  "if-match.star-inserts-nothing": readsHeaders((headers) => headers.delete("if-match")),
  "etag.changes": set({ objversionResolution: "seconds" }),
  "patch.answer": set({ patchAnswer: "empty" }),
  "patch.without-if-match": set({ patchWithoutIfMatch: "refuse" }),
  delete: readsHeaders((headers, method) => {
    if (method === "DELETE") headers.set("if-match", "*");
  }),
  "create.answer": answers(/CustomerOrderSet$/, (status) => status === 201, 200),
  "create.twice": says("already exists", "is there"),
  "body.bookkeeping": set({ bookkeepingInBodies: "ignore" }),
  "batch.reads": answersHeader("content-type", "application/json"),
  "batch.continue-on-error": readsHeaders((headers) => headers.delete("prefer")),
  "batch.bad-framing": answers(/\$batch/, (status) => status === 400, 200),
  "batch.other-projection": says("HTTP/1.1 404", "HTTP/1.1 200"),
  "batch.content-id": set({ contentIdEcho: false }),
  "batch.size": set({ maxBatchParts: 2000 }),
  "batch.read-in-change-set": says("HTTP/1.1 400", "HTTP/1.1 200"),
  "batch.change-set": set({ changeSets: "nonAtomic" }),
  "batch.failure-form": set({ changeSetFailureForm: "perRequest" }),
  "batch.business-error": set({ batchBusinessErrorStatus: 500 }),
  "batch.whole-order": set({ childKeysOptional: false }),
  "batch.release-in-change-set": set({ releaseInChangeSet: "refuse" }),
  "batch.lost-reference": set({ changeSets: "nonAtomic" }),
  "action.scalar": says(/"value":"(\d+)"/g, '"value":$1'),
  "action.unknown": answers(/NoSuchAction/, refused, 501),
  "action.unbound": set({ voidActionStatus: 200 }),
  "function.default": set({ defaultFunctions: false }),
  "function.unbound": answers(/AssociationNoExist/, any, 404),
  "selection.json-array": says("ORA-40441", "ORA-0"),
  "time.site-digits": set({ timeZoneAwareProjections: [] }),
  "time.now": set({ siteTimeZones: { "101": "Asia/Kolkata" } }),
  "time.write": set({ timeZoneAwareProjections: [] }),
  "time.zone-of-order": readsUrl("%20ge%20", "%20gt%20"),
  "error.missing-row": set({ missingRowCode: "ITEM_NOT_EXIST" }),
  "error.unknown-set": answers(/NoSuchSet/, refused, 400),
  "error.shape": says('"details"', '"detail"'),
  "error.business": set({ businessErrorStatus: 400 }),
  "error.de-serialization": says("ODP_DESERIALIZATION_ERROR", "ODP_ERROR"),
  "error.stale-metadata": set({ staleMetadataFailures: 2 }),
  "order.number": set({ orderNoInsertable: "ignore" }),
  "order.created": says('"Objstate":"Planned"', '"Objstate":"Released"'),
  "order.header-defaults": set({ headerDefaults: "strict" }),
  "line.defaults": set({ lineMandatory: ["CatalogNo"] }),
  "line.frozen-price": readsBody('"PriceFreeze":"Frozen"', '"PriceFreeze":"Free"'),
  "line.quantity": set({ quantityMismatch: "keep" }),
  "charge.discount-sign": set({ discountChargeSign: "negated" }),
  "order.totals": says(/"TotTaxAmtCurr":[\d.]+/g, '"TotTaxAmtCurr":null'),
  "order.release": pretends("POST", /CustomerOrder_Release/),
  "order.release-empty": answers(/CustomerOrder_Release/, refused, 204),
  "order.cancel": set({ cancelReasonParameter: false }),
  "page.drift": readsUrl("&$skip=2", "&$skip=3"),
  "stock.available": says(/"QtyReserved":[\d.]+/g, '"QtyReserved":9999'),
  "stock.zero-rows": says('"QtyOnhand":0', '"QtyOnhand":1'),
  "stock.not-for-sale": says('"FreezeFlagDb":true', '"FreezeFlagDb":false'),
  "stock.joker": says('"SerialNo":"*"', '"SerialNo":""'),
  "part.without-stock": says(/"CatalogTypeDb":"\w+"/g, '"CatalogTypeDb":"INV"'),
  "price.lists": says(/"MinQuantity":[\d.]+/g, '"MinQuantity":null'),
  "price.query": pretends("POST", /CleanPriceQuery/),
  "invoice.no-order": says('Name="InvoiceDate"', 'Name="OrderNo"'),
  "invoice.number-on-line": set({ cfInvoiceNo: true }),
  "history.columns": says('Name="OldValue"', 'Name="Before"'),
  "history.order": set({ historyLog: ["CustomerOrder"] }),
  "flow.reservation": set({ reservationMovesLastActivityDate: false }),
  "flow.transaction-moves-date": says(/"LastActivityDate":"[^"]*"/g, '"LastActivityDate":"2026-01-01T00:00:00Z"'),
  "flow.credit-check": set({ creditCheck: false }),
  "flow.shipment": set({ trackingField: "ProNo" }),
  "flow.cancel-late": answers(/CustomerOrder_Cancel/, refused, 204),
  "flow.invoice": set({ cfInvoiceNo: true }),
  "flow.cancel-gives-back": pretends("POST", /CustomerOrder_Cancel/),
  "flow.return": pretends("POST", /ReturnMaterial_Release/),
  "fault.throttled": ignoresControl("faults"),
  "fault.unavailable": ignoresControl("faults"),
  "fault.latency": ignoresControl("faults"),
  "fault.lost-response": ignoresControl("faults"),
  "fault.reset": ignoresControl("faults"),
};

/** Further switches, each with the check that must notice its other position. */
export const noticedSwitches: { settings: Partial<IfsSettings>; check: string }[] = [
  { settings: { nextLinkForm: "relative" }, check: "page.next-link" },
  { settings: { maxTop: 1 }, check: "page.top" },
  { settings: { patchAnswer: "empty" }, check: "patch.answer" },
  { settings: { changeSets: "refuse" }, check: "batch.whole-order" },
  { settings: { lineInsertTouchesHeader: true }, check: "batch.release-in-change-set" },
  { settings: { cancelActionName: "CustomerOrder_SetCancelled" }, check: "order.cancel" },
  { settings: { lineCancelActionName: "CustomerOrderLine_SetCancelled" }, check: "metadata.actions" },
  { settings: { cancelReasonRequired: false }, check: "order.cancel" },
  { settings: { priceFreezeFrozenMember: "FrozenPrice" }, check: "line.frozen-price" },
  { settings: { priceFreezeFreeMember: "NotFrozen" }, check: "line.frozen-price" },
  { settings: { addressArrayName: "AddressArray" }, check: "metadata.single-occurrence-address" },
  { settings: { headerMandatory: ["LanguageCode"] }, check: "order.created" },
  { settings: { chargeMandatory: ["ChargeCostPercent"] }, check: "charge.discount-sign" },
  { settings: { shipmentAfterDelivery: "Closed" }, check: "flow.shipment" },
  { settings: { orderNoInsertable: "refuse" }, check: "order.number" },
  { settings: { notImplementedStatus: 500 }, check: "filter.left-out" },
  { settings: { renames: { "CustomerOrderHandling/CustomerOrderSet/ExternalRef": "Ref" } }, check: "order.created" },
  { settings: { memberNames: { "CustomerOrderState/Planned": "New" } }, check: "order.created" },
  {
    settings: {
      propertyTypes: { "CustomerOrderHandling/CustomerOrderSet/OrderLinesArray/PlannedDueDate": "timestamp" },
    },
    check: "type.date",
  },
  { settings: { hiddenProperties: ["CustomerOrdersHandling/CustomerOrderSet/TotTaxAmtCurr"] }, check: "order.totals" },
];
