/** Looks at stock with their Deps: both systems are read, and nothing is written. In the lane of the least urgent. */
import type { Sku } from "../domain/ids.ts";
import { explainStock, type StockExplanation } from "../flows/stock-sync/explain.ts";
import { type PreviewCounts, type PreviewReport, previewStock } from "../flows/stock-sync/preview.ts";
import type { Active, Connector } from "./connector.ts";
import { stockDeps } from "./flows.ts";

const lookDeps = (connector: Connector, active: Active) =>
  stockDeps(connector, { ...active, ifs: active.ifs.inLane("reports") });

export const explainSku = (connector: Connector, active: Active, sku: Sku): Promise<StockExplanation> =>
  explainStock(lookDeps(connector, active), { sku, now: connector.clock.now() });

export const previewAllStock = (connector: Connector, active: Active, report: PreviewReport): Promise<PreviewCounts> =>
  previewStock(lookDeps(connector, active), connector.clock.now(), report);
