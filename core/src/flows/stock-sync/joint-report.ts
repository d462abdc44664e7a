/** What keeps entries of channels that several sites feed from being written. */
import type { Contract } from "../../domain/ids.ts";
import type { RunSummary } from "../../domain/run-summary.ts";
import type { RefusedRecord } from "../run-delta.ts";
import { peersOf } from "./joint-reads.ts";
import type { Desired } from "./map.ts";
import type { SiteRun } from "./site-run.ts";

/** At the end of a scheduled run: names sites of the same channels that show nothing, or lets their exceptions close. */
export async function reportUnseenPeers(run: SiteRun): Promise<RunSummary> {
  const { tracker, seen, counts, deps, site } = run;
  const messages: string[] = [];
  let failed = 0;
  const peers = peersOf(run);
  for (const { contract } of peers.length === 0 ? [] : [run, ...peers]) {
    const skus = [...(seen.unseenPeers.get(contract) ?? [])];
    const record = unseen(site.site, contract, skus);
    tracker.seen(record.recordId);
    if (skus.length === 0) continue;
    deps.logger.warn({ flow: "stock-sync", site: site.site, unseen: contract, skus: skus.length }, "peer-not-shown");
    await tracker.record(record);
    counts.held += skus.length;
    failed += skus.length;
    messages.push(record.rejection.message);
  }
  return { processed: 0, changed: 0, failed, ...(messages.length > 0 && { message: messages.join(" ") }) };
}

const unseen = (site: string, peer: Contract, skus: readonly string[]): RefusedRecord => ({
  recordType: "flow",
  recordId: `joint ${site}/${peer}`,
  recordLabel: `stock of site ${peer}`,
  rejection: {
    code: "stockAnomaly",
    message: `IFS shows nothing of site ${peer}, which feeds supply channels together with others. Entries of these channels stay as they are, because their sum is not known; waiting: ${skus.slice(0, 10).join(", ") || "none"}.`,
    action: `Add site ${peer} to the user-allowed sites of the service user in IFS, and let it read sales parts and stock there; or take the site out of \`stock.pools\`. The next run goes on by itself.`,
    owner: "ifsAdministrator",
  },
});

/** A SKU of a shared part that is made of something else at another site. Its entries are lowered, and not raised. */
export const unalike = ({ sku, joint }: Desired): RefusedRecord => {
  const parts = (joint?.parts ?? []).map(
    ({ figure, part }) => `${part.draws.map(({ partNo }) => partNo).join(" and ")} at site ${figure.contract}`,
  );
  return {
    recordType: "sku",
    recordId: `joint ${sku}`,
    recordLabel: sku,
    rejection: {
      code: "unmappedSku",
      message: `SKU ${sku} is made of ${[...new Set(parts)].join(", ")}, and shares these parts with other SKUs. In a supply channel that several sites feed nobody can tell which part its entry shows, so it is lowered and never raised.`,
      action:
        "Let the sales part have the same inventory parts and conversion factors at all sites that feed the channel, or give the sites channels of their own under `stock.pools`.",
      owner: "merchant",
      field: "sku",
      value: sku,
    },
  };
};
