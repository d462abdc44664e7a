/**
 * Many inventory entries for few requests. GraphQL takes its predicate in the body, so that five hundred SKUs fit where a URL holds a
 * hundred, and several lists go in one request. What it shows of an entry is what `glanceFields` names (the fields are those of REST;
 * that these of the many exist in GraphQL is seen for some and unverified for others), so nothing is written by it.
 *
 * Where GraphQL refuses, for whatever reason (no scope, a field that is unknown, its limit of complexity), REST is asked, for several
 * times as many requests: that is told once.
 */
import type { InventoryEntry } from "@commercetools/platform-sdk";
import { z } from "zod";
import { AuthenticationError, RefusedError } from "../domain/failure.ts";
import type { Sku } from "../domain/ids.ts";
import { chunked, mapLimited } from "../runtime/limit.ts";
import type { CtClient } from "./client.ts";
import { PAGE } from "./paging.ts";

/** An entry without who wrote it, its custom fields, limits and levels. */
export type EntryGlance = Pick<
  InventoryEntry,
  | "id"
  | "version"
  | "createdAt"
  | "lastModifiedAt"
  | "key"
  | "sku"
  | "supplyChannel"
  | "quantityOnStock"
  | "availableQuantity"
  | "restockableInDays"
  | "expectedDelivery"
>;

/** What tells an entry from others. */
export type EntryName = Pick<InventoryEntry, "id" | "sku" | "quantityOnStock">;

/** Lists in one request: the platform limits the complexity of a query, and says nowhere at what. */
const LISTS_PER_REQUEST = 2;
const REQUESTS_AT_A_TIME = 2;

const glanceFields =
  "id version createdAt lastModifiedAt key sku quantityOnStock availableQuantity restockableInDays expectedDelivery supplyChannelRef { id }";
const nameFields = "id sku quantityOnStock";

const glanceSchema = z.object({
  id: z.string(),
  version: z.number(),
  createdAt: z.string(),
  lastModifiedAt: z.string(),
  key: z.string().nullish(),
  sku: z.string(),
  quantityOnStock: z.int(),
  availableQuantity: z.int(),
  restockableInDays: z.int().nullish(),
  expectedDelivery: z.string().nullish(),
  supplyChannelRef: z.object({ id: z.string() }).nullish(),
});
const nameSchema = z.object({ id: z.string(), sku: z.string(), quantityOnStock: z.int() });

/** A refusal comes under 200 as well, with `errors`, and then no part of the answer counts. */
const answerOf = <T extends z.ZodType>(row: T) =>
  z.object({ data: z.record(z.string(), z.object({ results: z.array(row) })), errors: z.never().optional() });

const errorsSchema = z.object({ errors: z.array(z.object({ message: z.string() })).min(1) });
const refusalIn = (body: unknown): string =>
  errorsSchema.safeParse(body).data?.errors[0]?.message ?? "an answer of another form than was asked for";

