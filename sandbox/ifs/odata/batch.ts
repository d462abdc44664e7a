import type { SandboxResponse } from "../../kernel/types.ts";
import { notImplemented, OdataError } from "../errors.ts";
import { errorAnswer } from "./error-answer.ts";
import { type Call, execute } from "./execute.ts";
import {
  type BatchAnswer,
  type BatchAnswerItem,
  type BatchItem,
  type BatchPart,
  parseBatch,
  writeBatch,
} from "./multipart.ts";
import { heardOptions } from "./options.ts";

/** What `$1` stands for once Content-ID 1 was created: its path inside the service, and its tag. */
type Created = Map<string, { path: string; etag: string }>;

type BatchScope = {
  /** The request that carries the batch. */
  call: Call;
  /** Told of each part before it runs. */
  seen: (part: BatchPart) => void;
};

/**
 * `POST X.svc/$batch`: the parts run one after another; a change set is all or nothing and may refer to what its earlier
 * parts created. Stops at the first refusal unless `Prefer: odata.continue-on-error` says otherwise.
 */
export function executeBatch(scope: BatchScope): SandboxResponse {
  const { call } = scope;
  const items = parseBatch(call.headers["content-type"], call.body);
  requireLimit(call, items);
  requireReadsAccepted(call, items);
  const goOn = /odata\.continue-on-error|(^|[ ,;])continue-on-error/.test(call.headers.prefer ?? "");
  const answers: BatchAnswerItem[] = [];
  for (const item of items) {
    const answer = item.kind === "request" ? runSingle(scope, item.part) : runChangeSet(scope, item.parts);
    answers.push(answer);
    if (!goOn && failed(answer)) break;
  }
  const boundary = `batchresponse_${call.world.next("BatchBoundary", 1)}`;
  return {
    status: 200,
    headers: { "content-type": `multipart/mixed; boundary=${boundary}`, "odata-version": "4.0" },
    body: writeBatch(answers, boundary),
  };
}

function requireLimit(call: Call, items: BatchItem[]) {
  const { maxBatchParts } = call.world.settings;
  const count = items.reduce((total, item) => total + (item.kind === "request" ? 1 : item.parts.length), 0);
  if (maxBatchParts > 0 && count > maxBatchParts) {
    throw new OdataError(400, "ODP_BATCH_TOO_LARGE", `The batch has more than ${maxBatchParts} parts.`);
  }
}

function requireReadsAccepted(call: Call, items: BatchItem[]) {
  const reads = items.some((item) => item.kind === "request" && item.part.method === "GET");
  if (reads && call.world.settings.readsInBatch === "refuse") {
    throw new OdataError(400, "ODP_BATCH_MALFORMED", "A batch may not read.");
  }
}

function failed(item: BatchAnswerItem): boolean {
  const answers = item.kind === "request" ? [item.answer] : item.answers;
  return answers.some((answer) => answer.status >= 400);
}

function runSingle(scope: BatchScope, part: BatchPart): BatchAnswerItem {
  const { world } = scope.call;
  try {
    const answer = world.store.transact(() => runPart(scope, part, new Map(), false));
    return { kind: "request", answer };
  } catch (error) {
    return { kind: "request", answer: refusal(scope.call, part.contentId, error) };
  }
}

function runChangeSet(scope: BatchScope, parts: BatchPart[]): BatchAnswerItem {
  const { world } = scope.call;
  const { changeSets, changeSetFailureForm } = world.settings;
  if (changeSets === "nonAtomic") return runLoose(scope, parts);
  let current: BatchPart | undefined;
  try {
    if (changeSets === "refuse") throw notImplemented("Change sets are not supported.");
    const created: Created = new Map();
    const answers = world.store.transact(() =>
      parts.map((part) => {
        current = part;
        if (part.method === "GET") throw new OdataError(400, "ODP_BATCH_MALFORMED", "A change set may not read.");
        return runPart(scope, part, created, true);
      }),
    );
    return { kind: "changeSet", answers };
  } catch (error) {
    const culprit = refusal(scope.call, current?.contentId, error);
    if (changeSetFailureForm === "single") return { kind: "request", answer: culprit };
    return {
      kind: "changeSet",
      answers: parts.map((part) => ({ ...culprit, contentId: echo(scope.call, part.contentId) })),
    };
  }
}

