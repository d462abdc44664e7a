/** Who draws on a part: its sales parts, the kits that contain them, and whoever shares a component of these kits. */
import type { ConnectorConfig } from "../domain/config.ts";
import { decimal } from "../domain/decimal.ts";
import type { CatalogNo, Contract, PartNo } from "../domain/ids.ts";
import type { IfsSalesPart } from "../domain/ifs-records.ts";
import type { Kits } from "../domain/kits.ts";
import type { RefusedRecord } from "./run-delta.ts";
import { parseSalesPart, type StockPart, toKit } from "./stock-part.ts";

export type SharerReads = {
  readonly salesParts: (contract: Contract, catalogNos: readonly CatalogNo[]) => Promise<IfsSalesPart[]>;
  readonly salesPartsOf: (contract: Contract, partNos: readonly PartNo[]) => Promise<IfsSalesPart[]>;
};

export type Sharers = {
  /** Sales parts and kits that draw on the parts that were asked for. */
  readonly drawing: readonly StockPart[];
  /** Others that draw on a component of these kits: they count for their part of it. Of a kit among them, only components that were read. */
  readonly beside: readonly StockPart[];
  readonly refused: readonly RefusedRecord[];
};

/** What each of the sales parts takes of inventory parts, kits included; undefined: nothing that could run short, or nobody knows. */
export async function readStockParts(
  { salesParts }: Pick<SharerReads, "salesParts">,
  { contract, kits, config, unanswered }: Scope,
  catalogNos: readonly CatalogNo[],
): Promise<(catalogNo: CatalogNo) => StockPart | undefined> {
  const components = catalogNos.flatMap((catalogNo) => kits.componentsOf(catalogNo) ?? []);
  const all = [...new Set([...catalogNos, ...components.map(({ catalogNo }) => catalogNo)])];
  const known = new Map((await salesParts(contract, all)).map((row) => [row.catalogNo, row]));
  const sorting = { contract, kits, config, unanswered, refused: [] };
  const parts = [...plainOf([...known.values()], sorting), ...kitsAmong(catalogNos, { known, ...sorting })];
  const byNo = new Map(parts.map((part) => [part.catalogNo, part]));
  return (catalogNo) => byNo.get(catalogNo);
}

/** Sales parts that IFS refuses to be asked for; filled while they are asked for. */
export type Unanswered = { readonly catalogNos: { has(catalogNo: CatalogNo): boolean } };

type Scope = {
  readonly contract: Contract;
  readonly kits: Kits;
  readonly config: Pick<ConnectorConfig, "units">;
  /** Absent: the reads throw instead of leaving some out. */
  readonly unanswered?: Unanswered;
};

export async function readSharers(
  { salesParts, salesPartsOf }: SharerReads,
  { contract, kits, config, unanswered }: Scope,
  asked: { readonly partNos: readonly PartNo[]; readonly kitNos: readonly CatalogNo[] },
): Promise<Sharers> {
  const known = new Map<CatalogNo, IfsSalesPart>();
  const learn = (rows: readonly IfsSalesPart[]): readonly IfsSalesPart[] => {
    for (const row of rows) known.set(row.catalogNo, row);
    return rows;
  };
  const read = async (catalogNos: readonly CatalogNo[]): Promise<void> => {
    const missing = catalogNos.filter((catalogNo) => !known.has(catalogNo));
    if (missing.length > 0) learn(await salesParts(contract, [...new Set(missing)]));
  };
  const withComponents = (kit: CatalogNo): CatalogNo[] => [
    kit,
    ...(kits.componentsOf(kit) ?? []).map(({ catalogNo }) => catalogNo),
  ];
  const own = asked.partNos.length === 0 ? [] : learn(await salesPartsOf(contract, asked.partNos));
  const kitNos = new Set([...asked.kitNos, ...own.flatMap(({ catalogNo }) => kits.containing(catalogNo))]);
  await read([...kitNos].flatMap(withComponents));
  const refused: RefusedRecord[] = [];
  const sorting = { contract, kits, config, unanswered, refused };
  const drawing = [...plainOf(own, sorting), ...kitsAmong([...kitNos], { known, ...sorting })];
  const alreadyRead = new Set<string>(asked.partNos);
  const more = [...new Set(drawing.flatMap(({ draws }) => draws.map(({ partNo }) => partNo)))].filter(
    (partNo) => !alreadyRead.has(partNo),
  );
  const siblings = more.length === 0 ? [] : learn(await salesPartsOf(contract, more));
  const others = new Set(siblings.flatMap(({ catalogNo }) => kits.containing(catalogNo)));
  const besideKits = [...others].filter((kit) => !kitNos.has(kit));
  await read(besideKits.flatMap(withComponents));
  const looked = new Set(drawing.flatMap(({ draws }) => draws.map(({ partNo }) => partNo)));
  const quiet = { ...sorting, refused: [] };
  return {
    drawing,
    beside: [
      ...plainOf(siblings, quiet),
      ...kitsAmong(besideKits, { known, ...quiet }).flatMap((kit) => limitedTo(kit, looked)),
    ],
    refused,
  };
}

