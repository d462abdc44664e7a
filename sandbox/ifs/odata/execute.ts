import { json, type SandboxResponse } from "../../kernel/types.ts";
import { malformed, notFound, OdataError, unreadableBody } from "../errors.ts";
import type { ActionResult, BoundAction, Caller, Context } from "../projections/definition.ts";
import { text } from "../rows.ts";
import type { Scalar, Values } from "../schema.ts";
import { etagOf, type Row } from "../store.ts";
import type { World } from "../world.ts";
import { readParameters, readValues, requireJson, toSiteDigits } from "./body.ts";
import { readPage } from "./collection.ts";
import { rawNumber, readJson } from "./json.ts";
import { parseOptions, type QueryOptions } from "./options.ts";
import { keyText, missingRow, parsePath } from "./path.ts";
import { rowWriter } from "./render.ts";
import { childRows, resolveTarget, type Target } from "./target.ts";
import { servedName } from "./tenant-columns.ts";
import type { CompiledProjection, View } from "./view.ts";

/** One request to one projection, outside or inside of a batch. */
export type Call = {
  method: string;
  /** Raw path after `{Projection}.svc/`, without query. */
  path: string;
  query: string;
  headers: Record<string, string>;
  body: Buffer;
  projection: CompiledProjection;
  caller: Caller;
  world: World;
  /** `https://host/main/ifsapplications/projection/v1/X.svc`, for context and next links. */
  serviceUrl: string;
  inChangeSet: boolean;
};

/** Carries out a call that is neither metadata nor batch. Throws OdataError for every refusal. */
export function execute(call: Call): SandboxResponse {
  const segments = parsePath(call.path);
  const first = segments[0];
  if (first && segments.length === 1) {
    if (call.projection.actions.has(first.name)) return unboundAction(call, first.name);
    if (call.projection.functions.has(first.name)) return unboundFunction(call, first);
  }
  const target = resolveTarget(segments, call);
  if (target.rest.length > 0) return special(call, target);
  return target.key ? onRow(call, target) : onSet(call, target);
}

function contextOf(call: Call): Context {
  return { world: call.world, caller: call.caller, inChangeSet: call.inChangeSet };
}

export function isAware(call: Call): boolean {
  return (
    call.headers["x-ifs-time-zone-aware-request"] === "true" &&
    call.world.settings.timeZoneAwareProjections.includes(call.projection.def.name)
  );
}

function special(call: Call, target: Target): SandboxResponse {
  const [next, ...more] = target.rest;
  const prefix = `IfsApp.${call.projection.name}.`;
  if (!next || more.length > 0) throw notFound(`The path '${call.path}' leads nowhere.`);
  if (next.name === "$count" && !target.key) return countOnly(call, target);
  if (next.name === "ClobData" && target.row) return putStream(call, target.row, target.view);
  if (!next.name.startsWith(prefix)) throw notFound(`'${next.name}' is not defined on '${target.view.name}'.`);
  const name = next.name.slice(prefix.length);
  if (!target.key) return collectionFunction(call, target.view, name);
  const action = target.view.def.actions?.find((candidate) => candidate.name === name);
  if (!action) throw notFound(`The action '${name}' is not defined on '${target.view.name}'.`);
  return boundAction(call, target, action);
}

function onSet(call: Call, target: Target): SandboxResponse {
  if (call.method === "GET") return readSet(call, target);
  if (call.method === "POST") return create(call, target);
  throw methodNotAllowed(call);
}

function onRow(call: Call, target: Target): SandboxResponse {
  switch (call.method) {
    case "GET":
      return readRow(call, target);
    case "PATCH":
      return patch(call, target);
    case "DELETE":
      return remove(call, target);
    default:
      throw methodNotAllowed(call);
  }
}

function methodNotAllowed(call: Call): OdataError {
  return new OdataError(405, "ODP_METHOD_NOT_ALLOWED", `The method ${call.method} is not allowed here.`);
}

function present(call: Call, target: Target): Row {
  if (!target.row) throw missingRow(target.view, call.world);
  return target.row;
}

