/** Who draws on a part: its sales parts, the kits that contain them, and whoever shares a component of these kits. */
import type { ConnectorConfig } from "../domain/config.ts";
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
  { contract, kits, config }: Scope,
  catalogNos: readonly CatalogNo[],
): Promise<(catalogNo: CatalogNo) => StockPart | undefined> {
  const components = catalogNos.flatMap((catalogNo) => kits.componentsOf(catalogNo) ?? []);
  const all = [...new Set([...catalogNos, ...components.map(({ catalogNo }) => catalogNo)])];
  const known = new Map((await salesParts(contract, all)).map((row) => [row.catalogNo, row]));
  const sorting = { kits, config, refused: [] };
  const parts = [...plainOf([...known.values()], sorting), ...kitsAmong(catalogNos, { known, ...sorting })];
  const byNo = new Map(parts.map((part) => [part.catalogNo, part]));
  return (catalogNo) => byNo.get(catalogNo);
}

type Scope = { readonly contract: Contract; readonly kits: Kits; readonly config: Pick<ConnectorConfig, "units"> };

export async function readSharers(
  { salesParts, salesPartsOf }: SharerReads,
  { contract, kits, config }: Scope,
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
  const drawing = [
    ...plainOf(own, { kits, config, refused }),
    ...kitsAmong([...kitNos], { known, kits, config, refused }),
  ];
  const alreadyRead = new Set<string>(asked.partNos);
  const more = [...new Set(drawing.flatMap(({ draws }) => draws.map(({ partNo }) => partNo)))].filter(
    (partNo) => !alreadyRead.has(partNo),
  );
  const siblings = more.length === 0 ? [] : learn(await salesPartsOf(contract, more));
  const others = new Set(siblings.flatMap(({ catalogNo }) => kits.containing(catalogNo)));
  const besideKits = [...others].filter((kit) => !kitNos.has(kit));
  await read(besideKits.flatMap(withComponents));
  const looked = new Set(drawing.flatMap(({ draws }) => draws.map(({ partNo }) => partNo)));
  const quiet = { kits, config, refused: [] };
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

type Sorting = {
  readonly kits: Kits;
  readonly config: Pick<ConnectorConfig, "units">;
  readonly refused: RefusedRecord[];
};

function plainOf(rows: readonly IfsSalesPart[], { kits, config, refused }: Sorting): StockPart[] {
  return rows.flatMap((row) => {
    const { partNo } = row;
    if (partNo === null || kits.componentsOf(row.catalogNo)) return [];
    const parsed = parseSalesPart({ ...row, partNo }, config);
    if (!parsed.ok) refused.push(parsed.error);
    return parsed.ok ? [parsed.value] : [];
  });
}

function kitsAmong(
  kitNos: readonly CatalogNo[],
  { known, kits, config, refused }: Sorting & { readonly known: ReadonlyMap<CatalogNo, IfsSalesPart> },
): StockPart[] {
  return kitNos.flatMap((kitNo) => {
    const row = known.get(kitNo);
    const components = kits.componentsOf(kitNo);
    if (!row || !components) return [];
    const kit = toKit(row, components, { config, partOf: (catalogNo) => known.get(catalogNo) });
    if (kit.refused) refused.push(kit.refused);
    return kit.part ?? [];
  });
}
