/**
 * Every row's key and ETag are read, nothing else, and compared with what they were. Finds what no time stamp and no log tells,
 * deleted rows included: a key that is gone is reported like one that changed, and what it means is decided by reading it again.
 * Costs the keys of the whole table in every run, and works for every object (seen: a `$select` of the key still has ETags).
 *
 * Remembered is one fingerprint of 8 bytes for each key that a flow knows (a part's rows together), spread over documents of
 * some 1,500 keys by a hash of the key. No order of keys is relied on: IFS's collation is not ours.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Feed } from "./found.ts";
import { type Memory, readPieces, type StoredPiece } from "./memory.ts";

/** Of one row: the key that the flow knows it by, its full key, and its ETag. */
export type TaggedRow<Key> = { readonly key: Key; readonly row: string; readonly etag: string };

/** Key -> fingerprint of all its rows. */
export type Fingerprints<Key extends string> = ReadonlyMap<Key, string>;

/** Rows may come twice and in any order: pages that moved are read again. */
export function collectFingerprints<Key extends string>(): {
  readonly add: (row: TaggedRow<Key>) => void;
  readonly result: () => Fingerprints<Key>;
} {
  const rows = new Map<Key, Set<string>>();
  return {
    add({ key, row, etag }) {
      const known = rows.get(key) ?? new Set<string>();
      rows.set(key, known.add(hash64(JSON.stringify([row, etag]))));
    },
    result: () => new Map([...rows].map(([key, hashes]) => [key, hash64([...hashes].sort().join())])),
  };
}

/** Keys that are new, gone, or have another fingerprint. */
export function differing<Key extends string>(before: Fingerprints<Key>, now: Fingerprints<Key>): Key[] {
  const changed = [...now].filter(([key, fingerprint]) => before.get(key) !== fingerprint).map(([key]) => key);
  const gone = [...before.keys()].filter((key) => !now.has(key));
  return [...changed, ...gone];
}

export function etagSweepFeed<Key extends string>(options: {
  readonly memory: Memory;
  readonly name: string;
  readonly key: z.ZodType<Key>;
  /** All rows of the object; undefined when the tenant gives no ETags with a list: then only a full sweep tells. */
  readonly read: () => Promise<Fingerprints<Key> | undefined>;
}): Feed<Key> {
  const { memory, name, key, read } = options;
  return async () => {
    const store = await openFingerprints(memory, name, key);
    const now = await read();
    if (now === undefined) return { keys: "all", handled: async () => {} };
    const keys = store.before ? differing(store.before, now) : "lost";
    return { keys, handled: () => store.save(now) };
  };
}

/** Keys of one document, on average at most: with a key of 25 characters below 100 KB, the size that the platform recommends. */
const KEYS_PER_DOCUMENT = 1500;
const MOST_DOCUMENTS = 512;

const headSchema = z.object({ documents: z.int().min(1).max(MOST_DOCUMENTS) });
const pieceSchema = z.record(z.string(), z.string().length(11));

/**
 * The head names how many documents there are and is written last, so a save that was cut short leaves either the old state or a
 * mixture of documents that were handled and documents that come again.
 */
async function openFingerprints<Key extends string>(memory: Memory, name: string, key: z.ZodType<Key>) {
  const head = await memory.read(name);
  const known = headSchema.safeParse(head?.value).data?.documents;
  const pieces = known === undefined ? [] : await readPieces(memory, pieceNames(name, known));
  const before = known === undefined ? undefined : parsePieces(pieces, key);
  return {
    before,
    async save(next: Fingerprints<Key>) {
      // Never fewer: documents cannot be removed through this memory, and a layout that swings would be written anew each time.
      const documents = Math.max(known ?? 1, documentsFor(next.size));
      const names = pieceNames(name, documents);
      const current = documents === known ? pieces : await readPieces(memory, names);
      for (const [index, value] of splitFingerprints(next, documents).entries()) {
        const stored = current[index];
        if (sameRecord(stored?.value, value)) continue;
        await memory.write(names[index] ?? "", value, stored?.version ?? 0);
      }
      if (documents !== known) await memory.write(name, { documents }, head?.version ?? 0);
    },
  };
}

const pieceNames = (name: string, documents: number): string[] =>
  Array.from({ length: documents }, (_, index) => `${name}-${documents}-${index}`);

function documentsFor(keys: number): number {
  let documents = 1;
  while (documents < MOST_DOCUMENTS && documents * KEYS_PER_DOCUMENT < keys) documents *= 2;
  return documents;
}

function splitFingerprints<Key extends string>(all: Fingerprints<Key>, documents: number): Record<string, string>[] {
  const pieces = Array.from({ length: documents }, (): [string, string][] => []);
  for (const [key, fingerprint] of all) pieces[bucketOf(key, documents)]?.push([key, fingerprint]);
  return pieces.map((entries) => Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** One document that is missing or damaged loses the state: what was in it cannot be told from what was never there. */
function parsePieces<Key extends string>(
  pieces: readonly StoredPiece[],
  key: z.ZodType<Key>,
): Fingerprints<Key> | undefined {
  const all = new Map<Key, string>();
  for (const piece of pieces) {
    const parsed = pieceSchema.safeParse(piece?.value);
    if (!parsed.success) return undefined;
    for (const [name, fingerprint] of Object.entries(parsed.data)) {
      const known = key.safeParse(name);
      if (!known.success) return undefined;
      all.set(known.data, fingerprint);
    }
  }
  return all;
}

function sameRecord(stored: unknown, value: Readonly<Record<string, string>>): boolean {
  const known = pieceSchema.safeParse(stored).data;
  if (known === undefined) return false;
  const names = Object.keys(value);
  return names.length === Object.keys(known).length && names.every((name) => known[name] === value[name]);
}

const digest = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();
/** 8 bytes as 11 characters. */
const hash64 = (text: string): string => digest(text).subarray(0, 8).toString("base64url");
const bucketOf = (key: string, documents: number): number => digest(key).readUInt32BE(8) % documents;
