/** Sales parts, kits and those who share them, as the check needs them: minutes old at most. */
import { z } from "zod";
import { askedWithout } from "../../domain/failure.ts";
import {
  type CatalogNo,
  type Contract,
  catalogNoSchema,
  type PartNo,
  partNoSchema,
  type Sku,
} from "../../domain/ids.ts";
import { type Kits, kitsOf } from "../../domain/kits.ts";
import { toCatalogNo, toSkus } from "../../domain/sku.ts";
import { kitOf, readSharers, type Sharers } from "../sharers.ts";
import { isKit, parseSalesPart, type StockPart } from "../stock-part.ts";
import { type CachedPart, REFERENCE_MS } from "./context.ts";
import type { AtpDeps } from "./deps.ts";
import { packagesOf } from "./packages.ts";
import { refusedPartsOf } from "./refused-parts.ts";

/** Of one site; numbers that the site does not have are kept as absent, too. */
export type SiteParts = ReadonlyMap<CatalogNo, CachedPart>;

export const readKits = async (deps: AtpDeps, contract: Contract): Promise<Kits> => {
  const { stock } = deps.config;
  return kitsOf(stock, contract, stock.kits.fromIfs ? await packagesOf(deps, contract) : []);
};

export type Site = { readonly contract: Contract; readonly kits: Kits };

const rememberedPart = ({ context }: AtpDeps, contract: Contract, catalogNo: CatalogNo): CachedPart | undefined => {
  const cached = context.parts.get(JSON.stringify([contract, catalogNo]));
  return cached && context.clock.monotonic() - cached.readAt < REFERENCE_MS ? cached : undefined;
};

/** Numbers of the SKUs' sales parts of which nothing is remembered; kits have no part of their own. */
export function unreadParts(deps: AtpDeps, { contract, kits }: Site, skus: readonly Sku[]): CatalogNo[] {
  const untracked = new Set<string>(deps.config.skus.untracked);
  return skus
    .filter((sku) => !untracked.has(sku))
    .map((sku) => toCatalogNo(deps.config, sku))
    .filter((catalogNo) => !kits.componentsOf(catalogNo) && !rememberedPart(deps, contract, catalogNo));
}

/** The sales parts of the SKUs, and of the components of kits among them. */
export async function readSiteParts(deps: AtpDeps, { contract, kits }: Site, skus: readonly Sku[]): Promise<SiteParts> {
  const { context, config, ifs } = deps;
  const untracked = new Set<string>(config.skus.untracked);
  const found = new Map<CatalogNo, CachedPart>();
  const missing = new Set<CatalogNo>();
  const sold = skus.filter((sku) => !untracked.has(sku)).map((sku) => toCatalogNo(config, sku));
  const components = sold.flatMap((catalogNo) => kits.componentsOf(catalogNo) ?? []);
  for (const catalogNo of [...sold, ...components.map((component) => component.catalogNo)]) {
    const cached = rememberedPart(deps, contract, catalogNo);
    if (cached) found.set(catalogNo, cached);
    else missing.add(catalogNo);
  }
  if (missing.size === 0) return found;
  const loaded = await context.batchers(contract).parts.load([...missing], (keys) =>
    context.guarded(config.atp.deadlineMs, async () => {
      const readAt = context.clock.monotonic();
      // SKUs come from whoever asks: one that IFS refuses to be asked for spoils nobody else's answer.
      const refused = new Map<CatalogNo, string>();
      const parts = await askedWithout(keys, refused, (left) => ifs.salesParts(contract, left));
      const byNo = new Map(parts.map((part) => [part.catalogNo, part]));
      return new Map(
        keys.map((key) => {
          const isRefused = refused.has(key);
          return [key, { part: byNo.get(key) ?? null, readAt, ...(isRefused && { isRefused }) }];
        }),
      );
    }),
  );
  for (const [catalogNo, value] of loaded) {
    found.set(catalogNo, value);
    context.parts.set(JSON.stringify([contract, catalogNo]), value);
  }
  return found;
}

/**
 * `notStocked`: nothing of it can run short. `unknown`: the site does not have it, or it cannot be counted. `refused`: IFS does not let
 * itself be asked for it. Of a kit, what can be asked for is known all the same, and it names what cannot (`unanswered`).
 */
