/** Thresholds beside what was sold: of the best sellers, which are not above what was once sold unseen, and which fields hold no number. Reads only. */
import { createCatalogue } from "../ct/catalogue.ts";
import type { CtClient } from "../ct/client.ts";
import type { Store } from "../ct/store.ts";
import type { ConnectorConfig } from "../domain/config.ts";
import { type Sku, skuSchema } from "../domain/ids.ts";
import { type SalesFigures, soldOf } from "../domain/sales.ts";
import {
  ageOf,
  asksCatalogue,
  type IgnoredField,
  noFacts,
  type SkuFacts,
  type ThresholdFound,
  termsOf,
} from "../domain/threshold.ts";
import type { Clock } from "../runtime/clock.ts";

export type ThresholdFacts = {
  /** null: nobody counted. `age`: seconds since the end of the last day. */
  readonly sales: (Pick<SalesFigures, "from" | "to" | "windowSeconds"> & { readonly age: number }) | null;
  readonly looked: number;
  readonly low: readonly LowThreshold[];
  readonly ignored: readonly ({ readonly sku: string } & IgnoredField)[];
};

/** `most`: units that were once sold within the seconds in which the guard does not see them. */
export type LowThreshold = {
  readonly sku: string;
  readonly supplyChannel: string;
  readonly found: ThresholdFound;
  readonly most: number;
};

export type ThresholdAccess = {
  readonly ct: CtClient;
  readonly store: { readonly sales: Pick<Store["sales"], "read"> };
  readonly clock: Pick<Clock, "now">;
};

type ThresholdConfig = Pick<ConnectorConfig, "atp" | "stock" | "skus">;

/** What sells seldom is never sold so fast. */
const MOST_CHECKED = 1000;

export const poolChannels = ({ stock }: Pick<ConnectorConfig, "stock">): string[] => [
  ...new Set(stock.pools.flatMap(({ channels }) => channels.map(({ supplyChannel }) => supplyChannel))),
];

export async function skuFactsOf(
  ct: CtClient,
  { atp }: Pick<ConnectorConfig, "atp">,
  skus: readonly Sku[],
): Promise<ReadonlyMap<Sku, SkuFacts>> {
  return asksCatalogue(atp) ? createCatalogue(ct).skuFacts(skus, atp.thresholdFields) : new Map();
}

export async function gatherThresholds(
  { ct, store, clock }: ThresholdAccess,
  config: ThresholdConfig,
): Promise<ThresholdFacts> {
  const sales = await store.sales.read();
  if (!sales) return { sales: null, looked: 0, low: [], ignored: [] };
  const now = clock.now();
  const channels = poolChannels(config);
  const onlyChannel = channels.length === 1;
  const slots = slotsOf(sales, { channels, untracked: new Set(config.skus.untracked) });
  const skus = [...new Set(slots.map(({ sku }) => sku))];
  const facts = await skuFactsOf(ct, config, skus);
  const low = slots.flatMap((slot): LowThreshold[] => {
    const { most } = soldOf(sales, { ...slot, onlyChannel });
    const { found } = termsOf(config.atp, { ...slot, onlyChannel, facts: facts.get(slot.sku) ?? noFacts, sales, now });
    return found.units <= most ? [{ ...slot, found, most }] : [];
  });
  const ignored = skus.flatMap((sku) => (facts.get(sku)?.ignored ?? []).map((field) => ({ sku, ...field })));
  const { from, to, windowSeconds } = sales;
  return { sales: { from, to, windowSeconds, age: ageOf(sales, now) }, looked: slots.length, low, ignored };
}

type Slot = { readonly sku: Sku; readonly supplyChannel: string };

/** The best sellers in channels that a pool feeds. */
function slotsOf(
  { rows }: SalesFigures,
  { channels, untracked }: { readonly channels: readonly string[]; readonly untracked: ReadonlySet<string> },
): Slot[] {
  const slots = new Map<string, Slot>();
  for (const [name, named] of [...rows.values()].slice(0, MOST_CHECKED)) {
    // A line that names no channel means the only one there is.
    const supplyChannel = named === "" && channels.length === 1 ? channels[0] : named;
    const sku = skuSchema.safeParse(name);
    const known = supplyChannel !== undefined && channels.includes(supplyChannel);
    if (sku.success && known && !untracked.has(name)) {
      slots.set(JSON.stringify([name, supplyChannel]), { sku: sku.data, supplyChannel });
    }
  }
  return [...slots.values()];
}
