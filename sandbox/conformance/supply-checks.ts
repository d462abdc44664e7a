import { type Check, found, holds, reading, same } from "./check.ts";
import { accepted, newOrder, orderPath } from "./drafts.ts";
import { LINES, ORDERS, PARTS, quoted, STOCK } from "./names.ts";
import type { Probe, Row } from "./probe.ts";

async function stockRows(probe: Probe, filter = "", top = 500): Promise<Row[]> {
  const { names } = probe;
  const { contract } = await probe.site();
  const scope = `${names.of(`${STOCK}/Contract`)} eq ${quoted(contract)}${filter}`;
  return (await probe.ask("GET", `${names.url(STOCK)}?$top=${top}&$filter=${scope}`)).rows;
}

async function edmx(probe: Probe, projection: string): Promise<string> {
  return (await probe.ask("GET", `${probe.names.of(projection)}.svc/$metadata`)).text;
}

const isTrue = (value: unknown) => value === true || value === "TRUE" || value === "True";

const QUERY = "PriceQueryHandling/PriceQuerySet";
const LOG = "HistoryLogHandling/HistoryLogOverviewSet";
const LOG_DETAILS = "HistoryLogHandling/HistoryLogDetailsSet";
const PRICES = "SalesPriceListHandling/SalesPriceListPartSet";