export function stockPartOf(
  { config }: Pick<AtpDeps, "config">,
  { contract, parts, kits }: { readonly contract: Contract; readonly parts: SiteParts; readonly kits: Kits },
  sku: Sku,
): StockPart | "notStocked" | "unknown" | "refused" {
  const catalogNo = toCatalogNo(config, sku);
  const isOut = (no: CatalogNo): boolean => parts.get(no)?.isRefused === true;
  if (kits.componentsOf(catalogNo)) {
    const partOf = (no: CatalogNo) => parts.get(no)?.part ?? undefined;
    const kit = kitOf(catalogNo, { contract, kits, config, partOf, isOut });
    if (!kit) return "unknown";
    const isKnown = ![catalogNo, ...(kits.componentsOf(catalogNo) ?? []).map((each) => each.catalogNo)].some(isOut);
    return kit.part ?? (isKnown ? "notStocked" : "refused");
  }
  const part = parts.get(catalogNo)?.part;
  if (!part) return isOut(catalogNo) ? "refused" : "unknown";
  const { partNo } = part;
  if (partNo === null) return "notStocked";
  const parsed = parseSalesPart({ ...part, partNo }, config);
  return parsed.ok ? parsed.value : "unknown";
}

/** A sales part and the inventory part that it was seen with. */
const keySchema = z.tuple([catalogNoSchema, partNoSchema]);

/**
 * Who shares the parts of these sales parts, by sales part: themselves among them. Absent: IFS refuses to be asked who does, and nobody
 * knows how much of the part is whose.
 */
export async function readSharersOf(
  deps: AtpDeps,
  { contract, kits }: { readonly contract: Contract; readonly kits: Kits },
  parts: readonly StockPart[],
): Promise<ReadonlyMap<CatalogNo, readonly StockPart[]>> {
  const { context, config, ifs } = deps;
  const found = new Map<CatalogNo, readonly StockPart[]>();
  const missing: string[] = [];
  const refused = refusedPartsOf(deps, contract);
  const isAnswered = ({ draws }: StockPart): boolean => draws.every(({ partNo }) => !refused.has(partNo));
  for (const part of parts.filter(isAnswered)) {
    const cached = context.sharers.get(JSON.stringify([contract, part.catalogNo]));
    if (cached && context.clock.monotonic() - cached.readAt < REFERENCE_MS) found.set(part.catalogNo, cached.sharers);
    else missing.push(JSON.stringify([part.catalogNo, part.partNo]));
  }
  if (missing.length === 0) return found;
  const loaded = await context.batchers(contract).sharers.load(missing, (keys) =>
    context.guarded(config.atp.deadlineMs, async () => {
      const readAt = context.clock.monotonic();
      const asked = keys.map((key) => keySchema.parse(JSON.parse(key)));
      const kitNos = asked.flatMap(([catalogNo]) => (kits.componentsOf(catalogNo) ? [catalogNo] : []));
      const partNos = asked.flatMap(([catalogNo, partNo]) => (kits.componentsOf(catalogNo) ? [] : [partNo]));
      const catalogNos = new Map<CatalogNo, string>();
      const reads = {
        salesParts: (site: Contract, nos: readonly CatalogNo[]) =>
          askedWithout(nos, catalogNos, (left) => ifs.salesParts(site, left)),
        salesPartsOf: (site: Contract, nos: readonly PartNo[]) =>
          askedWithout(nos, refused, (left) => ifs.salesPartsOf(site, left)),
      };
      const scope = { contract, kits, config, unanswered: { catalogNos } };
      const all = await readSharers(reads, scope, { partNos: [...new Set(partNos)], kitNos });
      return new Map(
        asked.flatMap(([catalogNo, partNo], index) => {
          const sharers = sharersFor(catalogNo, all);
          const own = sharers.filter((part) => part.catalogNo === catalogNo);
          if (refused.has(partNo) || !own.every(isAnswered)) return [];
          return [[keys[index] ?? "", { sharers, readAt }] as const];
        }),
      );
    }),
  );
  for (const [key, value] of loaded) {
    const [catalogNo] = keySchema.parse(JSON.parse(key));
    found.set(catalogNo, value.sharers);
    context.sharers.set(JSON.stringify([contract, catalogNo]), value);
  }
  return found;
}

/** Of those that were read together, who draws on what the sales part draws on, and on what kits among those draw on. */
function sharersFor(catalogNo: string, { drawing, beside }: Sharers): StockPart[] {
  const all = [...drawing, ...beside];
  const own = all.filter((part) => part.catalogNo === catalogNo);
  const partNos = partNosOf(own);
  const deeper = partNosOf([...own, ...all.filter((part) => isKit(part) && touches(part, partNos))]);
  return all.filter((part) => touches(part, deeper));
}

const partNosOf = (parts: readonly StockPart[]): ReadonlySet<PartNo> =>
  new Set(parts.flatMap(({ draws }) => draws.map(({ partNo }) => partNo)));

const touches = ({ draws }: StockPart, partNos: ReadonlySet<PartNo>): boolean =>
  draws.some(({ partNo }) => partNos.has(partNo));

/** SKUs, sorted out of the sales parts that sell them; untracked ones take nothing. */
export function skusOf({ config }: Pick<AtpDeps, "config">, part: Pick<StockPart, "catalogNo">): Sku[] {
  const untracked = new Set<string>(config.skus.untracked);
  return toSkus(config, part.catalogNo).filter((sku) => !untracked.has(sku));
}
