/** What the doctor asks of IFS. Reads only; nothing is judged here. */
import { RefusedError } from "../domain/failure.ts";
import { type Contract, contractSchema } from "../domain/ids.ts";
import { type LogicalRow, membersOf, type ObjectBinding, property } from "../ifs/binding.ts";
import { loggedUnits } from "../ifs/changes/history-log-read.ts";
import type { IfsClient } from "../ifs/client.ts";
import { and, enumMember, eq, type Filter, keyPredicate, ne, text } from "../ifs/filter.ts";
import { mapLimited } from "../runtime/limit.ts";
import { type Attempt, attempt, type Failure } from "./attempt.ts";
import { edmxOf, entityOf, type TenantModel } from "./binding-check.ts";
import { type Edmx, parseEdmx } from "./edmx.ts";
import type { ObjectName } from "./field-types.ts";
import type { MetadataFact } from "./metadata-fact.ts";
import type { DoctorConfig } from "./scope.ts";

/** One read of a set, for a site, a company or a price list. */
export type ReadFact = {
  readonly object: ObjectName;
  /** `site 101`, `price list WEB-EUR`, or the set itself. */
  readonly scope: string;
  readonly read: Attempt<{ readonly rows: readonly LogicalRow[] }>;
};

/** One timestamp, asked for with and without the header that makes it UTC. */
export type TimeZoneFact = {
  readonly object: TimedObject;
  readonly site: string;
  /** The digits as the site's clock shows them. */
  readonly digits: string;
  /** The same value with the header. */
  readonly withHeader: string;
  /** What the digits are in UTC by the configured zone. */
  readonly expected: string;
};

const timedFields = { order: "wantedDeliveryDate", stock: "lastActivityDate", shipment: "actualShipDate" } as const;
export type TimedObject = keyof typeof timedFields;

export type IfsFacts = {
  readonly model: TenantModel;
  /** Why the catalogue could not be read. */
  readonly catalogueFailure: Failure | undefined;
  /** Configured sites that are shown, with the company IFS says they belong to. */
  readonly sites: Attempt<ReadonlyMap<string, string | undefined>> | undefined;
  readonly reads: readonly ReadFact[];
  /** Site -> whether its sentinel order can be seen. */
  readonly sentinels: ReadonlyMap<string, boolean>;
  readonly timeZones: readonly TimeZoneFact[];
};

const SAMPLE_ROWS = 10;
const AT_A_TIME = 4;
const catalogueProjection = { group: "main", projection: "AllProjections", set: "Projections" } as const;

export type Catalogue = { readonly edmx: Edmx; readonly names: readonly string[] };

/** Names of all projections of the tenant. The key's name is not published, so the catalogue's own metadata tells it. */
export async function readCatalogue(client: IfsClient): Promise<Catalogue> {
  const edmx = parseMetadata(await client.metadata(catalogueProjection));
  const entity = edmx.entities.get(edmx.sets.get(catalogueProjection.set) ?? "");
  const [name] = entity?.key ?? [];
  if (name === undefined) {
    throw new RefusedError("ifs", "unexpectedAnswer", 200, "the catalogue of projections has no set or no key");
  }
  const object: ObjectBinding<"name"> = {
    ...catalogueProjection,
    key: ["name"],
    fields: { name },
    enums: {},
    select: true,
    timeZoneAware: false,
  };
  const rows = await client.list(object, {});
  return { edmx, names: rows.flatMap((row) => (typeof row.name === "string" ? [row.name] : [])) };
}

function parseMetadata(text: string) {
  try {
    return parseEdmx(text);
  } catch (error) {
    throw new RefusedError("ifs", "unexpectedAnswer", 200, (error as Error).message);
  }
}

/** The metadata of each projection, a few at a time. */
export async function readMetadata(
  client: IfsClient,
  projections: readonly Pick<ObjectBinding, "projection" | "group">[],
): Promise<Map<string, MetadataFact>> {
  const facts = await mapLimited(projections, AT_A_TIME, async (asked): Promise<[string, MetadataFact]> => {
    const answer = await attempt(async () => parseMetadata(await client.metadata(asked)));
    return [asked.projection, answer.ok ? { kind: "read", edmx: answer.value } : failedMetadata(answer.error)];
  });
  return new Map(facts);
}

function failedMetadata(error: Failure): MetadataFact {
  if (error instanceof RefusedError && error.code === "grantMissing") return { kind: "notGranted" };
  if (error instanceof RefusedError && error.status === 404) return { kind: "missing" };
  return { kind: "failed", why: error.message };
}

