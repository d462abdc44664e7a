/** What a seed sells, and out of which sites: most are as plain as can be, and some have what several others share. */
import { connectCommercetools } from "../../core/src/compose/connector.ts";
import { createStore } from "../../core/src/ct/store.ts";
import { contractSchema, partNoSchema, skuSchema } from "../../core/src/domain/ids.ts";
import type { Chance } from "../chance.ts";
import { jobSettings, surroundingsOf } from "../install.ts";
import type { World } from "../world.ts";
import type { Article, Pool } from "./books.ts";
import { LAST_SALE_MS } from "./schedule.ts";
import { later, type Story, tell } from "./story.ts";

export type Wares = {
  readonly pools: readonly [Pool, ...Pool[]];
  readonly articles: Story["articles"];
  /** Events of IFS and the check at checkout tell of SKUs and parts between the scheduled runs. */
  readonly hints: boolean;
};

/** What sells: one channel alone, two on one pool, or one on each of two sites. */
const plain: readonly [Wares["pools"], ...Wares["pools"][]] = [
  [{ site: "101", channels: ["hamburg"] }],
  [{ site: "101", channels: ["hamburg", "munich"] }],
  [
    { site: "101", channels: ["hamburg"] },
    { site: "102", channels: ["munich"] },
  ],
];
const [single] = plain;
/** Of those that sell what they have alone. */
const KIT_SEEDS = 0.1;
/** Two sites, one channel. */
const joint: Wares["pools"] = [
  { site: "101", channels: ["hamburg"] },
  { site: "102", channels: ["hamburg"] },
];

/** Sells the second component of a kit alone, in IFS only. */
const CELL = "CELL";

/** `special` decides whether a seed is one of the others, so that the rest of the chances fall as in a plain one; `kits` does so for kits. */
export function waresOf(
  skus: readonly [string, string],
  { chance, special, kits }: { readonly chance: Chance; readonly special: Chance; readonly kits: Chance },
): Wares {
  const pools = chance.pick(plain);
  const hints = special.happens(0.35);
  const units = special.whole(2, 3);
  const [piece, other] = skus.map((sku): Article => ({ sku, partNo: sku, units: 1 })) as [Article, Article];
  const own = [piece, other] as const;
  if (special.happens(0.6)) {
    if (!kits.happens(KIT_SEEDS)) return { pools, articles: own, hints };
    // A kit of pieces that are sold alone as well, and of one that the shop does not sell.
    const kit = { sku: other.sku, units: kits.whole(1, 2), partNo: piece.partNo, component: piece.sku };
    return { pools, articles: [piece, kit, { ...other, component: CELL }], hints };
  }
  return special.pick<Wares>([
    { pools: joint, articles: own, hints },
    // Packs of a part of their own: whoever sells them rounds down.
    { pools, articles: [piece, { ...other, units }], hints },
    // Pieces and packs of the same part.
    { pools: single, articles: [piece, { ...other, partNo: piece.partNo, units }], hints },
  ]);
}

/** In IFS the sales part of a pack says what it is made of. */
export function putUp(world: World, { pools, articles }: Wares): void {
  const sales = world.ifs.model.world().table("SalesPart");
  for (const { sku, partNo, units, component } of articles) {
    if (units === 1 && component !== CELL) continue;
    for (const { site } of pools) {
      const row = sales.get(site, sku);
      if (!row) throw new Error(`site ${site} does not sell ${sku}`);
      if (component === CELL) {
        sales.insert({ ...row.values, CatalogNo: CELL });
        sales.update(row, { PartNo: null });
      } else if (component === undefined)
        sales.update(row, { PartNo: partNo, ConvFactor: String(units), SalesUnitMeas: "BOX", PriceUnitMeas: "BOX" });
    }
  }
}

/** The configuration tells the connector what a kit is made of. */
export function kitsOf(articles: readonly Article[]) {
  const ofKit = Map.groupBy(
    articles.filter(({ component }) => component !== undefined),
    ({ sku }) => sku,
  );
  return [...ofKit].map(([catalogNo, some]) => ({
    catalogNo,
    components: some.map(({ component, units }) => ({ catalogNo: component, quantity: units })),
  }));
}

/** Named runs between the others. */
export function hints(story: Story): void {
  const { world, chance, articles, pools } = story;
  const { clock, random, fetch, logger } = surroundingsOf(world, "hints");
  const store = createStore(connectCommercetools(jobSettings(), { clock, random, fetch, logger }), clock, random);
  for (let left = chance.whole(5, 12); left > 0; left -= 1) {
    const [{ sku, partNo }, { site }] = [chance.pick(articles), chance.pick(pools)];
    const bySku = chance.happens(0.5);
    later(story, chance.between(500, LAST_SALE_MS), async () => {
      tell(story, `somebody tells of ${bySku ? sku : `${partNo} at ${site}`}`);
      await store.hints.put(
        bySku
          ? { object: "sku", sku: skuSchema.parse(sku) }
          : { object: "stock", contract: contractSchema.parse(site), partNo: partNoSchema.parse(partNo) },
      );
    });
  }
}
