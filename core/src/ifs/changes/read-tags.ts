/** The keys and ETags of a whole object, page by page. */
import type { z } from "zod";
import type { ObjectBinding } from "../binding.ts";
import type { IfsClient } from "../client.ts";
import { parseRows } from "../fields.ts";
import type { Filter } from "../filter.ts";
import { collectFingerprints, type Fingerprints } from "./etag-sweep.ts";

/** undefined when a row comes without ETag: it could change unseen. */
export async function readTags<F extends string, Key extends string>(
  client: IfsClient,
  object: ObjectBinding<F>,
  query: {
    readonly filter: Filter;
    /** The field of the key that a flow knows the row by, and its schema. */
    readonly field: NoInfer<F>;
    readonly schema: z.ZodType<Key>;
    readonly what: string;
  },
): Promise<Fingerprints<Key> | undefined> {
  const { filter, field, schema, what } = query;
  const collected = collectFingerprints<Key>();
  let untagged = 0;
  await client.each(object, { filter, fields: [] }, (rows) => {
    const keys = parseRows(
      schema,
      rows.map((row) => row[field]),
      what,
    );
    for (const [index, row] of rows.entries()) {
      const key = keys[index];
      if (key === undefined) continue;
      if (typeof row.etag !== "string") untagged += 1;
      else collected.add({ key, row: JSON.stringify(object.key.map((name) => row[name] ?? null)), etag: row.etag });
    }
  });
  if (untagged === 0) return collected.result();
  client.logger.warn({ what, untagged }, "etag-sweep-without-etags");
  return undefined;
}
