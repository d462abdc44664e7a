/**
 * The positions of the platforms' switches that differ from the default: what nobody knows about either platform, one reading per row.
 * Every switch has a row, or a reason why the stories have no use for one.
 */
import type { CommercetoolsSettings } from "../sandbox/commercetools/settings.ts";
import type { IfsSettings } from "../sandbox/ifs/settings.ts";
import type { Document } from "./install.ts";

type Positions<S> = { readonly [K in keyof S]: { readonly [P in K]: S[P] } }[keyof S];

export type IfsPosition = {
  readonly settings: Positions<IfsSettings>;
  /** What a merchant with such a tenant configures; most need nothing. */
  readonly configuration?: Document;
};

const ifs = (settings: Positions<IfsSettings>, configuration?: Document): IfsPosition => ({ settings, configuration });
const binding = (words: Document): Document => ({ ifs: { binding: words } });

export const headerAddress = {
  singleOccurrence: { place: "header" },
  orderAddress: {
    fields: {
      name: "SingleOccName",
      address1: "SingleOccAddress1",
      address2: "SingleOccAddress2",
      zipCode: "SingleOccZipCode",
      city: "SingleOccCity",
      state: "SingleOccState",
      county: "SingleOccCounty",
      countryCode: "SingleOccCountryCode",
    },
  },
} satisfies Document;

const joined = {
  openDemand: {
    projection: "CustomerOrderLinesHandling",
    set: "CustomerOrderJoinSet",
    fields: { noteText: null },
  },
} satisfies Document;

export const ifsPositions: readonly IfsPosition[] = [
  ifs({ missingPrecondition: "400-code" }),
  ifs({ patchWithoutIfMatch: "refuse" }),
  ifs({ stalePrecondition: "500-modified" }),
  ifs({ patchAnswer: "empty" }),
  ifs({ voidActionStatus: 200 }),
  ifs({ notImplementedStatus: 400 }),
  ifs({ notImplementedStatus: 500 }),
  ifs({ staleMetadataFailures: 2 }),
  ifs({ bookkeepingInBodies: "ignore" }),
  ifs({ orderNoInsertable: "ignore" }),
  ifs({ orderNoInsertable: "refuse" }),
  ifs({ changeSets: "refuse" }),
  ifs({ changeSets: "nonAtomic" }),
  ifs({ changeSetFailureForm: "perRequest" }),
  ifs({ contentIdEcho: false }),
  ifs({ readsInBatch: "refuse" }),
  ifs({ maxBatchParts: 2 }),
  ifs({ childKeysOptional: false }),
  ifs({ releaseInChangeSet: "refuse" }),
  ifs({ lineInsertTouchesHeader: true }),
  ifs({ cancelReasonParameter: false }, binding({ actions: { cancelReason: null } })),
  ifs({ cancelReasonRequired: false }),
  ifs({ defaultFunctions: false }),
  ifs({ inOperator: "accept" }),
  ifs({ nullComparison: "odata" }),
  ifs({ encodedOptionNames: "accept" }),
  ifs({ selectRefusedOn: ["CustomerOrderHandling/CustomerOrderSet", "ShipmentHandling/ShipmentSet"] }),
  ifs({ nextLinkWithoutTop: false }),
  ifs({ nextLinkForm: "relative" }),
  ifs({ pageSize: 50 }),
  ifs({ maxTop: 100 }),
  ifs({ countSupport: "all" }),
  ifs({ countSupport: "none" }),
  ifs({ maxUrlLength: 2048 }, binding({ maxUrlLength: 2000 })),
  ifs({ encodedSlashInKeys: "refuse" }),
  ifs({ decimalsAsStrings: true }),
  ifs({ etagHeader: false }),
  ifs({ objversionResolution: "seconds" }),
  ifs({ timeZoneAwareProjections: [] }),
  ifs({ reservationMovesLastActivityDate: false }),
  ifs({ businessErrorStatus: 400 }),
  ifs({ batchBusinessErrorStatus: 500 }),
  ifs({ missingRowCode: "ITEM_NOT_EXIST" }),
  ifs({ quantityMismatch: "recompute" }),
  ifs({ quantityMismatch: "keep" }),
  ifs({ taxPriceMismatch: "refuse" }),
  ifs({ currencyRateMismatch: "refuse" }),
  ifs({ currencyRateMismatch: "keep" }),
  ifs({ headerDefaults: "strict" }),
  ifs({ trackingField: "AirwayBillNo" }, binding({ shipment: { fields: { trackingNumber: "AirwayBillNo" } } })),
  ifs({ trackingField: "ProNo" }, binding({ shipment: { fields: { trackingNumber: "ProNo" } } })),
  ifs({ shipmentAfterDelivery: "Closed" }),
  ifs({ qtyInvoicedUnit: "inventory" }),
  ifs({ totalTaxIncludesCharges: true }),
  ifs({ singleOccurrenceAddress: "headerFields" }, binding(headerAddress)),
  ifs({ linesAcrossOrders: false }, binding(joined)),
  ifs({ cfInvoiceNo: true }),
  ifs({ historyLog: ["CustomerOrder", "CustomerOrderLine"] }),
  ifs({ unindexedFilterDelayMs: 400 }),
  ifs({ tokenSeconds: 35 }),
  ifs({ creditCheck: false }),
  ifs({ headerAddressChange: "linesFollow" }),
  ifs({ enumAsText: "accept" }),
  ifs({ freezeMovesLastActivityDate: false }),
  ifs({ errorAnswers: { ODP_MALFORMED_REQUEST: "400 BAD_REQUEST", ODP_RESOURCE_NOTFOUND: "404 NOT_FOUND" } }),
  ifs({ taxOverride: "ignore" }),
  ifs({ taxOverride: "refuse" }, binding({ constants: { taxedLine: { FetchTaxFromDefaults: "TRUE" } } })),
  ifs({ siteGrantsFilter: false }),
  ifs({ maxRequestsPerMinute: 600 }),
];

