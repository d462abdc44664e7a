import { type EventAction, parseEventActions } from "./events/event-action.ts";

/**
 * Booleans as `TRUE`/`FALSE` texts or as FndBoolean, timestamps as days and days as timestamps, enumerations as texts, texts that
 * are countries as members of the lookup enumeration.
 */
const propertyTypes = ["flag", "fndBoolean", "date", "timestamp", "text", "isoCountry"] as const;

export type PropertyType = (typeof propertyTypes)[number];

/**
 * What no public source settles about IFS Cloud is a switch here, so that a client can be tried against each reading.
 * Changed at run time with `POST /sandbox/settings` (any subset), read with GET.
 */
export type IfsSettings = {
  /** Answer to PATCH, DELETE or a bound action without If-Match where a precondition is needed. */
  missingPrecondition: "428" | "400-code";
  /** PATCH without If-Match: creates or updates the row, or is refused like a missing precondition. */
  patchWithoutIfMatch: "upsert" | "refuse";
  /** Answer to a stale ETag. */
  stalePrecondition: "412" | "409" | "500-modified";
  /** PATCH answers with the row, or with 204 and nothing. */
  patchAnswer: "row" | "empty";
  /** Status of a bound or unbound action that gives nothing back. */
  voidActionStatus: 204 | 200;
  /** Status under which ODP_NOT_IMPLEMENTED travels. */
  notImplementedStatus: 501 | 400 | 500;
  /** How many calls to a projection fail with MI_MODIFIED_ERROR after its deployment. */
  staleMetadataFailures: number;
  /** Luname, keyref, Objgrants and Objstate in a body that is written back: passed over, or refused. */
  bookkeepingInBodies: "ignore" | "refuse";
  /** What a sent OrderNo does on create. */
  orderNoInsertable: "accept" | "ignore" | "refuse";
  /** Change sets in `$batch`: all or nothing, refused, or (a broken gateway) each part on its own. */
  changeSets: "atomic" | "refuse" | "nonAtomic";
  /** A failed change set answers with one error, or with one piece per request. */
  changeSetFailureForm: "single" | "perRequest";
  /** Content-ID is repeated in each piece of a batch answer. */
  contentIdEcho: boolean;
  /** Reads beside the change set of a batch. */
  readsInBatch: "accept" | "refuse";
  /** Most parts that one batch may have; 0 = no limit. */
  maxBatchParts: number;
  /** Lines and charges inside a change set may leave out OrderNo and Identity1. */
  childKeysOptional: boolean;
  /** The release action may stand in the change set that creates the order. */
  releaseInChangeSet: "allow" | "refuse";
  /** Inserting a line or charge changes the header's version, so that `If-Match: $1` is stale afterwards. */
  lineInsertTouchesHeader: boolean;
  /** Whether lines that go to the order's address follow a change of it, or stay as they are until changed themselves. */
  headerAddressChange: "headerOnly" | "linesFollow";
  releaseActionName: string;
  cancelActionName: string;
  lineCancelActionName: string;
  /** The cancel actions take the reason; otherwise it must be on the row before. */
  cancelReasonParameter: boolean;
  /** `{Entity}_Default` is there. */
  defaultFunctions: boolean;
  /** Cancelling needs a reason. */
  cancelReasonRequired: boolean;
  /** Member of the line's SupplyCode for supply from stock. */
  supplyFromStockMember: string;
  priceFreezeFrozenMember: string;
  priceFreezeFreeMember: string;
  /** `Field in ('a','b')` in a filter. */
  inOperator: "refuse" | "accept";
  /** A member of an enumeration written as a plain text in a filter. */
  enumAsText: "refuse" | "accept";
  /** How NULL compares: never equal and never unequal, or as OData says. */
  nullComparison: "sql" | "odata";
  /** An option whose `$` was encoded (`%24filter`) counts, or is a stranger's and passed over. */
  encodedOptionNames: "accept" | "ignore";
  /** Sets that refuse `$select`: `Projection/Set`. */
  selectRefusedOn: string[];
  /** A read without `$top` is cut into pages with `@odata.nextLink`. */
  nextLinkWithoutTop: boolean;
  nextLinkForm: "absolute" | "relative";
  /** Rows per page without `$top`. */
  pageSize: number;
  /** A larger `$top` is cut to this without a word; 0 = never. */
  maxTop: number;
  /** `$count=true` works on all sets, on those known to have it, or nowhere. */
  countSupport: "all" | "some" | "none";
  /** Longest path with query, in characters; longer ones answer 414. 0 = no limit. */
  maxUrlLength: number;
  /** Texts that no filter may name: a gateway in front, or a row that cannot be computed, refuses every list that asks for one. */
  refusedFilterValues: string[];
  /** A `%2F` inside a key value: gateways in front of the provider may refuse it with 400. */
  encodedSlashInKeys: "accept" | "refuse";
  /** Decimals leave as JSON strings (IEEE754Compatible) instead of numbers. */
  decimalsAsStrings: boolean;
  /** `ETag` header on answers that carry one row. */
  etagHeader: boolean;
  /** The version inside the ETag is unique per write, or has the seconds of the change only. */
  objversionResolution: "unique" | "seconds";
  /** Projections on which `X-Ifs-Time-Zone-Aware-Request: true` turns timestamps into real UTC. */
  timeZoneAwareProjections: string[];
  /** Zone of rows that belong to no site. */
  serverTimeZone: string;
  /** Zones of sites (Contract -> IANA zone) that differ from the company's basic data. */
  siteTimeZones: Record<string, string>;
  /** A reservation moves the stock row's LastActivityDate. */
  reservationMovesLastActivityDate: boolean;
  /** Freezing a stock row or letting it go moves its LastActivityDate. */
  freezeMovesLastActivityDate: boolean;
  /** How the amount of a DISCOUNT charge counts: as sent, with its sign turned, or refused when negative. */
  discountChargeSign: "asSent" | "negated" | "negativeRefused";
  /** HTTP status of a refusal by a business rule, outside and inside of `$batch`. */
  businessErrorStatus: 500 | 400;
  batchBusinessErrorStatus: 500 | 400;
  missingRowCode: "ODP_RESOURCE_NOTFOUND" | "ITEM_NOT_EXIST";
  /** Code of the model -> `status CODE` of the tenant, as in `ODP_MALFORMED_REQUEST` -> `400 BAD_REQUEST`. */
  errorAnswers: Record<string, string>;
  /** RevisedQtyDue that is not BuyQtyDue x ConvFactor, or a ConvFactor that is not the sales part's. */
  quantityMismatch: "refuse" | "recompute" | "keep";
  /** An amount of the given price that the line's own tax does not explain (UnitPriceInclTax and the like). */
  taxPriceMismatch: "recompute" | "refuse";
  /** A tax code of the caller (`FetchTaxFromDefaults` FALSE) on a line that has another by default. */
  taxOverride: "accept" | "ignore" | "refuse";
  /** A CurrencyRate or base price of the caller that is not the company's own. */
  currencyRateMismatch: "recompute" | "refuse" | "keep";
  /** Properties that a new header must carry, beyond those that every reading asks for. */
  headerMandatory: string[];
  /** Properties that a new line must carry. */
  lineMandatory: string[];
  /** Properties that a new charge must carry. */
  chargeMandatory: string[];
  /** Missing header fields come from customer and site, or are refused. */
  headerDefaults: "fromCustomer" | "strict";
  /** A number series gives new customers their CustomerId; otherwise it must be sent. */
  customerNumberSeries: boolean;
  /** Property of the shipment that people put the carrier's number into. */
  trackingField: "ConsignmentNoteId" | "AirwayBillNo" | "ProNo";
  /** State of a shipment whose goods have left. */
  shipmentAfterDelivery: "Completed" | "Closed";
  /** Unit of the line's QtyInvoiced. */
  qtyInvoicedUnit: "sales" | "inventory";
  /** TotTaxAmtCurr counts the tax of the charges too. */
  totalTaxIncludesCharges: boolean;
  /** Where the single-occurrence address lives: a child array of the order, or fields of the header. */
  singleOccurrenceAddress: "childArray" | "headerFields";
  addressArrayName: string;
  /** The order's lines can be read across orders (`CustomerOrderLineSet` by Contract and PartNo). */
  linesAcrossOrders: boolean;
  /** Tenant's own field with the ledger invoice number on order lines. */
  cfInvoiceNo: boolean;
  /** Logical units whose history is logged. */
  historyLog: string[];
  /** Events on logical units whose action is a REST call. */
  eventActions: EventAction[];
  /** How long such a call waits in its queue. */
  eventDelayMs: number;
  /** Calls leave in the order of their causes, or in any. */
  eventOrder: "queued" | "shuffled";
  /** How often a call that arrived is made again. */
  eventRepeats: number;
  /** How often a call that failed is tried again before it waits for an administrator. */
  eventRetries: number;
  /** Sets that serve the time of a row's last change as a read-only custom field `Cf_Rowversion`: `Projection/Set`. */
  rowversionField: string[];
  /** Rows of sites that are not granted do not exist; otherwise only the company counts. */
  siteGrantsFilter: boolean;
  /** Requests of one client in a minute; more answer 429 with Retry-After. 0 = no limit. */
  maxRequestsPerMinute: number;
  /** Further properties that no index helps to filter: `Projection/Set/Property`. */
  unindexedProperties: string[];
  /** Filters on `Cf_`, computed and unindexed properties wait this long. */
  unindexedFilterDelayMs: number;
  /**
   * Another tenant's names: `Projection`, `Projection/Set`, `Projection/Set/Array`, or one of the last two with `/Property` or
   * `/Action`; `Projection/Action` of an unbound one -> last name part.
   */
  renames: Record<string, string>;
  /** Another tenant's spelling of an enumeration's member: `CustomerOrderState/Blocked` -> `CreditBlocked`. */
  memberNames: Record<string, string>;
  /** Another type of a property: `Projection/Set/Property` -> type. Keys and properties of other kinds keep theirs. */
  propertyTypes: Record<string, PropertyType>;
  /** Another tenant's spelling of a text value: `Projection/Set/Property/value` -> value. */
  textValues: Record<string, string>;
  /** Properties the tenant does not have: `Projection/Set/Property`. */
  hiddenProperties: string[];
  /** Life of an access token. */
  tokenSeconds: number;
  /** A credit check runs at release. */
  creditCheck: boolean;
};

