/** IFS quotes prices per price unit, the shop per piece. */
import type { ConnectorConfig } from "./config.ts";
import { type DecimalString, divide, multiply } from "./decimal.ts";
import type { IfsSalesPart } from "./ifs-records.ts";

/**
 * Price units in one piece of the shop: a part that is priced per 100 has 0.01 in one. Where a piece is the inventory unit and
 * not the sales unit, the sales part's conversion counts as well.
 */
export function priceUnitsPerPiece(
  part: Pick<IfsSalesPart, "priceConvFactor" | "convFactor" | "invertedConvFactor">,
  units: Pick<ConnectorConfig["units"], "sellBySalesUnit">,
): DecimalString {
  return units.sellBySalesUnit
    ? part.priceConvFactor
    : divide(multiply(part.priceConvFactor, part.invertedConvFactor), part.convFactor);
}