/** Everything behind the metadata; `catalogue` was read when the doctor signed in. */
export async function gatherIfs(
  client: IfsClient,
  config: DoctorConfig,
  scope: { used: ReadonlySet<ObjectName>; catalogue: Attempt<Catalogue> },
): Promise<IfsFacts> {
  const { binding } = client;
  const names = Object.keys(binding) as ObjectName[];
  const bound = names.flatMap((name) =>
    typeof binding[name] === "object" && "projection" in binding[name] ? [binding[name]] : [],
  );
  const { used, catalogue } = scope;
  const projections = new Map(bound.map(({ projection, group }) => [projection, { projection, group }]));
  if (catalogue.ok) projections.delete(catalogueProjection.projection);
  const metadata = await readMetadata(client, [...projections.values()]);
  if (catalogue.ok) metadata.set(catalogueProjection.projection, { kind: "read", edmx: catalogue.value.edmx });
  const model = { binding, used, metadata, catalogue: catalogue.ok ? catalogue.value.names : undefined };
  const reader = createReader(client, model);
  const sites = await readSites(reader, config);
  const reads = await readSets(reader, config);
  return {
    model,
    catalogueFailure: catalogue.ok ? undefined : catalogue.error,
    sites,
    reads,
    sentinels: await readSentinels(reader, config),
    timeZones: await readTimeZones(reader, reads),
  };
}

type Reader = ReturnType<typeof createReader>;

/** Reads samples with the fields that exist, so that one wrong field does not hide what the rest would say. */
function createReader(client: IfsClient, model: TenantModel) {
  const existing = (object: ObjectName, field: string): boolean => {
    const bound = (model.binding[object].fields as Readonly<Record<string, string | null>>)[field];
    return typeof bound === "string" && entityOf(model, object)?.properties.has(bound) === true;
  };
  return {
    client,
    model,
    existing,
    /** The first rows; undefined where the set, its key or the field of the filter is not there to be read. */
    async sample(object: ObjectName, query: SampleQuery): Promise<Attempt<{ rows: LogicalRow[] }> | undefined> {
      const bound: ObjectBinding = { ...model.binding[object], ...query.over };
      const needed = [...bound.key, ...Object.keys(query.where ?? {})];
      if (!entityOf(model, object) || !needed.every((field) => existing(object, field))) return undefined;
      const fields = Object.keys(bound.fields).filter((field) => existing(object, field));
      return attempt(async () => ({
        rows: await client.first(
          bound,
          { fields, ...(query.parent ? { parent: query.parent } : {}), ...filterOf(bound, query) },
          query.limit ?? SAMPLE_ROWS,
        ),
      }));
    },
  };
}

type SampleQuery = {
  readonly where?: Readonly<Record<string, string>>;
  readonly and?: readonly Filter[];
  readonly parent?: string;
  readonly limit?: number;
  readonly over?: Partial<ObjectBinding>;
};

function filterOf(bound: ObjectBinding, { where, and: more = [] }: SampleQuery): { filter?: Filter } {
  const terms = Object.entries(where ?? {}).map(([field, value]) => eq(property(bound, field), text(value)));
  return terms.length + more.length > 0 ? { filter: and(...terms, ...more) } : {};
}

/** The states as every look for open demand filters by them; none where the metadata says that IFS would refuse. */
function openStates(model: TenantModel): Filter[] {
  const { openDemand, states, finalLineStates } = model.binding;
  const { state } = openDemand.fields;
  const [edmx, entity] = [edmxOf(model, "openDemand"), entityOf(model, "openDemand")];
  const type = state === null ? undefined : entity?.properties.get(state)?.type;
  const members = type === undefined ? undefined : edmx?.enums.get(type);
  const finals = membersOf(states.orderLine, finalLineStates);
  const known = type?.endsWith(`.${openDemand.enums.state}`) && finals.every((member) => members?.includes(member));
  if (!known || state === null) return [];
  return finals.map((member) => ne(state, enumMember(openDemand.projection, openDemand.enums.state ?? "", member)));
}

async function readSites(reader: Reader, config: DoctorConfig): Promise<IfsFacts["sites"]> {
  const shown = new Map<string, string | undefined>();
  for (const { site } of config.sites) {
    const answer = await reader.sample("site", { where: { contract: site }, limit: 1 });
    if (!answer) return undefined;
    if (!answer.ok) return answer;
    const [row] = answer.value.rows;
    if (row) shown.set(site, typeof row.company === "string" ? row.company : undefined);
  }
  return { ok: true, value: shown };
}

const perSite = ["order", "salesPart", "stock", "shipment"] as const;

