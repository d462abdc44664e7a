/** Which of the tenant's names was probably meant. */

/** Affixes by which tenants and releases vary a name: the customer layer's `C` and `Cf_`, database values with `Db`. */
const bare = (name: string): string =>
  name
    .replace(/^(Cf_|C(?=[A-Z]))/, "")
    .replace(/Db$/, "")
    .replaceAll("_", "")
    .toLowerCase();

/** At most this share of a name's characters may differ; beyond it a proposal would be a guess. */
const LARGEST_SHARE = 0.34;

/**
 * The closest candidate, or undefined when none is close. Candidates that equal the name are not candidates. A vocabulary of
 * our own is small enough for a larger share.
 */
export function closest(
  name: string,
  candidates: Iterable<string>,
  largestShare: number = LARGEST_SHARE,
): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const distance = distanceOf(name, candidate);
    if (!best || distance < best.distance) best = { name: candidate, distance };
  }
  return best && best.distance <= Math.max(1, name.length * largestShare) ? best.name : undefined;
}

/** 0 where only an affix or the case differs; else the edit distance, less for names that contain one another. */
function distanceOf(name: string, candidate: string): number {
  const [a, b] = [bare(name), bare(candidate)];
  if (a === b) return 0;
  const contained = Math.min(a.length, b.length) >= 4 && (a.includes(b) || b.includes(a));
  return contained ? Math.abs(a.length - b.length) / 3 : editDistance(a, b);
}

/** Insertions, deletions and replacements that turn one text into the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
