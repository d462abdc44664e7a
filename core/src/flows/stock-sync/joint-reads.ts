/**
 * What other sites have of the SKUs of a page, where they feed supply channels together with the page's site: asked for by their keys,
 * demand before stock at each of them. A site that shows nothing is not one that has nothing.
 */
import type { CatalogNo, Contract, PartNo } from "../../domain/ids.ts";
import type { IfsSalesPart } from "../../domain/ifs-records.ts";
import { jointPoolsOf } from "../../domain/joint-pools.ts";
import { toSkus } from "../../domain/sku.ts";
import { readSharers } from "../sharers.ts";
import type { StockPart } from "../stock-part.ts";
import { heldOfKind, readHeld } from "./held.ts";
import { type HoldKind, holdKinds } from "./hold-kinds.ts";
import type { Desired, PeerFigures, SiteFigures } from "./map.ts";
import { readFigures } from "./reads.ts";
import type { SiteRun } from "./site-run.ts";
import { withoutUnreadable } from "./unreadable.ts";

/** The page's own figures come first: no peer's are older. */
export async function readAllFigures(run: SiteRun, parts: readonly StockPart[]): Promise<SiteFigures> {
  const figures = await readFigures(run, parts);
  return withPeers(run, figures, parts);
}

export async function withPeers(run: SiteRun, figures: SiteFigures, parts: readonly StockPart[]): Promise<SiteFigures> {
  const peers = peersOf(run);
  const catalogNos = [...new Set(parts.map(({ catalogNo }) => catalogNo))].filter((no) => isTracked(run, no));
  if (peers.length === 0 || catalogNos.length === 0) return figures;
  run.seen.heldElsewhere ??= await heldBy(run, peers);
  return {
    ...figures,
    // A site that has lost its own rows is no better than another one.
    isHidden: await showsNoStock(run, figures),
    peers: await Promise.all(peers.map((peer) => readPeer(run, peer, catalogNos))),
  };
}

/** As their last scheduled runs stored it; those of the same run come one after the other. */
async function heldBy({ deps }: SiteRun, peers: readonly SiteRun[]): Promise<Map<HoldKind, Set<string> | "all">> {
  const held = new Map<HoldKind, Set<string> | "all">();
  for (const { site } of peers) {
    const known = await readHeld(deps.cursors, site.site);
    for (const kind of holdKinds) {
      const hold = heldOfKind(known, kind);
      if (!hold) continue;
      const before = held.get(kind) ?? new Set<string>();
      held.set(kind, hold.more || before === "all" ? "all" : new Set([...before, ...hold.skus]));
    }
  }
  return held;
}

/** A change that waits at another site of its channel for a person's word: that site writes it, once it is released there. */
export function isHeldElsewhere({ seen }: SiteRun, kind: HoldKind, { sku, joint }: Desired): boolean {
  const held = joint && seen.heldElsewhere?.get(kind);
  return held === "all" || held?.has(sku) === true;
}

/** Other sites that feed a channel together with a pool of this one. */
export const peersOf = (run: SiteRun): readonly SiteRun[] =>
  run.together.filter((peer) => peer !== run && sharedPools(run, peer).length > 0);

const sharedPools = ({ deps, pools }: SiteRun, peer: SiteRun) =>
  peer.pools.filter((pool) => {
    const joint = jointPoolsOf(deps.config.stock, pool);
    return joint !== undefined && pools.some((own) => joint.pools.includes(own));
  });

function isTracked({ deps }: SiteRun, catalogNo: CatalogNo): boolean {
  const untracked = new Set<string>(deps.config.skus.untracked);
  return toSkus(deps.config, catalogNo).some((sku) => !untracked.has(sku));
}

async function readPeer(run: SiteRun, peer: SiteRun, catalogNos: readonly CatalogNo[]): Promise<PeerFigures> {
  const { contract, kits, deps, seen } = peer;
  const sold = await deps.parts.salesParts(contract, catalogNos);
  const isKitNo = ({ catalogNo }: IfsSalesPart): boolean => kits.componentsOf(catalogNo) !== undefined;
  const stocked = sold.filter((part) => part.partNo !== null && !isKitNo(part));
  const asked = {
    partNos: [...new Set(stocked.flatMap(({ partNo }): PartNo[] => (partNo === null ? [] : [partNo])))],
    kitNos: sold.filter(isKitNo).map(({ catalogNo }) => catalogNo),
  };
  const scope = { contract, kits, config: deps.config, unanswered: seen.unreadable };
  const { drawing, beside } = await readSharers(deps.parts, scope, asked);
  const figures = await readFigures(peer, [...drawing, ...beside]);
  const known = withoutUnreadable(seen.unreadable, { parts: drawing, beside });
  const read = new Set(known.parts.map(({ catalogNo }) => catalogNo));
  // What can't be counted is not nothing: a wrong conversion factor, a number that IFS refuses.
  const wanted = [...stocked.map(({ catalogNo }) => catalogNo), ...asked.kitNos];
  const refused = catalogNos.filter((no) => seen.unreadable.catalogNos.has(no));
  const unread = new Set([
    ...refused,
    ...wanted.filter((no) => !read.has(no) && !isBoundless(no, drawing, asked.kitNos)),
  ]);
  const isHidden = await (sold.length === 0 ? showsNoPart(peer) : showsNoStock(peer, figures));
  return {
    ...{ contract, pools: sharedPools(run, peer), parts: known.parts, beside: known.beside ?? [], figures },
    unread: isHidden ? "all" : unread,
  };
}

/** A kit of nothing that could run short is nobody's stock. */
const isBoundless = (catalogNo: CatalogNo, drawing: readonly StockPart[], kitNos: readonly CatalogNo[]): boolean =>
  kitNos.includes(catalogNo) && !drawing.some((part) => part.catalogNo === catalogNo);

/** A lost grant answers empty lists, without an error. So where none of the page's SKUs is shown, a witness of the site is asked. */
async function showsNoStock({ deps, contract, before, seen }: SiteRun, { rows }: SiteFigures): Promise<boolean> {
  if (rows.length > 0) return false;
  const witnesses = [...new Set([...seen.sighted, ...before.witnesses])];
  // A site of which nobody has ever seen a row has none yet.
  return witnesses.length > 0 && (await deps.stock.stockRows(contract, witnesses)).length === 0;
}

/** Not one sales part: more likely a lost grant than a site that sells nothing. */
export const showsNoPart = async ({ deps, contract }: Pick<SiteRun, "deps" | "contract">): Promise<boolean> =>
  (await deps.parts.pageSalesParts(contract, undefined, 1)).length === 0;

/** SKUs whose entries stay as they are, because another site of their channels could not be read: looked at again by the next run. */
export function noteUnread({ seen, contract: own }: SiteRun, desired: readonly Desired[], figures: SiteFigures): void {
  const { peers = [], isHidden } = figures;
  const hidden = new Set<Contract>(peers.flatMap(({ contract, unread }) => (unread === "all" ? [contract] : [])));
  if (isHidden) hidden.add(own);
  for (const { sku, part, joint } of desired) {
    for (const contract of joint?.unread ?? []) {
      seen.again.add(part.partNo);
      if (!hidden.has(contract)) continue;
      const skus = seen.unseenPeers.get(contract) ?? new Set();
      seen.unseenPeers.set(contract, skus.add(sku));
    }
  }
}