/** A gateway that only pretends: each part stands for itself, the later ones run on. */
function runLoose(scope: BatchScope, parts: BatchPart[]): BatchAnswerItem {
  const created: Created = new Map();
  const answers = parts.map((part) => {
    try {
      return scope.call.world.store.transact(() => runPart(scope, part, created, true));
    } catch (error) {
      return refusal(scope.call, part.contentId, error);
    }
  });
  return { kind: "changeSet", answers };
}

function runPart(scope: BatchScope, part: BatchPart, created: Created, inChangeSet: boolean): BatchAnswer {
  scope.seen(part);
  const { path, query } = locate(scope.call, part.url, created);
  const ifMatch = part.headers["if-match"];
  const referred = ifMatch === undefined ? undefined : created.get(ifMatch.replace(/^\$/, ""));
  const answer = execute({
    ...scope.call,
    method: part.method,
    path,
    query,
    headers: {
      ...inherited(scope.call),
      ...part.headers,
      ...(referred && ifMatch?.startsWith("$") ? { "if-match": referred.etag } : {}),
    },
    body: part.body,
    inChangeSet,
  });
  const body = answer.body.toString();
  const { location, etag } = answer.headers;
  if (part.contentId !== undefined && location !== undefined) {
    created.set(part.contentId, { path: location.slice(scope.call.serviceUrl.length + 1), etag: etag ?? etagIn(body) });
  }
  return { contentId: echo(scope.call, part.contentId), status: answer.status, headers: answer.headers, body };
}

/** What a part takes over from the request around it. */
function inherited(call: Call): Record<string, string> {
  const aware = call.headers["x-ifs-time-zone-aware-request"];
  return aware === undefined ? {} : { "x-ifs-time-zone-aware-request": aware };
}

/** Path and query of a part: relative to the service, absolute, or beginning with `$1`. */
function locate(call: Call, url: string, created: Created): { path: string; query: string } {
  const servicePath = new URL(call.serviceUrl).pathname;
  const bare = url.replace(/^https?:\/\/[^/]+/, "");
  const relative = bare.startsWith(`${servicePath}/`) ? bare.slice(servicePath.length + 1) : bare.replace(/^\.?\//, "");
  const mark = relative.indexOf("?");
  const path = mark < 0 ? relative : relative.slice(0, mark);
  const query = heardOptions(mark < 0 ? "" : relative.slice(mark + 1), call.world.settings);
  const reference = /^\$([^/]+)(.*)$/.exec(path);
  if (!reference || reference[1] === "metadata") return { path, query };
  const target = created.get(reference[1] ?? "");
  if (!target) {
    throw new OdataError(400, "ODP_BATCH_REFERENCE", `The Content-ID '${reference[1]}' names nothing created before.`);
  }
  return { path: target.path + reference[2], query };
}

/** Tenants without the header still have the tag in the body. */
function etagIn(body: string): string {
  const row = JSON.parse(body) as Record<string, unknown>;
  return typeof row["@odata.etag"] === "string" ? row["@odata.etag"] : "";
}

function refusal(call: Call, contentId: string | undefined, error: unknown): BatchAnswer {
  if (!(error instanceof OdataError)) throw error;
  const { batchBusinessErrorStatus, notImplementedStatus, errorAnswers } = call.world.settings;
  const answer = errorAnswer(error, {
    business: batchBusinessErrorStatus,
    notImplemented: notImplementedStatus,
    others: errorAnswers,
  });
  return {
    contentId: echo(call, contentId),
    status: answer.status,
    headers: answer.headers,
    body: answer.body.toString(),
  };
}

function echo(call: Call, contentId: string | undefined): string | undefined {
  return call.world.settings.contentIdEcho ? contentId : undefined;
}
