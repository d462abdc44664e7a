/**
 * Several CustomObjects in one request of GraphQL. The platform carries out its parts one by one, not all or nothing, and says for each
 * what became of it (documented). Where GraphQL refuses, for whatever reason, each goes by itself over REST.
 */
import { z } from "zod";
import { ConflictError, RefusedError, TransientError } from "../domain/failure.ts";
import { chunked, mapLimited } from "../runtime/limit.ts";
import type { CtClient } from "./client.ts";

/** A document as it should be, if it still has the version. */
export type DocumentSwap = { readonly key: string; readonly value: unknown; readonly version: number };
type Draft = { readonly key: string; readonly value: unknown; readonly version?: number };

/** One document by itself; errors as documents.ts throws them. */
type Single<Container extends string> = {
  read(container: Container, key: string): Promise<Shown | undefined>;
  write(container: Container, key: string, value: unknown, version?: number): Promise<Shown>;
};

/**
 * Of parts `e0`, `e1` …: one that failed is null, or takes the whole of `data` along (which of both is unverified); `errors` says why.
 */
const answerSchema = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.object({
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.object({ code: z.string().optional() }).optional(),
      }),
    )
    .optional(),
});
type Answer = z.infer<typeof answerSchema>;

const writtenSchema = z.object({ version: z.int() });
const shownSchema = z.object({
  key: z.string(),
  version: z.int(),
  value: z.unknown(),
  createdAt: z.string(),
  lastModifiedAt: z.string(),
});
/** As documents.ts reads it. */
type Shown = z.infer<typeof shownSchema>;
const shownFields = "key version value createdAt lastModifiedAt";

/** Parts of a request at most: the platform limits the complexity of a query, and says nowhere at what. */
const MOST_PARTS = 20;
const AT_A_TIME = 4;

export function createManyDocuments<Container extends string>(
  { root }: Pick<CtClient, "root">,
  single: Single<Container>,
) {
  /** Undefined where GraphQL refuses the request as a whole: nothing of it was done. Throws where the platform does not answer. */
  async function ask(query: string, variables: Readonly<Record<string, unknown>>): Promise<Answer | undefined> {
    try {
      const { body } = await root.graphql().post({ body: { query, variables } }).execute();
      return answerSchema.parse(body);
    } catch (error) {
      if (error instanceof RefusedError) return undefined;
      throw error;
    }
  }

  function mutate(container: Container, drafts: readonly Draft[]): Promise<Answer | undefined> {
    const types = drafts.map((_, index) => `$d${index}: CustomObjectDraft!`);
    const fields = drafts.map((_, index) => `e${index}: createOrUpdateCustomObject(draft: $d${index}) { key version }`);
    const variables = drafts.map(({ value, ...draft }, index) => {
      return [`d${index}`, { container, ...draft, value: JSON.stringify(value) }] as const;
    });
    return ask(`mutation (${types.join(", ")}) { ${fields.join(" ")} }`, Object.fromEntries(variables));
  }

  function show(container: Container, keys: readonly string[]): Promise<Answer | undefined> {
    const types = keys.map((_, index) => `$k${index}: String!`);
    const fields = keys.map((_, index) => {
      return `e${index}: customObject(container: $container, key: $k${index}) { ${shownFields} }`;
    });
    const variables = Object.fromEntries(keys.map((key, index) => [`k${index}`, key]));
    return ask(`query ($container: String!, ${types.join(", ")}) { ${fields.join(" ")} }`, { container, ...variables });
  }

  async function swap(container: Container, { key, value, version }: DocumentSwap): Promise<number | Error> {
    try {
      return (await single.write(container, key, value, version)).version;
    } catch (error) {
      return error as Error;
    }
  }

  return {
    /** By key, each as it is shown by itself; those that are not there are absent. */
    async readAll(container: Container, keys: readonly string[]): Promise<Map<string, Shown>> {
      const read = await mapLimited(chunked(keys, MOST_PARTS), AT_A_TIME, async (some) => {
        const answer = some.length > 1 ? await show(container, some) : undefined;
        return Promise.all(
          some.map(async (key, index) => shownIn(answer, `e${index}`) ?? (await single.read(container, key))),
        );
      });
      return new Map(
        read.flat().flatMap((document) => (document && document !== absent ? [[document.key, document]] : [])),
      );
    },

    /** Creates or replaces; what is not answered for is written by itself, which does it no harm. */
    async writeAll(container: Container, drafts: readonly Omit<Draft, "version">[]): Promise<void> {
      for (const some of chunked(drafts, MOST_PARTS)) {
        const answer = some.length > 1 ? await mutate(container, some) : undefined;
        for (const [index, { key, value }] of some.entries()) {
          if (!writtenSchema.safeParse(answer?.data?.[`e${index}`]).success) await single.write(container, key, value);
        }
      }
    },

    /**
     * By key: the new version, or why there is none. ConflictError: somebody else was quicker; TransientError: it may have happened.
     * Throws where the platform does not answer.
     */
    async swapAll(container: Container, swaps: readonly DocumentSwap[]): Promise<Map<string, number | Error>> {
      const swapped = await mapLimited(chunked(swaps, MOST_PARTS), AT_A_TIME, async (some) => {
        const answer = some.length > 1 ? await mutate(container, some) : undefined;
        return Promise.all(
          some.map(async (one, index) => {
            const outcome = answer ? versionIn(answer, `e${index}`) : await swap(container, one);
            return [one.key, outcome] as const;
          }),
        );
      });
      return new Map(swapped.flat());
    },
  };
}

const absent = Symbol("not there");

/** Undefined: the answer does not tell. */
function shownIn(answer: Answer | undefined, part: string): Shown | typeof absent | undefined {
  if (!answer) return undefined;
  const shown = answer.data?.[part];
  if (shown === null && answer.errors === undefined) return absent;
  const parsed = shownSchema.safeParse(shown);
  return parsed.success ? parsed.data : undefined;
}

/** What is not told of may have happened: another part's failure may have taken the answer along. */
function versionIn(answer: Answer, part: string): number | Error {
  const { data } = writtenSchema.safeParse(answer.data?.[part]);
  if (data) return data.version;
  const code = answer.errors?.find(({ path }) => path?.[0] === part)?.extensions?.code;
  if (code === "ConcurrentModification" || code === "ResourceNotFound") {
    return new ConflictError(`a document was changed by somebody else (${code})`);
  }
  return new TransientError(`a document may not have been written (${code ?? "no answer to its part"})`);
}
