import type { CustomObject } from "@commercetools/platform-sdk";
import { absentAsUndefined, type CtClient, isNotFound } from "./client.ts";
import { createManyDocuments } from "./many-documents.ts";

/** The connector's containers of CustomObjects; see docs/architecture.md, "State". */
export const containers = {
  config: "ifs-connector-config",
  configVersions: "ifs-connector-config-versions",
  leases: "ifs-connector-leases",
  cursors: "ifs-connector-cursors",
  runs: "ifs-connector-runs",
  runHistory: "ifs-connector-run-history",
  exceptions: "ifs-connector-exceptions",
  journal: "ifs-connector-journal",
  holds: "ifs-connector-holds",
  callerCarts: "ifs-connector-caller-carts",
  hints: "ifs-connector-hints",
  budget: "ifs-connector-budget",
  corrections: "ifs-connector-corrections",
  amendments: "ifs-connector-amendments",
  ignored: "ifs-connector-ignored",
  atpMetrics: "ifs-connector-atp-metrics",
  sales: "ifs-connector-sales",
} as const;
export type Container = (typeof containers)[keyof typeof containers];

/** A CustomObject as read; `value` is parsed by whoever knows its shape. Timestamps are ISO 8601 in UTC. */
export type StoredDocument = {
  readonly key: string;
  readonly version: number;
  readonly value: unknown;
  readonly createdAt: string;
  readonly lastModifiedAt: string;
};

export type DocumentQuery = {
  readonly where?: string[];
  readonly variables?: Readonly<Record<string, string | number | string[]>>;
  /** By key, createdAt or lastModifiedAt only: nothing else can be sorted by. */
  readonly sort?: `${"key" | "createdAt" | "lastModifiedAt"} ${"asc" | "desc"}`;
  /** At most 10,000. */
  readonly offset?: number;
  /** At most 500. */
  readonly limit: number;
  readonly withTotal?: boolean;
};

export type Documents = ReturnType<typeof createDocuments>;

const toDocument = ({ key, version, value, createdAt, lastModifiedAt }: CustomObject): StoredDocument => ({
  key,
  version,
  value,
  createdAt,
  lastModifiedAt,
});

export function createDocuments({ root }: CtClient) {
  const at = (container: Container, key: string) => root.customObjects().withContainerAndKey({ container, key });

  const documents = {
    async read(container: Container, key: string): Promise<StoredDocument | undefined> {
      const found = await absentAsUndefined(at(container, key).get().execute());
      return found && toDocument(found);
    },

    /**
     * With `version`: only if that is still the document's version, else ConflictError. Without: creates or replaces.
     * `version: 0` as "create only" is nowhere documented, so this adapter never sends it.
     */
    async write(container: Container, key: string, value: unknown, version?: number): Promise<StoredDocument> {
      if (version !== undefined && version < 1) throw new RangeError(`not a version to compare with: ${version}`);
      const body = version === undefined ? { container, key, value } : { container, key, value, version };
      return toDocument((await root.customObjects().post({ body }).execute()).body);
    },

    /** False where it was not there. With `version`: ConflictError when somebody wrote in between. */
    async remove(container: Container, key: string, version?: number): Promise<boolean> {
      try {
        await at(container, key)
          .delete(version === undefined ? {} : { queryArgs: { version } })
          .execute();
        return true;
      } catch (error) {
        if (isNotFound(error)) return false;
        throw error;
      }
    },

    async list(container: Container, query: DocumentQuery): Promise<{ total: number; rows: StoredDocument[] }> {
      const variables = Object.entries(query.variables ?? {}).map(([name, value]) => [`var.${name}`, value] as const);
      const queryArgs = {
        limit: query.limit,
        withTotal: query.withTotal ?? false,
        ...(query.where && { where: query.where }),
        ...(query.sort && { sort: query.sort }),
        ...(query.offset !== undefined && { offset: query.offset }),
        ...Object.fromEntries(variables),
      };
      const { body } = await root.customObjects().withContainer({ container }).get({ queryArgs }).execute();
      return { total: body.total ?? body.results.length, rows: body.results.map(toDocument) };
    },
  };
  return { ...documents, ...createManyDocuments({ root }, documents) };
}

/**
 * A legal document key for any name, injectively: characters outside of A-Z a-z 0-9 _ . - become `~` and two hexadecimal
 * digits per UTF-8 byte. Throws a RangeError beyond 256 characters.
 */
export function documentKey(name: string): string {
  let key = "";
  for (const character of name) {
    key += /^[A-Za-z0-9_.-]$/.test(character)
      ? character
      : [...Buffer.from(character, "utf8")].map((byte) => `~${byte.toString(16).padStart(2, "0")}`).join("");
  }
  if (key.length === 0 || key.length > 256)
    throw new RangeError(`not usable as a document key: "${name.slice(0, 80)}"`);
  return key;
}