/** What a shipped client is known to send; everything on it has no default behind the API. */
const lineMandatory = [
  "Contract, DeliverToCustomerNo, ShipAddrNo, CatalogNo, SalesUnitMeas, PriceUnitMeas, BuyQtyDue, DesiredQty",
  "RevisedQtyDue, WantedDeliveryDate, PlannedDeliveryDate, TargetDate, SaleUnitPrice, UnitPriceInclTax",
  "BaseSaleUnitPrice, BaseUnitPriceInclTax, Cost, SupplyCode, ConvFactor, PriceConvFactor, CurrencyRate, Discount",
  "OrderDiscount, QtyAssigned, QtyShort, CloseTolerance, PartPrice, CatalogType, ConsignmentStock, ChargedItem",
  "CreateSmObjectOption, DefaultAddrFlag, AddrFlag, StagedBilling, TaxLiability, SmConnection, PriceSource, PriceFreeze",
  "ConfigurationId, ReleasePlanning, FetchTaxFromDefaults",
].flatMap((line) => line.split(", "));

const chargeMandatory = [
  "Contract, Company, ChargeType, ChargeAmount, ChargeAmountInclTax, BaseChargeAmount, BaseChargeAmtInclTax",
  "ChargeCost, ChargedQty, InvoicedQty, CurrencyRate, StatisticalChargeDiff, SalesUnitMeas, CollectDb",
  "MultipleTaxLines, PrintChargeTypeDb, PrintCollectChargeDb, IntrastatExempt, UnitCharge",
].flatMap((line) => line.split(", "));

