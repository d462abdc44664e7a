import { createCharge, removeCharge, updateCharge } from "../business/order-charge.ts";
import { cancelLine, cancelOrder, releaseOrder } from "../business/order-flow.ts";
import { createOrder, requireOpen, updateOrder } from "../business/order-header.ts";
import { createLine, updateLine } from "../business/order-line.ts";
import { openLinesOf, requireOrder, totalsOf } from "../business/order-parts.ts";
import { reservableQty } from "../business/stock.ts";
import { canonical, type Decimal } from "../decimal.ts";
import { refused } from "../errors.ts";
import { textParameter } from "../odata/body.ts";
import { text } from "../rows.ts";
import type { IfsSettings } from "../settings.ts";
import type { Row } from "../store.ts";
import { addDays } from "../time.ts";
import type { World } from "../world.ts";
import type { ArrayDef, BoundAction, Computed, Context, ProjectionDef, SetDef } from "./definition.ts";
import { requireSiteGrant } from "./grants.ts";
import { referenceSets } from "./reference-sets.ts";

const addressFields = ["SingleOccName", "SingleOccAddress1", "SingleOccAddress2", "SingleOccZipCode"].concat([
  "SingleOccCity",
  "SingleOccState",
  "SingleOccCounty",
  "SingleOccCountryCode",
]);

/** The order page: header, lines, charges, release and cancel. */
export function customerOrderHandling(settings: IfsSettings): ProjectionDef {
  return {
    name: "CustomerOrderHandling",
    description: "Customer Order",
    sets: [headerSet(settings), lineSet(settings), ...referenceSets],
  };
}

function headerSet(settings: IfsSettings): SetDef {
  const inFields = settings.singleOccurrenceAddress === "headerFields";
  return {
    name: "CustomerOrderSet",
    table: "CustomerOrder",
    entity: "CustomerOrder",
    without: inFields ? [] : addressFields,
    countable: true,
    insert(context, values) {
      requireSiteGrant(context, "CustomerOrder", values);
      return createOrder(context.world, values);
    },
    update: (context, row, changes) => updateOrder(context.world, row, changes),
    refs: {
      ContractRef: { set: "Reference_CompanySite", on: { Contract: "Contract" } },
      CustomerNoRef: { set: "Reference_CustInfo", on: { CustomerNo: "CustomerId" } },
      OrderIdRef: { set: "Reference_CustOrderType", on: { OrderId: "OrderId" } },
      AuthorizeCodeRef: { set: "Reference_OrderCoordinator", on: { AuthorizeCode: "AuthorizeCode" } },
    },
    computed: orderComputed,
    arrays: [linesArray(settings), chargesArray, ...(inFields ? [] : [addressArray(settings)])],
    actions: [releaseAction(settings), cancelAction(settings), printAction],
    functions: settings.defaultFunctions ? [{ name: "CustomerOrder_Default", run: orderDefaults }] : [],
  };
}

const orderComputed: Computed[] = [
  { column: { name: "TotalAmount", kind: "num", max: 0 }, value: total((totals) => totals.netCurr) },
  {
    column: { name: "ChargesExist", kind: "bool", max: 0 },
    value: (row, world) => (world.table("CustomerOrderCharge").find("OrderNo", text(row, "OrderNo"))?.size ?? 0) > 0,
  },
];

function total(pick: (totals: ReturnType<typeof totalsOf>) => Decimal): (row: Row, world: World) => string {
  return (row, world) => canonical(pick(totalsOf(world, row)));
}

/** What the page fills in for a new order before anybody types: the user's site and today's dates. */
function orderDefaults(context: Context) {
  const { world, caller } = context;
  const contract = caller.sites[0] ?? "";
  const site = world.table("CompanySite").get(contract);
  const now = world.siteNow(contract);
  return {
    Contract: contract,
    Company: site ? text(site, "Company") : null,
    IsNewCustomer: false,
    AddrFlagDb: false,
    DateEntered: now,
    WantedDeliveryDate: `${addDays(now, 2)}T00:00:00Z`,
    AdditionalDiscount: "0",
    UsePriceInclTax: false,
    ...flags(["OrderConfDb", "PackListFlagDb", "PickListFlagDb"], true),
    ...flags(["DummySingleOccur", "IntrastatExemptDb", "SmConnectionDb", "JinsuiInvoiceDb", "B2bOrderDb"], false),
  };
}

function flags(names: string[], value: boolean): Record<string, boolean> {
  return Object.fromEntries(names.map((name) => [name, value]));
}

const onOrder = { OrderNo: "OrderNo" };

const lineComputed: Computed[] = [
  {
    column: { name: "AvailableQty", kind: "num", max: 0 },
    value: (row, world) =>
      text(row, "PartNo") === "" ? null : canonical(reservableQty(world, text(row, "Contract"), text(row, "PartNo"))),
  },
];

function lineBase(settings: IfsSettings) {
  return {
    table: "CustomerOrderLine",
    entity: "CustomerOrderLine",
    without: settings.cfInvoiceNo ? [] : ["Cf_Invoice_No"],
    computed: lineComputed,
    refs: {
      OrderNoRef: { set: "CustomerOrderSet", on: onOrder },
      ContractRef: { set: "Reference_CompanySite", on: { Contract: "Contract" } },
    },
    update: (context: Context, row: Row, changes: Parameters<typeof updateLine>[2]) =>
      updateLine(context.world, row, changes),
    actions: [lineCancelAction(settings)],
  };
}

