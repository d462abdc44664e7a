import { cleanPriceQuery, createPriceQuery } from "../business/price-query.ts";
import { availableOf } from "../business/stock.ts";
import { canonical } from "../decimal.ts";
import type { ProjectionDef } from "./definition.ts";
import { requireSiteGrant } from "./grants.ts";

/** Stock, parts and prices: what the shop reads from IFS. */
export const supplyProjections: readonly ProjectionDef[] = [
  {
    name: "InventoryPartInStockHandling",
    description: "Inventory Parts in Stock",
    sets: [
      {
        name: "InventoryPartInStockSet",
        table: "InventoryPartInStock",
        entity: "InventoryPartInStock",
        countable: true,
        refs: { PartNoRef: { set: "Reference_InventoryPart", on: { Contract: "Contract", PartNo: "PartNo" } } },
        computed: [
          { column: { name: "AvailableQty", kind: "num", max: 0 }, value: (row) => canonical(availableOf(row)) },
          { column: { name: "AvailableQtytoMove", kind: "num", max: 0 }, value: (row) => canonical(availableOf(row)) },
        ],
      },
      {
        name: "Reference_InventoryPart",
        table: "InventoryPart",
        entity: "InventoryPart",
        only: ["Contract", "PartNo", "Description", "UnitMeas", "PartStatus"],
      },
      { name: "Reference_Warehouse", table: "Warehouse", entity: "Warehouse" },
    ],
  },
  {
    name: "InventoryLocationsHandling",
    description: "Inventory Locations",
    sets: [{ name: "InventoryLocationSet", table: "InventoryLocation", entity: "InventoryLocation" }],
  },
  {
    name: "PurchaseOrderHandling",
    description: "Purchase Order",
    sets: [{ name: "PurchaseOrderLineSet", table: "PurchaseOrderLine", entity: "PurchaseOrderLine" }],
  },
  {
    name: "SalesPartHandling",
    description: "Sales Part",
    sets: [{ name: "SalesPartSet", table: "SalesPart", entity: "SalesPart", countable: true }],
  },
  {
    name: "InventoryPartHandling",
    description: "Inventory Part",
    sets: [{ name: "InventoryPartSet", table: "InventoryPart", entity: "InventoryPart", countable: true }],
  },
  {
    name: "PartHandling",
    description: "Part",
    sets: [{ name: "PartCatalogSet", table: "PartCatalog", entity: "PartCatalog" }],
  },
  {
    name: "SalesPriceListHandling",
    description: "Sales Price List",
    sets: [
      {
        name: "SalesPriceListSet",
        table: "SalesPriceList",
        entity: "SalesPriceList",
        arrays: [
          {
            name: "SalesPriceListPartArray",
            table: "SalesPriceListPart",
            entity: "SalesPriceListPart",
            on: { PriceListNo: "PriceListNo" },
          },
        ],
      },
      {
        name: "SalesPriceListPartSet",
        table: "SalesPriceListPart",
        entity: "SalesPriceListPart",
        countable: true,
        refs: { PriceListNoRef: { set: "SalesPriceListSet", on: { PriceListNo: "PriceListNo" } } },
      },
    ],
  },
  {
    name: "PriceQueryHandling",
    description: "Price Query",
    sets: [
      {
        name: "PriceQuerySet",
        table: "PriceQuery",
        entity: "PriceQuery",
        insert(context, values) {
          requireSiteGrant(context, "PriceQuery", values);
          return createPriceQuery(context.world, values);
        },
      },
    ],
    actions: [
      {
        name: "CleanPriceQuery",
        parameters: {},
        run(context) {
          cleanPriceQuery(context.world);
          return undefined;
        },
      },
    ],
  },
];