export const defaultSettings: IfsSettings = {
  missingPrecondition: "428",
  patchWithoutIfMatch: "upsert",
  stalePrecondition: "412",
  patchAnswer: "row",
  voidActionStatus: 204,
  notImplementedStatus: 501,
  staleMetadataFailures: 1,
  bookkeepingInBodies: "refuse",
  orderNoInsertable: "accept",
  changeSets: "atomic",
  changeSetFailureForm: "single",
  contentIdEcho: true,
  readsInBatch: "accept",
  maxBatchParts: 1000,
  childKeysOptional: true,
  releaseInChangeSet: "allow",
  lineInsertTouchesHeader: false,
  headerAddressChange: "headerOnly",
  releaseActionName: "CustomerOrder_Release",
  cancelActionName: "CustomerOrder_Cancel",
  lineCancelActionName: "CustomerOrderLine_Cancel",
  cancelReasonParameter: true,
  defaultFunctions: true,
  cancelReasonRequired: true,
  supplyFromStockMember: "InventOrder",
  priceFreezeFrozenMember: "Frozen",
  priceFreezeFreeMember: "Free",
  inOperator: "refuse",
  enumAsText: "refuse",
  nullComparison: "sql",
  encodedOptionNames: "ignore",
  selectRefusedOn: [],
  nextLinkWithoutTop: true,
  nextLinkForm: "absolute",
  pageSize: 1000,
  maxTop: 0,
  countSupport: "some",
  maxUrlLength: 8192,
  refusedFilterValues: [],
  encodedSlashInKeys: "accept",
  decimalsAsStrings: false,
  etagHeader: true,
  objversionResolution: "unique",
  timeZoneAwareProjections: ["CustomerOrderHandling", "CustomerOrdersHandling", "ShipmentHandling"],
  serverTimeZone: "Europe/Berlin",
  siteTimeZones: {},
  reservationMovesLastActivityDate: true,
  freezeMovesLastActivityDate: true,
  discountChargeSign: "asSent",
  businessErrorStatus: 500,
  batchBusinessErrorStatus: 400,
  missingRowCode: "ODP_RESOURCE_NOTFOUND",
  errorAnswers: {},
  quantityMismatch: "refuse",
  taxPriceMismatch: "recompute",
  taxOverride: "accept",
  currencyRateMismatch: "recompute",
  headerMandatory: [],
  lineMandatory,
  chargeMandatory,
  headerDefaults: "fromCustomer",
  customerNumberSeries: true,
  trackingField: "ConsignmentNoteId",
  shipmentAfterDelivery: "Completed",
  qtyInvoicedUnit: "sales",
  totalTaxIncludesCharges: false,
  singleOccurrenceAddress: "childArray",
  addressArrayName: "CustomerOrderAddressArray",
  linesAcrossOrders: true,
  cfInvoiceNo: false,
  historyLog: [],
  eventActions: [],
  eventDelayMs: 0,
  eventOrder: "queued",
  eventRepeats: 0,
  eventRetries: 0,
  rowversionField: [],
  siteGrantsFilter: true,
  maxRequestsPerMinute: 0,
  unindexedProperties: [],
  unindexedFilterDelayMs: 0,
  renames: {},
  memberNames: {},
  propertyTypes: {},
  textValues: {},
  hiddenProperties: [],
  tokenSeconds: 180,
  creditCheck: true,
};

