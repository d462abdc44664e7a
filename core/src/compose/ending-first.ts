import type { StockSyncDeps } from "../flows/stock-sync/deps.ts";
import type { Parts } from "../ifs/parts.ts";
import type { Stock } from "../ifs/stock.ts";
import { inTurn } from "../runtime/limit.ts";

/**
 * What no page can do without, and what a page of parts still needs, goes before what begins another page, and before lists that are read
 * beside it: where requests are few, all pages that are read ahead would else be ready late, instead of the first one soon.
 */
export const endingFirst = (stock: Stock): StockSyncDeps["stock"] => ({
  ...stock,
  partsWithOpenDemand: (contract) => stock.partsWithOpenDemand(contract, inTurn("first")),
  openDemand: (contract, partNos) => stock.openDemand(contract, partNos, inTurn("first")),
  stockRows: (contract, partNos) => stock.stockRows(contract, partNos, inTurn("first")),
  rowsBeside: (contract, partNos, witnesses) => stock.rowsBeside(contract, partNos, witnesses, inTurn("first")),
});

/** Of a run over a few parts that somebody waits for: it would else stand in line behind all pages of a run over a whole site. */
export const namedFirst = ({
  salesParts,
  salesPartsOf,
}: Parts): Pick<StockSyncDeps["parts"], "salesParts" | "salesPartsOf"> => ({
  salesParts: (contract, catalogNos) => salesParts(contract, catalogNos, inTurn("first")),
  salesPartsOf: (contract, partNos) => salesPartsOf(contract, partNos, inTurn("first")),
});
