import { text } from "../rows.ts";
import { utcTimestamp } from "../time.ts";
import type { ProjectionDef } from "./definition.ts";
import { returnMaterialHandling } from "./return-projection.ts";

/** Shipments, invoices, basic data, history and the catalogue of projections. */
export const otherProjections: readonly ProjectionDef[] = [
  {
    name: "ShipmentHandling",
    description: "Shipment",
    sets: [
      { name: "ShipmentSet", table: "Shipment", entity: "Shipment", countable: true },
      {
        name: "ShipmentLineSet",
        table: "ShipmentLine",
        entity: "ShipmentLine",
        refs: { ShipmentIdRef: { set: "ShipmentSet", on: { ShipmentId: "ShipmentId" } } },
      },
    ],
  },
  {
    name: "ArCustomerInvoicesAnalysis",
    description: "Customer Invoices Analysis",
    sets: [
      {
        name: "Reference_InvoiceLedgerItemCu",
        table: "InvoiceLedgerItemCu",
        entity: "InvoiceLedgerItemCu",
        without: ["OrderNo"],
      },
    ],
  },
  returnMaterialHandling,
  {
    name: "SitesHandling",
    description: "Sites",
    sets: [
      {
        name: "Reference_CompanySite",
        table: "CompanySite",
        entity: "CompanySite",
        only: ["Contract", "Description", "Company"],
      },
    ],
  },
  {
    name: "CompanySiteHandling",
    description: "Company Site",
    sets: [
      {
        name: "CompanySiteSet",
        table: "CompanySite",
        entity: "CompanySite",
        only: ["Contract", "Description", "Company"],
      },
      {
        name: "SiteSet",
        table: "CompanySite",
        entity: "Site",
        only: ["Contract", "Description", "Company"],
        computed: [
          {
            column: { name: "TimeZone", kind: "str", max: 60 },
            value: (row, world) => world.zoneOfSite(text(row, "Contract")),
          },
        ],
      },
    ],
  },
  {
    name: "CompanyHandling",
    description: "Company",
    sets: [{ name: "CompanySet", table: "Company", entity: "Company", only: ["Company", "Name"] }],
  },
  {
    name: "PaymentTermsHandling",
    description: "Payment Terms",
    sets: [
      {
        name: "PaymentTermSet",
        table: "PaymentTerm",
        entity: "PaymentTerm",
        only: ["Company", "PayTermId", "Description"],
      },
    ],
  },
  {
    name: "SalesmenHandling",
    description: "Salesmen",
    sets: [{ name: "Salesmen", table: "SalesPartSalesman", entity: "SalesPartSalesman" }],
  },
  {
    name: "HistoryLogHandling",
    description: "History Log",
    sets: [
      { name: "HistoryLogOverviewSet", table: "HistoryLog", entity: "HistoryLog" },
      {
        name: "HistoryLogDetailsSet",
        table: "HistoryLog",
        entity: "HistoryLogDetails",
        arrays: [
          {
            name: "HistoryLogAttributeArray",
            table: "HistoryLogAttribute",
            entity: "HistoryLogAttribute",
            on: { LogId: "LogId" },
          },
        ],
      },
    ],
  },
  {
    name: "AllProjections",
    description: "Projections",
    sets: [{ name: "Projections", table: "Projection", entity: "Projection", countable: true }],
  },
  {
    name: "ReportPickingOfPickListLines",
    description: "Report Picking of Pick List Lines",
    sets: [
      {
        name: "FndTempLobs",
        table: "FndTempLob",
        entity: "FndTempLob",
        only: ["LobId", "CreatedByModule", "CreatedDate"],
        insert: (context, values) =>
          context.world.table("FndTempLob").insert({
            ...values,
            LobId: `LOB${context.world.next("LobId", 10_001)}`,
            CreatedDate: utcTimestamp(context.world.clock.now()),
            ClobData: null,
          }),
      },
    ],
  },
];