/** Stock, parts, prices, invoices, history. */
export const supplyChecks: readonly Check[] = [
  {
    id: "stock.available",
    title: "AvailableQty is QtyOnhand less QtyReserved",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const of = (row: Row, name: string) => Number(row[probe.names.of(`${STOCK}/${name}`)]);
      const rows = await stockRows(probe);
      found(rows[0], "stock row of the site");
      const off = rows.filter(
        (row) => Math.abs(of(row, "QtyOnhand") - of(row, "QtyReserved") - of(row, "AvailableQty")) > 1e-9,
      );
      holds(
        rows.some((row) => of(row, "QtyReserved") > 0),
        "something is reserved",
        rows.length,
      );
      return same(
        `rows of ${rows.length} that differ`,
        off.map((row) => row.keyref),
        [],
      );
    },
  },
  {
    id: "stock.zero-rows",
    title: "Rows that went to zero stay behind",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const qty = probe.names.of(`${STOCK}/QtyOnhand`);
      const [row] = await stockRows(probe, ` and ${qty} eq 0`, 1);
      return same("quantity of a row that stayed", Number(found(row, "stock row without quantity")[qty]), 0);
    },
  },
  {
    id: "stock.not-for-sale",
    title: "Frozen, foreign, expired and not yet put away stock is among the rows, told apart by its properties",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const at = (row: Row, name: string) => row[names.of(`${STOCK}/${name}`)];
      const rows = await stockRows(probe, ` and ${names.of(`${STOCK}/QtyOnhand`)} gt 0`, 5000);
      const day = new Date(probe.target.now()).toISOString().slice(0, 10);
      const kinds: Record<string, (row: Row) => boolean> = {
        frozen: (row) => isTrue(at(row, "FreezeFlagDb")),
        foreign: (row) => ![null, undefined, "", "COMPANY OWNED"].includes(at(row, "PartOwnershipDb") as string | null),
        expired: (row) => typeof at(row, "ExpirationDate") === "string" && String(at(row, "ExpirationDate")) < day,
        blocked: (row) => typeof at(row, "AvailabilityControlId") === "string",
        "not for picking": (row) => at(row, "LocationTypeDb") !== "PICKING",
      };
      const counts = Object.entries(kinds).map(([kind, test]) => [kind, rows.filter(test).length] as const);
      const missing = counts.filter(([, count]) => count === 0).map(([kind]) => kind);
      if (missing.length > 0 && !probe.sandbox) found(undefined, `${missing.join(", ")} stock`);
      same("kinds without a row", missing, []);
      return counts.map(([kind, count]) => `${count} ${kind}`).join(", ");
    },
  },
  {
    id: "stock.joker",
    title: "Empty parts of a stock key are * and 0",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const row = found((await stockRows(probe, "", 1))[0], "stock row");
      const seen = [row[names.of(`${STOCK}/SerialNo`)], Number(row[names.of(`${STOCK}/HandlingUnitId`)])];
      return same("SerialNo and HandlingUnitId", seen, ["*", 0]);
    },
  },
  {
    id: "part.without-stock",
    title: "A sales part without PartNo is a non-inventory part",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const { contract } = await probe.site();
      const [part, site] = [names.of(`${PARTS}/PartNo`), names.of(`${PARTS}/Contract`)];
      const path = `${names.url(PARTS)}?$top=1&$filter=${site} eq ${quoted(contract)} and ${part} eq null`;
      const row = found((await probe.ask("GET", path)).rows[0], "sales part without a part");
      const type = String(row[names.of(`${PARTS}/CatalogTypeDb`)]);
      return holds(!/^INV/i.test(type), "its type is not an inventory part's", type);
    },
  },
  {
    id: "price.lists",
    title: "Price list lines are read by list, part, quantity and date",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const keys = names.list(PRICES, "PriceListNo CatalogNo MinQuantity ValidFromDate").split(",");
      const [row] = (await probe.ask("GET", `${names.url(PRICES)}?$top=1`)).rows;
      const line = found(row, "price list line");
      const price = Number(line[names.of(`${PRICES}/SalesPrice`)]);
      same(
        "absent keys",
        keys.filter((key) => line[key] === null || line[key] === undefined),
        [],
      );
      return holds(price >= 0, "a price", price);
    },
  },
  {
    id: "price.query",
    title: "A price query answers the computed row, which stays until CleanPriceQuery",
    confidence: "seen",
    kind: "writing",
    async run(probe) {
      const { names } = probe;
      const order = await probe.order();
      const key = names.of(`${ORDERS}/OrderNo`);
      const lines = `${names.url(LINES)}?$top=1&$filter=${names.of(`${LINES}/OrderNo`)} eq ${quoted(order[key])}`;
      const line = found((await probe.ask("GET", lines)).rows[0], "order line");
      const body = {
        CatalogNo: line[names.of(`${LINES}/CatalogNo`)],
        SalesQty: 1,
        PriceQty: 1,
        CustomerNo: order[names.of(`${ORDERS}/CustomerNo`)],
        Contract: order[names.of(`${ORDERS}/Contract`)],
        CurrencyCode: order[names.of(`${ORDERS}/CurrencyCode`)],
        UsePriceInclTax: false,
      };
      const count = async () => (await probe.ask("GET", `${names.url(QUERY)}?$top=100`)).rows.length;
      const clean = () => probe.ask("POST", `${names.of("PriceQueryHandling")}.svc/CleanPriceQuery`, { body: {} });
      accepted(await clean(), "cleaning");
      const answer = accepted(await probe.ask("POST", names.url(QUERY), { body }), "a price query");
      holds(Number(answer.json.NetPrice) > 0, "a net price comes", answer.json.NetPrice);
      accepted(await probe.ask("POST", names.url(QUERY), { body }), "another price query");
      const during = await count();
      accepted(await clean(), "cleaning");
      return same("rows while the queries stand, and after cleaning", [during, await count()], [2, 0]);
    },
  },
  {
    id: "invoice.no-order",
    title: "Ledger invoices do not know the order",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const text = await edmx(probe, "ArCustomerInvoicesAnalysis");
      holds(
        text.includes(`Name="${probe.names.of("ArCustomerInvoicesAnalysis/Reference_InvoiceLedgerItemCu/InvoiceNo")}"`),
        "they have a number",
        "",
      );
      return same("OrderNo among the properties", text.includes('Name="OrderNo"'), false);
    },
  },
  {
    id: "invoice.number-on-line",
    title: "A tenant's own field Cf_Invoice_No links order lines to invoices, if there is one",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const name = probe.names.of(`${LINES}/Cf_Invoice_No`);
      const text = await edmx(probe, "CustomerOrderHandling");
      return reading(probe, "cfInvoiceNo", text.includes(`<Property Name="${name}"`));
    },
  },
  {
    id: "history.columns",
    title: "The history log has its columns and is empty where no unit is switched on",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const text = await edmx(probe, "HistoryLogHandling");
      const names =
        "LogId LuName TimeStamp Username HistoryType Keys Note ColumnName ColumnNamePrompt OldValue NewValue";
      const missing = names.split(" ").filter((name) => !text.includes(`<Property Name="${name}"`));
      same("missing columns", missing, []);
      const { rows } = await probe.ask("GET", `${probe.names.url(LOG)}?$top=50`);
      const logged = probe.tenant.historyLog;
      const others = rows.filter((row) => logged !== undefined && !logged.includes(String(row.LuName)));
      return same("rows of units that are not switched on", others.length, 0);
    },
  },
  {
    id: "history.order",
    title: "A change of a logged unit leaves a row with its key and each column's old and new value; of another none",
    confidence: "seen",
    kind: "writing",
    async run(probe) {
      const { names } = probe;
      const orderNo = await newOrder(probe);
      const name = names.of(`${ORDERS}/LabelNote`);
      const change = { body: { [name]: "logged" }, headers: { "if-match": "*" } };
      accepted(await probe.ask("PATCH", orderPath(probe, orderNo), change), "an update");
      const filter = `LuName eq 'CustomerOrder' and Keys eq ${quoted(`ORDER_NO=${orderNo}^`)} and TimeStamp gt 2020-01-01T00:00:00Z`;
      const { rows } = await probe.ask("GET", `${names.url(LOG)}?$filter=${filter}&$orderby=LogId`);
      const logged = probe.tenant.historyLog?.includes("CustomerOrder") ?? rows.length > 0;
      if (!logged) return same("rows of a unit that is not logged", rows.length, 0);
      const types = rows.map((row) => row.HistoryType);
      same("kinds of change", types, ["Insert", "Modify"]);
      const detail = `${names.url(LOG_DETAILS)}(LogId=${String(rows.at(-1)?.LogId)})/HistoryLogAttributeArray`;
      const columns = (await probe.ask("GET", detail)).rows.map((row) => [row.ColumnName, row.OldValue, row.NewValue]);
      return same("columns", columns, [["LABEL_NOTE", null, "logged"]]);
    },
  },
];
