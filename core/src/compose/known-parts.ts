/** Sales parts as order export reads them: the same few hundred again and again, and each reading is a request to IFS. */
import type { CatalogNo, Contract } from "../domain/ids.ts";
import type { IfsSalesPart } from "../domain/ifs-records.ts";

type Parts = { salesParts(contract: Contract, catalogNos: readonly CatalogNo[]): Promise<IfsSalesPart[]> };

/** IFS's own amounts are compared after the create, so that an older factor cannot become a wrong order. */
const KNOWN_MS = 5 * 60_000;
const MOST = 5000;

/**
 * Remembers active parts for minutes. What is missing or not active is asked for again each time, so that a repaired part counts
 * at once.
 */
export function knownParts(parts: Parts, now: () => number): Parts {
  const known = new Map<string, { readonly part: IfsSalesPart; readonly until: number }>();
  const keyOf = (contract: Contract, catalogNo: CatalogNo): string => JSON.stringify([contract, catalogNo]);
  return {
    async salesParts(contract, catalogNos) {
      const at = now();
      const fresh = catalogNos.flatMap((catalogNo) => {
        const found = known.get(keyOf(contract, catalogNo));
        return found && found.until > at ? [found.part] : [];
      });
      const have = new Set(fresh.map(({ catalogNo }) => catalogNo));
      const missing = catalogNos.filter((catalogNo) => !have.has(catalogNo));
      if (missing.length === 0) return fresh;
      const read = await parts.salesParts(contract, missing);
      for (const part of read) {
        if (!part.active) continue;
        const key = keyOf(part.contract, part.catalogNo);
        known.delete(key);
        known.set(key, { part, until: at + KNOWN_MS });
      }
      for (const key of known.keys()) {
        if (known.size <= MOST) break;
        known.delete(key);
      }
      return [...fresh, ...read];
    },
  };
}

const byParts = new WeakMap<Parts, Parts>();

/** One memory per adapter, which is one per process and configuration. */
export function knownPartsOf(parts: Parts, now: () => number): Parts {
  const made = byParts.get(parts) ?? knownParts(parts, now);
  byParts.set(parts, made);
  return made;
}
