/** What people do about stock, with its Deps: looks, which write nothing, releases, and the load of a channel. In the lane of the least urgent. */
import { createImports, MAX_IMPORT_RESOURCES } from "../ct/imports.ts";
import { createOrders } from "../ct/orders.ts";
import { byKeys, PAGE } from "../ct/paging.ts";
import type { Sku } from "../domain/ids.ts";
import type { Cursors } from "../flows/cursor.ts";
import { explainStock, type StockExplanation } from "../flows/stock-sync/explain.ts";
import { readHeld } from "../flows/stock-sync/held.ts";
import { type Loaded, type LoadOptions, loadChannel } from "../flows/stock-sync/load.ts";
import { type PreviewCounts, type PreviewReport, previewStock } from "../flows/stock-sync/preview.ts";
import { type Release, type Releases, releaseHeld, waitingReleases } from "../flows/stock-sync/release.ts";
import { syncNamedSkus } from "../flows/stock-sync/run.ts";
import type { NamedSummary } from "../flows/stock-sync/undone.ts";
import { type Active, type Connector, connectCommercetools } from "./connector.ts";
import { namedFirst } from "./ending-first.ts";
import { stockDeps } from "./flows.ts";

const lookDeps = (connector: Connector, active: Active) =>
  stockDeps(connector, { ...active, ifs: active.ifs.inLane("reports") });

export const explainSku = (connector: Connector, active: Active, sku: Sku): Promise<StockExplanation> =>
  explainStock(lookDeps(connector, active), { sku, now: connector.clock.now() });

/** The same for people, who know an order by its number: null where it has none. */
export async function explainWithNumbers(connector: Connector, active: Active, sku: Sku) {
  const explanation = await explainSku(connector, active, sku);
  const orders = createOrders(connector.ct);
  const ids = explanation.sites.flatMap(({ inFlight }) => inFlight.map(({ orderId }) => orderId));
  const found = await byKeys(ids, (some, afterId) =>
    orders.page({
      where: ["id in :ids"],
      variables: { ids: some },
      limit: PAGE,
      ...(afterId !== undefined && { afterId }),
    }),
  );
  return numbered(explanation, new Map(found.map(({ id, orderNumber }) => [id, orderNumber])));
}

const numbered = (explanation: StockExplanation, numbers: ReadonlyMap<string, string | undefined>) => ({
  ...explanation,
  sites: explanation.sites.map((site) => ({
    ...site,
    inFlight: site.inFlight.map((line) => ({ ...line, orderNumber: numbers.get(line.orderId) ?? null })),
  })),
});

export const previewAllStock = (connector: Connector, active: Active, report: PreviewReport): Promise<PreviewCounts> =>
  previewStock(lookDeps(connector, active), connector.clock.now(), report);

/** commercetools documents `https://import.<region>…` beside `https://api.<region>…`; any other address, such as the sandbox's, has both. */
export const importUrlOf = (apiUrl: string): string => apiUrl.replace(/^https:\/\/api\./, "https://import.");

/** `importUrl`: the Import API of the project's region. */
export function loadStock(
  connector: Connector,
  active: Active,
  { channel, importUrl, progress }: { channel: string; importUrl: string; progress: LoadOptions["progress"] },
): Promise<Loaded> {
  const { clock } = connector;
  const imports = createImports(connectCommercetools({ ...connector.settings, CTP_API_URL: importUrl }, connector));
  return loadChannel(
    {
      ...lookDeps(connector, active),
      countSalesParts: active.ifs.inLane("reports").parts.countSalesParts,
      sleep: clock.sleep,
      imports: { ...imports, mostPerRequest: MAX_IMPORT_RESOURCES },
    },
    { channel, now: clock.now(), progress },
  );
}

/** At once, whatever the schedule does meanwhile: writes are guarded by versions, and a named run leaves the schedule's state alone. */
export function syncSkus(connector: Connector, active: Active, skus: readonly Sku[]): Promise<NamedSummary> {
  const deps = lookDeps(connector, active);
  const parts = { ...deps.parts, ...namedFirst(active.ifs.inLane("reports").parts) };
  return syncNamedSkus({ ...deps, parts }, { skus, now: connector.clock.now() });
}

type HeldDeps = {
  readonly store: { readonly cursors: Pick<Cursors, "read"> };
  readonly clock: Pick<Connector["clock"], "now">;
};

/** What is held of each site, as its last scheduled run planned it, and what was released and waits for the next run. */
export async function heldOf({ store: { cursors }, clock }: HeldDeps, { config }: Pick<Active, "config">) {
  const sites = [];
  for (const { site } of config.sites) {
    const [held, releases] = await Promise.all([readHeld(cursors, site), waitingReleases(cursors, site, clock.now())]);
    const holds = held?.holds ?? [];
    if (holds.length + releases.length > 0) sites.push({ site, at: held?.at ?? null, holds, releases });
  }
  return { sites };
}

type ReleaseDeps = {
  readonly store: Releases;
  readonly clock: Pick<Connector["clock"], "now">;
  readonly active: () => Promise<Pick<Active, "config">>;
};

/** A RangeError for a site that the configuration does not have: nothing would ever use the release. */
export async function releaseOf({ store, clock, active }: ReleaseDeps, release: Release) {
  const { config } = await active();
  if (!config.sites.some(({ site }) => site === release.site)) {
    throw new RangeError(`the configuration has no site "${release.site}"`);
  }
  return releaseHeld(store, release, clock.now());
}