/** Inside quotation marks nothing of these means anything to the grammar of predicates; other SKUs are asked for by REST. */
const isPlain = (sku: string): boolean => !/["\\\p{Cc}]/u.test(sku);

type Rest = {
  bySkus(skus: readonly Sku[], channelIds: readonly string[]): Promise<InventoryEntry[]>;
  page(channelId: string, afterId: string | undefined, limit: number): Promise<InventoryEntry[]>;
};

/** `graphqlRefused` is told what GraphQL said. */
export function createInventoryLook({ root }: CtClient, rest: Rest, graphqlRefused: (refusal: string) => void) {
  /** Asked no more once it has refused. */
  let refused = false;

  /** The results of each predicate, ascending by id; undefined where GraphQL refuses. */
  async function ask<T extends z.ZodType>(
    wheres: readonly string[],
    fields: string,
    row: T,
  ): Promise<z.infer<T>[][] | undefined> {
    const names = wheres.map((_, index) => `w${index}`);
    const lists = names.map(
      (name) =>
        `${name}: inventoryEntries(where: $${name}, sort: ["id asc"], limit: ${PAGE}) { results { ${fields} } }`,
    );
    const query = `query (${names.map((name) => `$${name}: String!`).join(", ")}) { ${lists.join(" ")} }`;
    const variables = Object.fromEntries(wheres.map((where, index) => [`w${index}`, where]));
    try {
      const { body } = await root.graphql().post({ body: { query, variables } }).execute();
      const { data } = answerOf(row).safeParse(body).data ?? {};
      const found = names.map((name) => data?.[name]?.results);
      if (found.every((results) => results !== undefined)) return found;
      giveUp(refusalIn(body));
    } catch (error) {
      // What the token itself is refused for, REST says again.
      if (!(error instanceof RefusedError || error instanceof AuthenticationError)) throw error;
      giveUp(error.message);
    }
    return undefined;
  }

  function giveUp(refusal: string): void {
    if (!refused) graphqlRefused(refusal);
    refused = true;
  }

  return {
    /** Entries of these SKUs in these supply channels (ids, at least one). */
    async glance(skus: readonly Sku[], channelIds: readonly string[]): Promise<EntryGlance[]> {
      const skusPerList = Math.floor(PAGE / channelIds.length);
      const plain = skusPerList > 0 && !refused ? [...new Set(skus)].filter(isPlain) : [];
      // One entry of a SKU and channel at most: a list is never longer than its page.
      const lists = chunked(plain, Math.max(1, skusPerList));
      const channels = `supplyChannel(id in (${channelIds.map(quoted).join(", ")}))`;
      const answers = await mapLimited(chunked(lists, LISTS_PER_REQUEST), REQUESTS_AT_A_TIME, async (some) => {
        const wheres = some.map((list) => `sku in (${list.map(quoted).join(", ")}) and ${channels}`);
        const found = refused ? undefined : await ask(wheres, glanceFields, glanceSchema);
        return found ? found.flat().map(toGlance) : rest.bySkus(some.flat(), channelIds);
      });
      const asked = new Set(plain);
      const others = skus.filter((sku) => !asked.has(sku));
      return [...answers.flat(), ...(others.length > 0 ? await rest.bySkus(others, channelIds) : [])];
    },

    /** All entries of a supply channel, some pages at a time; each entry that is there all the time once. */
    async *names(channelId: string): AsyncGenerator<readonly EntryName[], void, void> {
      const channel = `supplyChannel(id = ${quoted(channelId)})`;
      let open = idRanges();
      while (open.length > 0 && !refused) {
        const found = await ask(
          open.map(({ after, before }) => [channel, above(after), below(before)].filter(Boolean).join(" and ")),
          nameFields,
          nameSchema,
        );
        if (!found) break;
        yield found.flat();
        open = open.flatMap((range, index) => {
          const rows = found[index] ?? [];
          return rows.length < PAGE ? [] : [{ ...range, after: rows.at(-1)?.id }];
        });
      }
      for (const { after, before } of refused ? open : []) yield* byRest(channelId, after, before);
    },
  };

  async function* byRest(channelId: string, after: string | undefined, before: string | undefined) {
    for (let afterId = after; ; ) {
      const rows = await rest.page(channelId, afterId, PAGE);
      yield before === undefined ? rows : rows.filter(({ id }) => id <= before);
      const last = rows.at(-1)?.id;
      if (rows.length < PAGE || last === undefined || (before !== undefined && last >= before)) return;
      afterId = last;
    }
  }
}

/** Ids are hexadecimal (seen) and evenly spread; where they are not, the ranges are uneven, and no id is outside of them. */
function idRanges(): { after: string | undefined; before: string | undefined }[] {
  const bounds = [..."123456789abcdef"];
  return [undefined, ...bounds].map((after, index) => ({ after, before: bounds[index] }));
}

const quoted = (text: string): string => `"${text}"`;
const above = (id: string | undefined): string => (id === undefined ? "" : `id > ${quoted(id)}`);
const below = (id: string | undefined): string => (id === undefined ? "" : `id <= ${quoted(id)}`);

function toGlance({
  supplyChannelRef,
  restockableInDays,
  expectedDelivery,
  key,
  ...entry
}: z.infer<typeof glanceSchema>): EntryGlance {
  return {
    ...entry,
    ...(typeof key === "string" && { key }),
    ...(supplyChannelRef && { supplyChannel: { typeId: "channel" as const, id: supplyChannelRef.id } }),
    ...(typeof restockableInDays === "number" && { restockableInDays }),
    ...(typeof expectedDelivery === "string" && { expectedDelivery }),
  };
}