function readRow(call: Call, target: Target): SandboxResponse {
  const options = parseOptions(call.query);
  requireSelectable(call, target.view, options);
  return answerRow(call, target.view, present(call, target), 200, options);
}

function requireSelectable(call: Call, view: View, options: QueryOptions) {
  const set = `${call.projection.def.name}/${view.def.name}`;
  if (options.select && call.world.settings.selectRefusedOn.includes(set)) {
    throw malformed(`The query option '$select' cannot be used on '${view.name}'.`);
  }
}

function readSet(call: Call, target: Target): SandboxResponse {
  const options = parseOptions(call.query);
  requireSelectable(call, target.view, options);
  const scope = { ...call, aware: isAware(call) };
  const page = readPage(target.view, options, scope, childRows(target));
  const write = rowWriter(target.view, options, scope);
  const selected = options.select ? `(${options.select.join(",")})` : "";
  const answer: Record<string, unknown> = {
    "@odata.context": `${call.serviceUrl}/$metadata#${target.view.name}${selected}`,
  };
  if (page.total !== undefined) answer["@odata.count"] = page.total;
  answer.value = page.rows.map(write);
  if (page.nextSkip !== undefined) answer["@odata.nextLink"] = nextLink(call, page.nextSkip);
  return odataJson(200, answer);
}

function nextLink(call: Call, from: number): string {
  const kept = call.query.split("&").filter((piece) => piece !== "" && !/^(\$|%24)skip(token)?=/.test(piece));
  const token = Buffer.from(String(from), "utf8").toString("base64url");
  const link = `${call.path}?${[...kept, `$skiptoken=${token}`].join("&")}`;
  return call.world.settings.nextLinkForm === "absolute" ? `${call.serviceUrl}/${link}` : link;
}

function countOnly(call: Call, target: Target): SandboxResponse {
  if (call.world.settings.countSupport === "none") throw notFound("'$count' is not defined.");
  const options: QueryOptions = { ...parseOptions(call.query), count: true, top: 0 };
  const scope = { ...call, aware: isAware(call) };
  const page = readPage(
    { ...target.view, def: { ...target.view.def, countable: true } },
    options,
    scope,
    childRows(target),
  );
  return { status: 200, headers: { "content-type": "text/plain" }, body: String(page.total ?? 0) };
}

function answerRow(call: Call, view: View, row: Row, status: number, options: QueryOptions): SandboxResponse {
  const scope = { ...call, aware: isAware(call) };
  const selected = options.select ? `(${options.select.join(",")})` : "";
  const body = {
    "@odata.context": `${call.serviceUrl}/$metadata#${view.name}${selected}/$entity`,
    ...rowWriter(view, options, scope)(row),
  };
  return odataJson(status, body, tagHeader(call, row));
}

function tagHeader(call: Call, row: Row): Record<string, string> {
  return call.world.settings.etagHeader ? { etag: etagOf(row) } : {};
}

function create(call: Call, target: Target): SandboxResponse {
  requireJson(call.headers);
  if (!target.view.def.insert) throw methodNotAllowed(call);
  const values = withParentKeys(
    call,
    target,
    localValues(call, target.view, readValues(target.view, call.body, call.world)),
  );
  return insertRow(call, target.view, values, call.path);
}

/** `path`: of the set or child array that the row goes into. */
function insertRow(call: Call, view: View, values: Values, path: string): SandboxResponse {
  if (!view.def.insert) throw methodNotAllowed(call);
  const row = view.def.insert(contextOf(call), values);
  const location = `${call.serviceUrl}/${path}${keyText(view, row, call.world)}`;
  if (call.headers.prefer?.includes("return=minimal")) {
    return { status: 204, headers: { ...tagHeader(call, row), location, "odata-entityid": location }, body: "" };
  }
  const answer = answerRow(call, view, row, 201, { expand: [], orderBy: [], skip: 0, count: false });
  return { ...answer, headers: { ...answer.headers, location } };
}

