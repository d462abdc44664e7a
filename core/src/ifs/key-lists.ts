/** Reading many rows by their keys: IFS has no `in` to rely on, so `eq` terms are joined by `or` under a URL length. */
import { mapLimited } from "../runtime/limit.ts";
import type { LogicalRow, ObjectBinding } from "./binding.ts";
import type { IfsClient, ListQuery } from "./client.ts";
import { and, chunkTerms, encodedLength, type Filter, or } from "./filter.ts";

const LEAST_ROOM = 200;

/** Rows that match `fixed` (if any) and one of the terms. No terms, no request. */
export async function readInChunks<F extends string>(
  client: IfsClient,
  object: ObjectBinding<F>,
  query: Omit<ListQuery<NoInfer<F>>, "filter"> & { readonly terms: readonly Filter[]; readonly fixed?: Filter },
): Promise<LogicalRow[]> {
  const { terms, fixed, ...rest } = query;
  const room = client.roomForFilter(object, rest) - encodedLength(fixed ? `${fixed} and ()` : "");
  const chunks = chunkTerms(terms, Math.max(room, LEAST_ROOM));
  const lists = await mapLimited(chunks, client.config.ifs.concurrency, (chunk) =>
    client.list(object, { ...rest, filter: fixed ? and(fixed, or(...chunk)) : or(...chunk) }),
  );
  return lists.flat();
}