async function readSets(reader: Reader, config: DoctorConfig): Promise<ReadFact[]> {
  const companies = [...new Set(config.sites.map(({ company }) => company))];
  const lists = [...new Set(config.prices.lists.map(({ priceListNo }) => priceListNo))];
  const plan: { object: ObjectName; scope: string; query: SampleQuery }[] = [
    ...perSite.flatMap((object) =>
      config.sites.map(({ site }) => ({ object, scope: `site ${site}`, query: { where: { contract: site } } })),
    ),
    ...config.sites.map(({ site }) => ({
      object: "openDemand" as const,
      scope: `site ${site}`,
      query: { where: { contract: site }, and: openStates(reader.model) },
    })),
    ...companies.map((company) => ({
      object: "invoice" as const,
      scope: `company ${company}`,
      query: { where: { company } },
    })),
    ...lists.map((priceListNo) => ({
      object: "priceListPart" as const,
      scope: `price list ${priceListNo}`,
      query: { where: { priceListNo } },
    })),
    ...(reader.model.used.has("historyLog") ? loggedUnits : []).map((luName) => ({
      object: "historyLog" as const,
      scope: `logical unit ${luName}`,
      query: { where: { luName }, limit: 1 },
    })),
  ];
  // Every other set that a flow needs is read once; nothing tells by what to narrow it.
  const planned = new Set<ObjectName>(["site", ...readByOrder, ...plan.map(({ object }) => object)]);
  for (const object of reader.model.used) {
    if (planned.has(object) || reader.model.binding[object].parent !== null) continue;
    plan.push({ object, scope: "all", query: { limit: 1 } });
  }
  const reads = await mapLimited(plan, AT_A_TIME, async ({ object, scope, query }): Promise<ReadFact[]> => {
    const read = await reader.sample(object, query);
    return read ? [{ object, scope, read }] : [];
  });
  return [...reads.flat(), ...(await readChildren(reader, reads.flat()))];
}

const readByOrder: readonly ObjectName[] = ["orderLine", "orderCharge", "orderAddress"];

/** Lines are read by order, and arrays of an order need one. */
async function readChildren(reader: Reader, reads: readonly ReadFact[]): Promise<ReadFact[]> {
  const { binding } = reader.model;
  const orders = reads.flatMap(({ object, read }) => (object === "order" && read.ok ? read.value.rows : []));
  // One of the shop's own orders more likely has charges and an address.
  const orderNo = (orders.find(({ externalRef }) => externalRef) ?? orders[0])?.orderNo;
  if (typeof orderNo !== "string") return [];
  const parent = `${binding.order.set}${keyPredicate([{ property: property(binding.order, "orderNo"), value: text(orderNo) }])}`;
  const plan: [ObjectName, SampleQuery][] = [
    ["orderLine", { where: { orderNo } }],
    ["orderCharge", { parent }],
    ...(binding.singleOccurrence.place === "array"
      ? [["orderAddress", { parent }] satisfies [ObjectName, SampleQuery]]
      : []),
  ];
  const children: ReadFact[] = [];
  for (const [object, query] of plan) {
    const read = await reader.sample(object, query);
    if (read) children.push({ object, scope: `order ${orderNo}`, read });
  }
  return children;
}

async function readSentinels(reader: Reader, config: DoctorConfig): Promise<Map<string, boolean>> {
  const seen = new Map<string, boolean>();
  for (const [site, orderNo] of Object.entries(config.ifs.sentinelOrders)) {
    const answer = await reader.sample("order", { where: { orderNo }, limit: 1 });
    if (!answer?.ok) continue;
    seen.set(
      site,
      answer.value.rows.some((row) => row.contract === site),
    );
  }
  return seen;
}

async function readTimeZones(reader: Reader, reads: readonly ReadFact[]): Promise<TimeZoneFact[]> {
  const facts: TimeZoneFact[] = [];
  // Of other sites nobody has said which zone they are in.
  const configured = new Set(reader.client.config.sites.map(({ site }) => site));
  for (const object of Object.keys(timedFields) as TimedObject[]) {
    const samples = reads
      .filter((fact) => fact.object === object)
      .flatMap(({ read }) => (read.ok ? read.value.rows : []));
    const row = samples.find(
      (sample) => configured.has(String(sample.contract)) && typeof sample[timedFields[object]] === "string",
    );
    const fact = row && (await readTwice(reader, object, row));
    if (fact) facts.push(fact);
  }
  return facts;
}

/** The row once more with the other reading of the header; undefined where it changed in between. */
async function readTwice(reader: Reader, object: TimedObject, row: LogicalRow): Promise<TimeZoneFact | undefined> {
  const field = timedFields[object];
  const bound: ObjectBinding = reader.model.binding[object];
  const site = String(row.contract);
  const aware = bound.timeZoneAware;
  const answer = await reader.sample(object, { where: { contract: site }, over: { timeZoneAware: !aware } });
  if (!answer?.ok) return undefined;
  const same = answer.value.rows.find((other) => bound.key.every((key) => other[key] === row[key]));
  const [first, second] = [row[field], same?.[field]];
  if (typeof first !== "string" || typeof second !== "string" || same?.etag !== row.etag) return undefined;
  const [digits, withHeader] = aware ? [second, first] : [first, second];
  const expected = reader.client.siteTime.toUtc(contractSchema.parse(site) satisfies Contract, digits);
  return { object, site, digits, withHeader, expected };
}