function localValues(call: Call, view: View, values: Values): Values {
  if (!isAware(call)) return values;
  const contract = values.Contract;
  const zone = typeof contract === "string" ? call.world.zoneOfSite(contract) : call.world.settings.serverTimeZone;
  return toSiteDigits(view, values, zone);
}

/** A child's body may repeat its parent's key, must not contradict it, and (switch) may or may not leave it out. */
function withParentKeys(call: Call, target: Target, values: Values): Values {
  const { parent, view } = target;
  if (!parent) return values;
  const linked: Values = {};
  for (const [child, own] of Object.entries(parent.on)) {
    const wanted = parent.row.values[own] ?? null;
    const given = values[child];
    if (given !== undefined && given !== wanted) {
      throw malformed(`The value of '${servedName(view.columns, child)}' contradicts the path of '${view.name}'.`);
    }
    if (given === undefined && !call.world.settings.childKeysOptional) {
      throw unreadableBody(`The property '${servedName(view.columns, child)}' of '${view.name}' must have a value.`);
    }
    linked[child] = wanted;
  }
  return { ...values, ...linked };
}

function patch(call: Call, target: Target): SandboxResponse {
  requireJson(call.headers);
  const { view, row } = target;
  const unguarded = call.headers["if-match"] === undefined;
  const upsert = unguarded && call.world.settings.patchWithoutIfMatch === "upsert";
  const values = readValues(view, call.body, call.world);
  if (!row && upsert && view.def.insert) {
    const path = call.path.slice(0, call.path.lastIndexOf("("));
    const answer = insertRow(call, view, { ...localValues(call, view, values), ...keyRecord(target) }, path);
    // A key that the server numbers itself is not insertable; the transaction around this takes the row back.
    if (!view.table.get(...(target.key ?? []))) throw malformed(`A key of '${view.name}' cannot be inserted.`);
    return answer;
  }
  const found = present(call, target);
  if (!upsert) requireMatch(call, found);
  if (!view.def.update) throw methodNotAllowed(call);
  const changes = isAware(call) ? toSiteDigits(view, values, call.world.zoneOfSite(text(found, "Contract"))) : values;
  view.def.update(contextOf(call), found, withoutKeys(view, changes, found));
  if (call.world.settings.patchAnswer === "empty") return { status: 204, headers: tagHeader(call, found), body: "" };
  return answerRow(call, view, found, 200, { expand: [], orderBy: [], skip: 0, count: false });
}

function keyRecord(target: Target): Values {
  const names = target.view.table.def.keys;
  return Object.fromEntries(names.map((name, index) => [name, target.key?.[index] ?? null]));
}

function withoutKeys(view: View, values: Values, row: Row): Values {
  const { keys } = view.table.def;
  for (const key of keys) {
    if (values[key] !== undefined && values[key] !== row.values[key]) {
      throw malformed(`The key '${servedName(view.columns, key)}' cannot be changed.`);
    }
  }
  return Object.fromEntries(Object.entries(values).filter(([name]) => !keys.includes(name)));
}

function remove(call: Call, target: Target): SandboxResponse {
  const row = present(call, target);
  if (!target.view.def.remove) throw methodNotAllowed(call);
  requireMatch(call, row);
  target.view.def.remove(contextOf(call), row);
  return noContent();
}

/** `If-Match` must carry the row's present tag; `*` fits every row. */
function requireMatch(call: Call, row: Row) {
  const { settings } = call.world;
  const given = call.headers["if-match"];
  if (given === undefined) {
    throw new OdataError(
      settings.missingPrecondition === "428" ? 428 : 400,
      "ODP_MISSING_PRECONDITION",
      "The request lacks the If-Match header.",
    );
  }
  const tags = given.split(",").map((tag) => tag.trim());
  if (tags.includes("*") || tags.includes(etagOf(row))) return;
  if (settings.stalePrecondition !== "500-modified") {
    throw new OdataError(
      Number(settings.stalePrecondition),
      "ODP_PRECONDITION_FAILED",
      "The entity tag does not match.",
    );
  }
  throw new OdataError(500, "DATABASE_ERROR", "Database error occurred. Contact administrator.", {
    detail: "ORA-20114: FndRecord.FND_RECORD_MODIFIED: The object has been modified by another user.",
    business: true,
  });
}

