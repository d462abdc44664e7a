/** Sales parts as order export reads them: the same few hundred again and again, and each reading is a request to IFS. */
import type { CatalogNo, Contract } from "../domain/ids.ts";
import type { IfsSalesPart } from "../domain/ifs-records.ts";

type Parts = { salesParts(contract: Contract, catalogNos: readonly CatalogNo[]): Promise<IfsSalesPart[]> };

/** IFS's own amounts are compared after the create, so that an older factor cannot become a wrong order. */
const KNOWN_MS = 5 * 60_000;
const MOST = 5000;

/** What is read anyway takes along what orders use and what is about to be read again: else each of them is a request. */
const SOON_MS = 60_000;
const MOST_ALONG = 40;

type Known = { readonly part: IfsSalesPart; readonly until: number; used: boolean };

/**
 * Remembers active parts for minutes. What is missing or not active is asked for again each time, so that a repaired part counts
 * at once. Orders that need the same part at the same time share one reading, and its failure.
 */
export function knownParts(parts: Parts, now: () => number): Parts {
  const known = new Map<string, Known>();
  const reading = new Map<string, Promise<readonly IfsSalesPart[]>>();
  const keyOf = (contract: Contract, catalogNo: CatalogNo): string => JSON.stringify([contract, catalogNo]);

  function soonNeeded(contract: Contract, at: number): CatalogNo[] {
    const soon = [...known.entries()].filter(
      ([key, { part, until, used }]) =>
        used && part.contract === contract && until <= at + SOON_MS && until > at - SOON_MS && !reading.has(key),
    );
    return soon.slice(0, MOST_ALONG).map(([, { part }]) => part.catalogNo);
  }

  async function read(contract: Contract, catalogNos: readonly CatalogNo[]): Promise<readonly IfsSalesPart[]> {
    const at = now();
    const found = await parts.salesParts(contract, catalogNos);
    for (const part of found) {
      if (!part.active) continue;
      const key = keyOf(part.contract, part.catalogNo);
      known.delete(key);
      known.set(key, { part, until: at + KNOWN_MS, used: false });
    }
    for (const key of known.keys()) {
      if (known.size <= MOST) break;
      known.delete(key);
    }
    return found;
  }

  function begin(contract: Contract, catalogNos: readonly CatalogNo[]): void {
    const all = [...new Set([...catalogNos, ...soonNeeded(contract, now())])];
    const keys = all.map((catalogNo) => keyOf(contract, catalogNo));
    const flight = read(contract, all).finally(() => {
      for (const key of keys) reading.delete(key);
    });
    for (const key of keys) reading.set(key, flight);
  }

  return {
    async salesParts(contract, catalogNos) {
      const at = now();
      const fresh = catalogNos.flatMap((catalogNo) => {
        const found = known.get(keyOf(contract, catalogNo));
        if (!found || found.until <= at) return [];
        found.used = true;
        return [found.part];
      });
      const have = new Set(fresh.map(({ catalogNo }) => catalogNo));
      const missing = new Set(catalogNos.filter((catalogNo) => !have.has(catalogNo)));
      if (missing.size === 0) return fresh;
      const unread = [...missing].filter((catalogNo) => !reading.has(keyOf(contract, catalogNo)));
      if (unread.length > 0) begin(contract, unread);
      const flights = new Set([...missing].flatMap((catalogNo) => reading.get(keyOf(contract, catalogNo)) ?? []));
      const read = (await Promise.all(flights)).flat();
      return [...fresh, ...read.filter(({ catalogNo }) => missing.has(catalogNo))];
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