/** The members that a switch with named positions knows; checked when settings arrive from outside. */
const positions: Partial<Record<keyof IfsSettings, readonly (string | number)[]>> = {
  missingPrecondition: ["428", "400-code"],
  patchWithoutIfMatch: ["upsert", "refuse"],
  stalePrecondition: ["412", "409", "500-modified"],
  patchAnswer: ["row", "empty"],
  voidActionStatus: [204, 200],
  notImplementedStatus: [501, 400, 500],
  bookkeepingInBodies: ["ignore", "refuse"],
  encodedOptionNames: ["accept", "ignore"],
  currencyRateMismatch: ["recompute", "refuse", "keep"],
  trackingField: ["ConsignmentNoteId", "AirwayBillNo", "ProNo"],
  shipmentAfterDelivery: ["Completed", "Closed"],
  orderNoInsertable: ["accept", "ignore", "refuse"],
  changeSets: ["atomic", "refuse", "nonAtomic"],
  changeSetFailureForm: ["single", "perRequest"],
  readsInBatch: ["accept", "refuse"],
  releaseInChangeSet: ["allow", "refuse"],
  inOperator: ["refuse", "accept"],
  enumAsText: ["refuse", "accept"],
  headerAddressChange: ["headerOnly", "linesFollow"],
  taxOverride: ["accept", "ignore", "refuse"],
  nullComparison: ["sql", "odata"],
  nextLinkForm: ["absolute", "relative"],
  countSupport: ["all", "some", "none"],
  eventOrder: ["queued", "shuffled"],
  encodedSlashInKeys: ["accept", "refuse"],
  objversionResolution: ["unique", "seconds"],
  discountChargeSign: ["asSent", "negated", "negativeRefused"],
  businessErrorStatus: [500, 400],
  batchBusinessErrorStatus: [500, 400],
  missingRowCode: ["ODP_RESOURCE_NOTFOUND", "ITEM_NOT_EXIST"],
  quantityMismatch: ["refuse", "recompute", "keep"],
  taxPriceMismatch: ["recompute", "refuse"],
  headerDefaults: ["fromCustomer", "strict"],
  qtyInvoicedUnit: ["sales", "inventory"],
  singleOccurrenceAddress: ["childArray", "headerFields"],
};