function linesArray(settings: IfsSettings): ArrayDef {
  return {
    ...lineBase(settings),
    name: "OrderLinesArray",
    on: onOrder,
    insert: (context, values) => createLine(context.world, values),
  };
}

function lineSet(settings: IfsSettings): SetDef {
  return {
    ...lineBase(settings),
    name: "CustomerOrderLineSet",
    countable: true,
    needsFilterOn: settings.linesAcrossOrders ? undefined : ["OrderNo"],
  };
}

const chargesArray: ArrayDef = {
  name: "CustomerOrderChargeArray",
  table: "CustomerOrderCharge",
  entity: "CustomerOrderCharge",
  on: onOrder,
  insert: (context, values) => createCharge(context.world, values),
  update: (context, row, changes) => updateCharge(context.world, row, changes),
  remove: (context, row) => removeCharge(context.world, row),
};

function addressArray(settings: IfsSettings): ArrayDef {
  return {
    name: settings.addressArrayName,
    table: "CustomerOrderAddress",
    entity: "CustomerOrderAddress",
    on: onOrder,
    insert(context, values) {
      requireOpen(requireOrder(context.world, String(values.OrderNo)));
      return context.world.table("CustomerOrderAddress").insert(values);
    },
    update(context, row, changes) {
      requireOpen(requireOrder(context.world, text(row, "OrderNo")));
      context.world.table("CustomerOrderAddress").update(row, changes);
    },
  };
}

function releaseAction(settings: IfsSettings): BoundAction {
  return {
    name: settings.releaseActionName,
    parameters: {},
    run(context, row) {
      if (context.inChangeSet && settings.releaseInChangeSet === "refuse") {
        throw refused(
          "CustomerOrder",
          "NOTINCHANGESET",
          "The order may not be released in the transaction that creates it.",
        );
      }
      releaseOrder(context.world, row);
      return undefined;
    },
  };
}

function cancelAction(settings: IfsSettings): BoundAction {
  return {
    name: settings.cancelActionName,
    parameters: settings.cancelReasonParameter ? { CancelReason: "str" } : {},
    run(context, row, parameters) {
      cancelOrder(context.world, row, textParameter(parameters, "CancelReason"));
      return undefined;
    },
  };
}

function lineCancelAction(settings: IfsSettings): BoundAction {
  return {
    name: settings.lineCancelActionName,
    parameters: settings.cancelReasonParameter ? { CancelReason: "str" } : {},
    run(context, row, parameters) {
      cancelLine(context.world, row, textParameter(parameters, "CancelReason"));
      return undefined;
    },
  };
}

/** Queues a report of the order; the key of the result comes as text. */
const printAction: BoundAction = {
  name: "CustomerOrder_PrintResultKey",
  parameters: { ReportId: "str" },
  run(context, row, parameters) {
    if (textParameter(parameters, "ReportId") === "") {
      throw refused("CustomerOrder", "NOREPORT", "A report must be named.");
    }
    if (openLinesOf(context.world, text(row, "OrderNo")).length === 0) {
      throw refused("CustomerOrder", "NOLINES", `Order ${text(row, "OrderNo")} has no lines to print.`);
    }
    return { value: String(context.world.next("ResultKey", 558_001)) };
  },
};

const num = (name: string) => ({ name, kind: "num" as const, max: 0 });

/** The order list with totals. */
export function customerOrdersHandling(): ProjectionDef {
  return {
    name: "CustomerOrdersHandling",
    description: "Customer Orders",
    sets: [
      {
        name: "CustomerOrderSet",
        table: "CustomerOrder",
        entity: "CustomerOrder",
        without: addressFields,
        countable: true,
        computed: [
          ...orderComputed,
          { column: num("TotalNetBase"), value: total((totals) => totals.netBase) },
          { column: num("TotalGrossInclChrgCurr"), value: total((totals) => totals.grossInclChargesCurr) },
          { column: num("TotChrgNetAmtBase"), value: total((totals) => totals.chargeNetBase) },
          { column: num("TotTaxAmtCurr"), value: total((totals) => totals.taxCurr) },
          { column: num("TotalGrossAmtCurr"), value: total((totals) => totals.grossCurr) },
        ],
      },
    ],
  };
}

const joined = [
  ..."OrderNo LineNo RelNo LineItemNo PartNo CatalogNo CatalogDesc Contract Company CustomerNo ShipAddrNo".split(" "),
  ..."SalesUnitMeas BuyQtyDue RevisedQtyDue ConvFactor QtyAssigned QtyPicked QtyShipped QtyShipdiff QtyInvoiced".split(
    " ",
  ),
  ..."QtyToReserve BaseSaleUnitPrice NetAmountBase SupplyCode PlannedDueDate PlannedDeliveryDate".split(" "),
  ..."WantedDeliveryDate CustomersPONo CustomerPoLineNo Objstate".split(" "),
];

/** The list of order lines across orders. */
export function customerOrderLinesHandling(settings: IfsSettings): ProjectionDef {
  return {
    name: "CustomerOrderLinesHandling",
    description: "Customer Order Lines",
    sets: [
      {
        name: "CustomerOrderJoinSet",
        table: "CustomerOrderLine",
        entity: "CustomerOrderJoin",
        only: settings.cfInvoiceNo ? [...joined, "Cf_Invoice_No"] : joined,
        computed: [{ column: num("NetAmtBase"), value: (row) => row.values.NetAmountBase ?? null }],
        countable: true,
      },
    ],
  };
}
