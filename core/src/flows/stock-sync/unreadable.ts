/**
 * Parts that IFS refuses to be asked for: a number that a gateway does not let through, a row that IFS cannot compute; and parts with a
 * row that cannot be read. A run leaves them out by name and goes on with all others. An empty answer would mean that there is no stock, no demand, no sales part any more; of
 * these there is no answer, and what nobody answered is concluded from nowhere: their entries stay as they are.
 *
 * Who shares such a part stays as it is too. What a kit takes of its other components still counts there, as far as it is known.
 */
import { askedWithout } from "../../domain/failure.ts";
import type { CatalogNo, Contract, PartNo, Sku } from "../../domain/ids.ts";
import type { RefusedRecord } from "../run-delta.ts";
import type { Unanswered } from "../sharers.ts";
import type { StockPart } from "../stock-part.ts";
import type { StockSyncDeps } from "./deps.ts";

/** Of one site in one run. What is refused once is not asked for again. */
export type Unreadable = Unanswered & {
  /** By IFS's words. */
  readonly partNos: Map<PartNo, string>;
  readonly catalogNos: Map<CatalogNo, string>;
  /** Sales parts and kits that were left out. */
  readonly leftOut: Map<CatalogNo, StockPart>;
  /** SKUs in flight of which not everything they draw on is known. */
  readonly inFlight: Set<Sku>;
};

export const nothingUnreadable = (): Unreadable => ({
  partNos: new Map(),
  catalogNos: new Map(),
  leftOut: new Map(),
  inFlight: new Set(),
});

/** The next run asks for so many of them again; all of them are met by the next full run. */
const ASKED_AGAIN = 50;

/** The same reads of IFS: keys that are refused are left out, and noted. Whoever concludes from what is missing looks there. */
export function askingWithout(deps: StockSyncDeps, { partNos, catalogNos }: Unreadable): StockSyncDeps {
  const byPart =
    <T>(ask: (contract: Contract, keys: readonly PartNo[]) => Promise<readonly T[]>) =>
    (contract: Contract, keys: readonly PartNo[]): Promise<T[]> =>
      askedWithout(keys, partNos, (left) => ask(contract, left));
  return {
    ...deps,
    parts: {
      ...deps.parts,
      salesPartsOf: byPart(deps.parts.salesPartsOf),
      salesParts: (contract, keys) => askedWithout(keys, catalogNos, (left) => deps.parts.salesParts(contract, left)),
    },
    stock: {
      ...deps.stock,
      stockRows: byPart(deps.stock.stockRows),
      rowsBeside(contract, asked, witnesses) {
        const isAsked = new Set(asked);
        return askedWithout([...witnesses, ...asked], partNos, (left) => {
          const [parts, beside] = [true, false].map((wanted) => left.filter((key) => isAsked.has(key) === wanted));
          return deps.stock.rowsBeside(contract, parts ?? [], beside ?? []);
        });
      },
      openDemand: byPart(deps.stock.openDemand),
    },
    plannedSupply: byPart(deps.plannedSupply),
  };
}

type Sharing = { readonly parts: readonly StockPart[]; readonly beside: readonly StockPart[] | undefined };

/** Call it once the figures of the parts were read: whatever of them IFS has refused is known then. */
export function withoutUnreadable({ partNos, leftOut }: Unreadable, { parts, beside }: Sharing): Sharing {
  const isOut = ({ unanswered, draws }: StockPart): boolean =>
    unanswered !== undefined || draws.some(({ partNo }) => partNos.has(partNo));
  if (![...parts, ...(beside ?? [])].some(isOut)) return { parts, beside };
  const out = parts.filter(isOut);
  for (const part of out) leftOut.set(part.catalogNo, part);
  // What their entries show is taken off what others may have, and so is their share of what can be read.
  const remains = [...out, ...(beside ?? [])].flatMap((part) => (isOut(part) ? readableOf(part, partNos) : [part]));
  return { parts: parts.filter((part) => !isOut(part)), beside: beside && remains };
}

function readableOf(part: StockPart, refused: ReadonlyMap<PartNo, string>): StockPart[] {
  const draws = part.draws.filter(({ partNo }) => !refused.has(partNo));
  const [first] = draws;
  return first ? [{ ...part, draws, partNo: first.partNo, factor: first.factor }] : [];
}

/** Parts that the next run looks at again, whatever moves: they may have moved before they were left out. */
export const unreadableParts = ({ partNos }: Unreadable): PartNo[] => [...partNos.keys()].slice(0, ASKED_AGAIN);

/** One for each sales part that was left out; where none is known, one for what could not be asked for. */
export function unreadableRecords(contract: Contract, { partNos, catalogNos, leftOut }: Unreadable): RefusedRecord[] {
  const told = new Map<string, RefusedRecord>();
  const tell = (catalogNo: string, field: "PartNo" | "CatalogNo", key: string, refusal: string): void => {
    if (!told.has(catalogNo)) told.set(catalogNo, recordOf({ contract, catalogNo, field, key, refusal }));
  };
  const named = new Set<string>();
  for (const { catalogNo, draws, unanswered } of leftOut.values()) {
    const partNo = draws.map((draw) => draw.partNo).find((no) => partNos.has(no));
    if (partNo !== undefined) tell(catalogNo, "PartNo", partNo, partNos.get(partNo) ?? "");
    else if (unanswered !== undefined) tell(catalogNo, "CatalogNo", unanswered, catalogNos.get(unanswered) ?? "");
    named.add(partNo ?? unanswered ?? "");
  }
  // Most inventory parts are sold under their own number.
  for (const [partNo, refusal] of partNos) if (!named.has(partNo)) tell(partNo, "PartNo", partNo, refusal);
  for (const [catalogNo, refusal] of catalogNos)
    if (!named.has(catalogNo)) tell(catalogNo, "CatalogNo", catalogNo, refusal);
  return [...told.values()];
}

type Left = {
  readonly contract: string;
  readonly catalogNo: string;
  readonly field: "PartNo" | "CatalogNo";
  readonly key: string;
  readonly refusal: string;
};

const recordOf = ({ contract, catalogNo, field, key, refusal }: Left): RefusedRecord => ({
  recordType: "sku",
  recordId: `${contract}/${catalogNo}`,
  recordLabel: catalogNo,
  rejection: {
    code: "ifsRefused",
    message: `IFS gives no answer that can be used about ${field === "PartNo" ? "inventory part" : "sales part"} ${key} of site ${contract}, so the stock of ${catalogNo} cannot be read: ${refusal.replace(/\.+$/, "")}. Its inventory entries stay as they are, and so do those of other SKUs that draw on it; all others are synchronised.`,
    action: `Look at ${key} in IFS. Where IFS names an error, correct the record behind it. Where a field is named, correct it in the rows of ${key}; where it is so for very many parts, correct the binding of this object. Where the number has characters such as # % & / or quotes, let the gateway before IFS pass them in a filter, or sell the goods under another number. The next run asks again.`,
    owner: "ifsAdministrator",
    field,
    value: key,
  },
});
