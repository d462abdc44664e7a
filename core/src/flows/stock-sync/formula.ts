import { createHash } from "node:crypto";
import type { ConnectorConfig, Site } from "../../domain/config.ts";
import { sitesTogether } from "../../domain/joint-pools.ts";

/** A fingerprint of everything in the configuration that decides what a site's entries show. */
export function formulaOf({ stock, skus, units }: ConnectorConfig, { site, timeZone }: Site): string {
  const { pickingLocationTypes, ownOwnership, blockedAvailabilityControls, demandStates, minShelfLifeDays } = stock;
  const { kits, supply } = stock;
  // Absent where they are as usual, so that the fingerprints of before stay the same.
  const direction = stock.direction === "ifs" ? undefined : stock.direction;
  const inTransit = stock.inTransit === "leaveOut" ? undefined : stock.inTransit;
  // What another site gives to a channel of this one decides as well.
  const sites = sitesTogether(stock, site);
  const pools = stock.pools.filter((pool) => sites.includes(pool.site));
  const rules = { pickingLocationTypes, ownOwnership, blockedAvailabilityControls, demandStates, minShelfLifeDays };
  return createHash("sha256")
    .update(
      JSON.stringify({
        pools,
        rules,
        classes: stock.classes,
        kits,
        supply,
        skus,
        units,
        timeZone,
        direction,
        inTransit,
      }),
    )
    .digest("hex")
    .slice(0, 32);
}
