import { canonical, Decimal } from "../decimal.ts";
import { maybeText, num, text } from "../rows.ts";
import type { Values } from "../schema.ts";
import type { Row } from "../store.ts";
import { addDays } from "../time.ts";
import type { World } from "../world.ts";
import { enterOrder } from "./order-header.ts";
import { enterLine } from "./order-line.ts";
import { requireActivePart } from "./order-line-checks.ts";

export type TelephoneOrder = {
  contract: string;
  customerNo: string;
  /** Quantities in sales units, as decimal strings. */
  lines: { catalogNo: string; qty: string }[];
};

/** An order of another sales channel, typed in by inside sales; IFS prices it by its own lists. */
export function createTelephoneOrder(world: World, wish: TelephoneOrder): Row {
  const wanted = `${addDays(world.siteToday(wish.contract), 2)}T00:00:00Z`;
  const order = enterOrder(world, {
    Contract: wish.contract,
    CustomerNo: wish.customerNo,
    OrderId: "NOR",
    AuthorizeCode: "INSIDE",
    WantedDeliveryDate: wanted,
  });
  for (const line of wish.lines) enterLine(world, pageLine(world, order, line, wanted));
  return order;
}

/** What the order page fills in for a line when a person types a part and a quantity. */
function pageLine(world: World, order: Row, wish: { catalogNo: string; qty: string }, wanted: string): Values {
  const part = requireActivePart(world, text(order, "Contract"), wish.catalogNo);
  const inventory = text(part, "PartNo") !== "";
  const { settings } = world;
  const zeros = "Cost Discount OrderDiscount QtyAssigned QtyShort CloseTolerance PartPrice".split(" ");
  const prices = "SaleUnitPrice UnitPriceInclTax BaseSaleUnitPrice BaseUnitPriceInclTax".split(" ");
  return {
    ...Object.fromEntries([...zeros, ...prices].map((name) => [name, "0"])),
    OrderNo: text(order, "OrderNo"),
    Contract: text(order, "Contract"),
    DeliverToCustomerNo: text(order, "CustomerNo"),
    ShipAddrNo: maybeText(order, "ShipAddrNo"),
    CatalogNo: wish.catalogNo,
    CatalogType: inventory ? "InventoryPart" : "NonInventoryPart",
    PartNo: maybeText(part, "PartNo"),
    SalesUnitMeas: maybeText(part, "SalesUnitMeas"),
    PriceUnitMeas: maybeText(part, "PriceUnitMeas"),
    ConvFactor: canonical(num(part, "ConvFactor")),
    PriceConvFactor: canonical(num(part, "PriceConvFactor")),
    BuyQtyDue: canonical(wish.qty),
    DesiredQty: canonical(wish.qty),
    RevisedQtyDue: canonical(new Decimal(wish.qty).times(num(part, "ConvFactor"))),
    WantedDeliveryDate: wanted,
    PlannedDeliveryDate: wanted,
    TargetDate: wanted,
    CurrencyRate: "1",
    SupplyCode: inventory ? settings.supplyFromStockMember : "NonInventory",
    ConsignmentStock: "NoConsignmentStock",
    ChargedItem: "ChargedItem",
    CreateSmObjectOption: "DoNotCreateSMObject",
    DefaultAddrFlag: "Yes",
    AddrFlag: "No",
    StagedBilling: "NotStagedBilling",
    TaxLiability: maybeText(order, "TaxLiability"),
    SmConnection: "NotConnected",
    PriceSource: "SalesPart",
    PriceFreeze: settings.priceFreezeFreeMember,
    ConfigurationId: "*",
    ReleasePlanning: "NotReleased",
    FetchTaxFromDefaults: "TRUE",
  };
}
