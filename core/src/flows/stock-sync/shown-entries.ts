/**
 * Which entries a full run has met, in memory that does not grow with their number: a Bloom filter. What it does not know was not
 * met; of what was not met it takes one in some hundreds for known (with a million entries), another one in each run.
 */
export type ShownEntries = {
  add(entryId: string): void;
  /** False: certainly not added. */
  has(entryId: string): boolean;
};

const BITS = 1 << 24;
const HASHES = 4;

export function createShownEntries(salt: number): ShownEntries {
  const words = new Uint32Array(BITS / 32);
  const places = (entryId: string): number[] => {
    const [one, two] = hashes(entryId, salt);
    return Array.from({ length: HASHES }, (_, nth) => ((one + nth * two) >>> 0) % BITS);
  };
  return {
    add(entryId) {
      for (const place of places(entryId)) words[place >>> 5] = (words[place >>> 5] ?? 0) | (1 << (place & 31));
    },
    has: (entryId) => places(entryId).every((place) => ((words[place >>> 5] ?? 0) & (1 << (place & 31))) !== 0),
  };
}

/** FNV-1a, twice from different beginnings; the second is odd, so that its multiples differ. */
function hashes(text: string, salt: number): [number, number] {
  let one = 0x811c9dc5 ^ salt;
  let two = 0x9747b28c ^ salt;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ code, 0x5bd1e995);
  }
  return [mixed(one), mixed(two) | 1];
}

/** The upper bits of a product hardly reach the lower ones. */
function mixed(hash: number): number {
  const once = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}