function limitedTo(kit: StockPart, partNos: ReadonlySet<PartNo>): StockPart[] {
  const draws = kit.draws.filter(({ partNo }) => partNos.has(partNo));
  const [first] = draws;
  return first ? [{ ...kit, draws, partNo: first.partNo, factor: first.factor }] : [];
}

type Sorting = Scope & { readonly refused: RefusedRecord[] };

function plainOf(rows: readonly IfsSalesPart[], { kits, config, refused }: Sorting): StockPart[] {
  return rows.flatMap((row) => {
    const { partNo } = row;
    if (partNo === null || kits.componentsOf(row.catalogNo)) return [];
    const parsed = parseSalesPart({ ...row, partNo }, config);
    if (!parsed.ok) refused.push(parsed.error);
    return parsed.ok ? [parsed.value] : [];
  });
}

function kitsAmong(kitNos: readonly CatalogNo[], { known, unanswered, refused, ...scope }: Known): StockPart[] {
  const isOut = (catalogNo: CatalogNo): boolean =>
    !known.has(catalogNo) && unanswered?.catalogNos.has(catalogNo) === true;
  return kitNos.flatMap((kitNo) => {
    const kit = kitOf(kitNo, { ...scope, isOut, partOf: (catalogNo) => known.get(catalogNo) });
    if (kit?.refused) refused.push(kit.refused);
    return kit?.part ?? [];
  });
}

/** A kit as far as IFS answers about it; undefined: there is none of this number. `isOut`: IFS refuses to be asked for the sales part. */
export function kitOf(
  kitNo: CatalogNo,
  { contract, kits, config, partOf, isOut }: Omit<Scope, "unanswered"> & KitReads,
): ReturnType<typeof toKit> | undefined {
  const row = partOf(kitNo) ?? (isOut(kitNo) ? withoutRow(contract, kitNo) : undefined);
  const components = kits.componentsOf(kitNo);
  if (!row || !components) return undefined;
  // One that IFS does not answer about is not one that there is not.
  const answered = components.filter(({ catalogNo }) => !isOut(catalogNo));
  const out = [kitNo, ...components.map(({ catalogNo }) => catalogNo)].find(isOut);
  const kit = toKit(row, answered, { config, partOf });
  return { ...kit, part: kit.part && out !== undefined ? { ...kit.part, unanswered: out } : kit.part };
}

type KitReads = {
  readonly partOf: (catalogNo: CatalogNo) => IfsSalesPart | undefined;
  readonly isOut: (catalogNo: CatalogNo) => boolean;
};

type Known = Sorting & { readonly known: ReadonlyMap<CatalogNo, IfsSalesPart> };

/** A kit whose own sales part IFS does not answer about. It is not planned by it; what it takes counts for others. */
const withoutRow = (contract: Contract, catalogNo: CatalogNo): IfsSalesPart => ({
  ...{ contract, catalogNo, description: "", partNo: null, active: true },
  ...{ salesUnitMeas: "", unitMeas: null, priceUnitMeas: "" },
  ...{ convFactor: ONE, invertedConvFactor: ONE, priceConvFactor: ONE },
});

const ONE = decimal(1);
