/** An IFS that has what it is told to have of parts of site S1, each sold under its own number, and of each of them no open demand. */
import { reply } from "core/ct/testing/platform.ts";

const one = { ConvFactor: 1, InvertedConvFactor: 1, PriceConvFactor: 1 };
const pieces = { SalesUnitMeas: "PCS", UnitMeas: "PCS", PriceUnitMeas: "PCS" };
const salesPart = (no: string) => ({ Contract: "S1", CatalogNo: no, CatalogDesc: no, PartNo: no, ...one, ...pieces });

const place = { ConfigurationId: "*", LocationNo: "A", LotBatchNo: "*", SerialNo: "*", EngChgLevel: "1" };
const stockRow = (no: string, QtyOnhand: number) => ({
  ...{ Contract: "S1", PartNo: no, ...place, WaivDevRejNo: "*", ActivitySeq: 0, HandlingUnitId: 0 },
  ...{ QtyOnhand, QtyReserved: 0, QtyInTransit: 0, FreezeFlagDb: "N" },
});

/** Behind `fetch`. */
export function ifsWith(onHand: Readonly<Record<string, number>>): (url: string) => Promise<Response> {
  const rowsOf = (url: URL): object[] => {
    const filter = url.searchParams.get("$filter") ?? "";
    const asked = [...filter.matchAll(/(?:CatalogNo|PartNo) eq '([^']+)'/g)].map(([, no = ""]) => no);
    const known = asked.filter((no) => onHand[no] !== undefined).toSorted();
    if (url.pathname.endsWith("/SalesPartSet")) return known.map(salesPart);
    if (url.pathname.endsWith("/InventoryPartInStockSet")) return known.map((no) => stockRow(no, onHand[no] ?? 0));
    // Of no part that is asked about, so that the order lines of the site are seen.
    return asked.length > 0 ? [] : [{ OrderNo: "W1", LineNo: "1", RelNo: "1", LineItemNo: 0 }];
  };
  return async (address) => {
    const url = new URL(address);
    if (url.pathname === "/token") return reply(200, { access_token: "ifs-token", expires_in: 3600 });
    const rows = rowsOf(url);
    const isBackwards = url.searchParams.get("$orderby")?.includes(" desc");
    const value = (isBackwards ? rows.toReversed() : rows).slice(0, Number(url.searchParams.get("$top")));
    return reply(200, { value });
  };
}
