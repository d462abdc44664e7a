/**
 * Inventory parts that IFS refuses to be asked for: a number that a gateway does not let through, a row that IFS cannot compute; and parts
 * with a row that cannot be read. They are left out of what is asked for others, and not asked for again for some minutes. Of them there is
 * no answer, which is not the answer that there is none.
 */
import type { RefusedKeys } from "../../domain/failure.ts";
import type { Contract, PartNo } from "../../domain/ids.ts";
import { figureKey, REFERENCE_MS } from "./context.ts";
import type { AtpDeps } from "./deps.ts";

/** Of one site, as this process remembers them. */
export function refusedPartsOf(
  { context, logger }: Pick<AtpDeps, "context" | "logger">,
  contract: Contract,
): RefusedKeys<PartNo> {
  const { refusedParts, clock } = context;
  return {
    has(partNo) {
      const known = refusedParts.get(figureKey(contract, partNo));
      return known !== undefined && clock.monotonic() - known.refusedAt < REFERENCE_MS;
    },
    set(partNo, reason) {
      refusedParts.set(figureKey(contract, partNo), { refusedAt: clock.monotonic() });
      logger.warn({ flow: "atp-check", site: contract, partNo, reason }, "part-refused");
    },
  };
}
