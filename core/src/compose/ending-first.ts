import type { StockSyncDeps } from "../flows/stock-sync/deps.ts";
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
