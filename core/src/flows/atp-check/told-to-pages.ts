/** What a page with a key learns of a SKU that there is not. */
import type { AtpDoors } from "../../domain/atp-door-config.ts";
import type { LineVerdict } from "./decide.ts";
import type { AvailabilityRequest } from "./parse.ts";
import { mayBeTold } from "./respond.ts";

/**
 * Without figures, a page is answered about a SKU that neither commercetools nor IFS has as about one that is sold out, whatever the
 * policy: where that lets it pass, each `false` would prove that there is such a SKU. No page can sell what no shop has.
 * `hasEntry`: in any supply channel that a pool feeds.
 */
export function toldToPage(
  verdict: LineVerdict,
  { request, doors, hasEntry }: { request: AvailabilityRequest; doors: AtpDoors; hasEntry: boolean },
): LineVerdict {
  const isHidden = request.caller?.kind === "key" && !mayBeTold(request, doors);
  return isHidden && verdict.reason === "unmappedSku" && !hasEntry ? soldOut : verdict;
}

const soldOut: LineVerdict = {
  ...{ outcome: "refuse", source: "shop", available: 0 },
  ...{ reason: "outOfStock", policy: null, passes: false },
};
