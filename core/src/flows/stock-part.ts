/** Sales parts and kits as far as stock is concerned. Stock sync and the check at checkout share it, as they share the formula. */
import { ONE_TO_ONE, type UnitFactor, unitFactor } from "../domain/availability.ts";
import type { ConnectorConfig } from "../domain/config.ts";
import type { CatalogNo, PartNo } from "../domain/ids.ts";
import type { IfsSalesPart } from "../domain/ifs-records.ts";
import { type Component, drawsOfKit } from "../domain/kits.ts";
import { err, ok, type Result } from "../domain/result.ts";
import type { Draw } from "../domain/shared-pool.ts";
import type { RefusedRecord } from "./run-delta.ts";

/** A sales part that can have stock, or a kit of such. */
export type StockPart = IfsSalesPart & {
  /** Of a kit: its first component; whoever looks at this part again looks at the kit again. */
  readonly partNo: PartNo;
  readonly factor: UnitFactor;
  /** What one sales unit takes; of a sales part only itself. */
  readonly draws: readonly Draw[];
  /** Why nothing of it can be sold whatever lies in stock, in words for people. */
  readonly ended?: string;
  /** A sales part that IFS refuses to be asked for: this one's own, or a component's, so that it draws on more than is known. */
  readonly unanswered?: CatalogNo;
};

export const isKit = ({ draws }: Pick<StockPart, "draws">): boolean => draws.some(({ component }) => component);

/** A sales part with an inventory part. A factor that can't count is refused. */
export function parseSalesPart(
  part: IfsSalesPart & { readonly partNo: PartNo },
  config: Pick<ConnectorConfig, "units">,
): Result<StockPart, RefusedRecord> {
  const factor = unitFactor(part, config.units);
  if (factor) {
    const ended = part.active ? {} : { ended: `sales part ${part.catalogNo} is not active` };
    return ok({ ...part, factor, draws: [{ partNo: part.partNo, factor }], ...ended });
  }
  return err({
    recordType: "sku",
    recordId: `${part.contract}/${part.catalogNo}`,
    recordLabel: part.catalogNo,
    rejection: {
      code: "unmappedUnit",
      message: `Sales part ${part.catalogNo} of site ${part.contract} has the conversion factor ${part.convFactor} (inverted ${part.invertedConvFactor}), so its stock can't be counted in sales units.`,
      action: "Correct the conversion factor of the sales part in IFS.",
      owner: "ifsAdministrator",
      field: "ConvFactor",
      value: part.convFactor,
    },
  });
}

/**
 * Undefined for a kit of nothing that could run short. `refused` names components that there are not: the kit itself is shown as
 * zero until they are.
 */
export function toKit(
  part: IfsSalesPart,
  components: readonly Component[],
  given: {
    readonly config: Pick<ConnectorConfig, "units">;
    readonly partOf: (catalogNo: CatalogNo) => IfsSalesPart | undefined;
  },
): { readonly part: StockPart | undefined; readonly refused: RefusedRecord | undefined } {
  const { draws, missing } = drawsOfKit(components, given.partOf, given.config.units);
  const refused = missing.length === 0 ? undefined : componentsMissing(part, missing);
  // A kit without a single known component draws on a part that there is not, so that it stands at zero like one that ran out.
  const [first = drawOnNothing(part.catalogNo)] = draws;
  if (draws.length === 0 && missing.length === 0) return { part: undefined, refused };
  const ended = !part.active ? `kit ${part.catalogNo} is not active` : refused && `component ${missing[0]} is missing`;
  return {
    part: {
      ...part,
      partNo: first.partNo,
      factor: first.factor,
      draws: draws.length > 0 ? draws : [first],
      ...(ended && { ended }),
    },
    refused,
  };
}

const drawOnNothing = (kit: CatalogNo): Draw => ({
  partNo: kit as string as PartNo,
  factor: ONE_TO_ONE,
  component: true,
});

const componentsMissing = (kit: IfsSalesPart, missing: readonly CatalogNo[]): RefusedRecord => ({
  recordType: "sku",
  recordId: `kit ${kit.contract}/${kit.catalogNo}`,
  recordLabel: kit.catalogNo,
  rejection: {
    code: "unmappedSku",
    message: `Kit ${kit.catalogNo} of site ${kit.contract} is made of ${missing.slice(0, 10).join(", ")}, which the site does not have as active sales parts. The kit is shown as 0.`,
    action: "Create or activate the sales parts in IFS, or correct the kit under `stock.kits` or in IFS.",
    owner: "merchant",
    field: "stock.kits",
    value: missing[0] ?? "",
  },
});