/** Names and spellings are the renamed tenant's, zones the one's in other zones; the rest decides nothing here. */
export const ifsElsewhere: Readonly<Partial<Record<keyof IfsSettings, string>>> = {
  releaseActionName: "tenant renamed",
  cancelActionName: "tenant renamed",
  lineCancelActionName: "tenant renamed",
  supplyFromStockMember: "tenant renamed",
  priceFreezeFrozenMember: "tenant renamed",
  priceFreezeFreeMember: "the connector never frees a price",
  addressArrayName: "tenant renamed",
  renames: "tenant renamed",
  memberNames: "tenant renamed",
  propertyTypes: "tenant renamed",
  hiddenProperties: "tenant renamed",
  serverTimeZone: "tenant other-time-zone",
  siteTimeZones: "tenant other-time-zone",
  refusedFilterValues: "a story of its own, refused-part.test.ts: each value concerns the lists that name it",
  discountChargeSign: "a story of its own: it decides about money",
  headerMandatory: "what a tenant asks for beyond the connector's fields is `extra` of a route",
  lineMandatory: "what a tenant asks for beyond the connector's fields is a constant of the binding",
  chargeMandatory: "what a tenant asks for beyond the connector's fields is a constant of the binding",
  customerNumberSeries: "customers are found or copied in customer.test.ts",
  eventActions: "e2e/served/ifs-events.test.ts: hints only make polling faster",
  eventDelayMs: "as eventActions",
  eventOrder: "as eventActions",
  eventRepeats: "as eventActions",
  eventRetries: "as eventActions",
  rowversionField: "the connector reads no such field",
  unindexedProperties: "slowness is what deadlines are for: client.test.ts",
  textValues: "spellings of location types and owners are settings of the formula: formula.test.ts",
};

type CommercetoolsPosition = Positions<CommercetoolsSettings>;

export const commercetoolsPositions: readonly CommercetoolsPosition[] = [
  { syncInfoSameChannel: "append" },
  { syncInfoPredicates: false },
  { customObjectVersionZero: "noVersion" },
  { orderStockRaisesVersion: false },
  { stockLagMs: 10_000 },
  { absoluteWriteDuringLag: "saleLost" },
  { negativeChangeQuantity: "refuse" },
  { cancellationRestocks: true },
  { importLineItemStateMessage: true },
  { businessErrorStatus: 409 },
  { notEqualMatchesMissing: false },
  { customObjectSameValueRaisesVersion: false },
  { versionStep: "perAction" },
  { subscriptionDelayMs: 30_000 },
  { orderQueryLagMs: 5000 },
  { accessTokenSeconds: 35 },
  { notificationLimitBytes: 1000 },
  { customerExternalIdSetMessage: false },
  // Every GraphQL query is refused: entries are read by REST.
  { graphqlMaxFields: 1 },
];

export const commercetoolsElsewhere: Readonly<Partial<Record<keyof CommercetoolsSettings, string>>> = {
  extensionsOnOrderImport: "the stories import no orders",
  extensionsOnRecurringOrder: "the stories have no recurring orders",
  extensionDelayMs: "the stories of the switches arm no Extension",
  extensionOrderId: "as extensionDelayMs; every other seed of the proof of the check has it",
  temporaryErrorRetryMs: "the queue takes everything here",
  configurationErrorRetryMs: "the queue takes everything here",
  importDelayMs: "the load of a channel is e2e/served/stock-load.test.ts",
  orderEditRead: "the connector makes no Order Edits; people's are in after-export.test.ts",
  orderEditDryRunStores: "as orderEditRead",
  orderEditMovesStock: "drawn by the seeds of the stock proof that edit orders",
  orderEditClosedOrders: "as orderEditRead",
  documentLimitBytes: "far above what the connector writes",
};