/** A subset of settings from outside, each name and type checked. Throws an Error whose text names the culprit. */
export function parseSettings(input: unknown): Partial<IfsSettings> {
  if (!isRecord(input)) throw new Error("settings are a JSON object");
  const parsed: Record<string, unknown> = { ...input };
  for (const [name, value] of Object.entries(input)) {
    if (!(name in defaultSettings)) throw new Error(`there is no setting "${name}"`);
    if (name === "eventActions") {
      parsed.eventActions = parseEventActions(value);
      continue;
    }
    const key = name as keyof IfsSettings;
    const allowed = positions[key];
    if (allowed && !allowed.includes(value as string | number)) {
      throw new Error(`"${name}" is one of ${allowed.join(", ")}`);
    }
    const model = defaultSettings[key];
    if (kindOf(value) !== kindOf(model)) throw new Error(`"${name}" is ${kindOf(model)}, not ${kindOf(value)}`);
    if (isRecord(value)) requireTexts(name, value);
  }
  return parsed as Partial<IfsSettings>;
}

function requireTexts(name: string, entries: Record<string, unknown>) {
  const allowed: readonly string[] | undefined = name === "propertyTypes" ? propertyTypes : undefined;
  const wrong =
    name === "errorAnswers" && Object.values(entries).find((value) => !/^[45]\d\d \S+$/.test(String(value)));
  if (wrong) throw new Error(`"errorAnswers" has a status and a code, as in "400 BAD_REQUEST", not "${String(wrong)}"`);
  for (const [key, value] of Object.entries(entries)) {
    if (typeof value !== "string") throw new Error(`"${name}" has ${kindOf(value)} for "${key}", not a text`);
    if (allowed && !allowed.includes(value)) throw new Error(`"${name}" knows ${allowed.join(", ")}, not "${value}"`);
  }
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string") ? "a list of texts" : "a list";
  if (isRecord(value)) return "an object";
  return `a ${typeof value}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