function boundAction(call: Call, target: Target, action: BoundAction): SandboxResponse {
  if (call.method !== "POST") throw methodNotAllowed(call);
  const row = present(call, target);
  requireMatch(call, row);
  const parameters = readParameters(call.body, action.parameters);
  return actionAnswer(call, action.run(contextOf(call), row, parameters));
}

function unboundAction(call: Call, name: string): SandboxResponse {
  const action = call.projection.actions.get(name);
  if (!action || call.method !== "POST") throw methodNotAllowed(call);
  const parameters = readParameters(call.body, action.parameters);
  return actionAnswer(call, action.run(contextOf(call), parameters), action.returns);
}

function unboundFunction(call: Call, segment: { name: string; args: ReturnType<typeof parsePath>[number]["args"] }) {
  const fn = call.projection.functions.get(segment.name);
  if (!fn || call.method !== "GET") throw methodNotAllowed(call);
  const given: Record<string, Scalar> = {};
  for (const [name, literal] of segment.args ?? []) {
    if (!(name in fn.parameters)) throw malformed(`The function '${fn.name}' has no parameter '${name}'.`);
    given[name] = literal.type === "null" ? null : literal.value;
  }
  return actionAnswer(call, { value: fn.run(contextOf(call), given) });
}

function collectionFunction(call: Call, view: View, name: string): SandboxResponse {
  const fn = view.def.functions?.find((candidate) => candidate.name === name);
  if (!fn) throw notFound(`The function '${name}' is not defined on '${view.name}'.`);
  if (call.method !== "GET") throw methodNotAllowed(call);
  const defaults = fn.run(contextOf(call));
  return odataJson(200, {
    "@odata.context": `${call.serviceUrl}/$metadata#${view.name}/$entity`,
    ...numbersAsNumbers(view, defaults),
  });
}

function numbersAsNumbers(view: View, values: Record<string, Scalar>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const isNumber = view.table.def.columns.get(name)?.kind === "num" && typeof value === "string";
      return [servedName(view.columns, name), isNumber ? rawNumber(value as string) : value];
    }),
  );
}

/** Scalars leave as strings, numbers included, as has been seen of the provider. */
function actionAnswer(call: Call, result: ActionResult, returns: "str" | "num" = "str"): SandboxResponse {
  if (result === undefined) return call.world.settings.voidActionStatus === 204 ? noContent() : odataJson(200, {});
  const context = { "@odata.context": `${call.serviceUrl}/$metadata#Edm.${returns === "str" ? "String" : "Decimal"}` };
  if ("value" in result) return odataJson(200, { ...context, value: result.value });
  return odataJson(200, { ...context, ...result.structure });
}

/** Content of a temporary selection: a JSON array or the database refuses it. */
function putStream(call: Call, row: Row, view: View): SandboxResponse {
  if (call.method !== "PUT") throw methodNotAllowed(call);
  requireMatch(call, row);
  const content = call.body.toString("utf8");
  if (!isJsonArray(content)) {
    throw new OdataError(500, "DATABASE_ERROR", "Database error occurred. Contact administrator.", {
      detail: "ORA-40441: JSON syntax error",
      business: true,
    });
  }
  view.table.update(row, { ClobData: content });
  return noContent();
}

function isJsonArray(content: string): boolean {
  try {
    return Array.isArray(readJson(content));
  } catch (error) {
    if (error instanceof OdataError) return false;
    throw error;
  }
}

function noContent(): SandboxResponse {
  return { status: 204, headers: {}, body: "" };
}

export function odataJson(status: number, value: unknown, headers: Record<string, string> = {}): SandboxResponse {
  return json(status, value, {
    "content-type": "application/json;odata.metadata=minimal",
    "odata-version": "4.0",
    ...headers,
  });
}
