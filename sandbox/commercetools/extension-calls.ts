import type { Wait } from "../kernel/faults.ts";
import type { Change, ExtensionAnswer, ExtensionCaller, TypeId, World } from "./definition.ts";
import { type ErrorItem, PlatformError } from "./errors.ts";
import { expandAll } from "./expand.ts";
import { compact, type Doc, isDoc, type Resource } from "./json.ts";
import { actingNow } from "./lingering.ts";
import { compilePredicate } from "./predicate-eval.ts";
import { parseCondition } from "./query.ts";

export const MAX_EXTENSION_ACTIONS = 100;

export type Extension = Resource & {
  key?: string;
  destination: Doc;
  triggers: { resourceTypeId: string; actions: string[]; condition?: string }[];
  timeoutInMs?: number;
  expansionPaths?: string[];
  dependencies?: { typeId: "extension"; id: string }[];
  additionalContext?: { includeOldResource: boolean };
};

/** Real time, without keeping a process alive for a deadline that does not matter any more. */
const patientWait: Wait = (ms) => new Promise((done) => setTimeout(done, ms).unref());

/** Calls HTTP destinations with fetch, bounded by the Extension's own time-out; the connection is not reused on time-out. */
export function createExtensionCaller(options: { fetch?: typeof fetch; wait?: Wait } = {}): ExtensionCaller {
  const wait = options.wait ?? patientWait;
  return async ({ destination, input, timeoutInMs, correlationId }) => {
    const send = options.fetch ?? fetch;
    const abort = new AbortController();
    const headers: Record<string, string> = { "content-type": "application/json", "x-correlation-id": correlationId };
    const authentication = isDoc(destination.authentication) ? destination.authentication : {};
    if (authentication.type === "AuthorizationHeader") headers.authorization = String(authentication.headerValue);
    if (authentication.type === "AzureFunctions") headers["x-functions-key"] = String(authentication.key);
    const answer = send(String(destination.url), {
      method: "POST",
      headers,
      body: JSON.stringify(input),
      redirect: "manual",
      signal: abort.signal,
    }).then(async (response): Promise<ExtensionAnswer> => ({ status: response.status, body: await response.text() }));
    const late = wait(timeoutInMs).then((): ExtensionAnswer => ({ noResponse: "timeout" }));
    const first = await Promise.race([answer.catch((): ExtensionAnswer => ({ noResponse: "unreachable" })), late]);
    if ("noResponse" in first) abort.abort();
    return first;
  };
}

/** Asks every Extension that this trigger concerns; the update actions of all of them, or the refusal of one. */
export async function runExtensions<T extends Resource>(
  change: Change<T>,
  typeId: TypeId,
  trigger: "Create" | "Update",
): Promise<Doc[]> {
  const due = triggered(change.world, typeId, trigger, change.resource);
  if (due.length === 0) return [];
  // Those that depend on others run after them; the rest run at the same time, in no defined order.
  const answers: Doc[][] = [];
  for (const wave of waves(due)) {
    answers.push(...(await Promise.all(wave.map((extension) => ask(change, typeId, trigger, extension)))));
  }
  return answers.flat();
}

/** Extensions in the order of their dependencies: each wave needs only what earlier ones contain. */
function waves(due: Extension[]): Extension[][] {
  const ordered: Extension[][] = [];
  let left = due;
  while (left.length > 0) {
    const waiting = new Set(left.map((one) => one.id));
    const ready = left.filter((one) => !one.dependencies?.some((dependency) => waiting.has(dependency.id)));
    // Dependencies are refused when they would go in a circle, so something is always ready.
    ordered.push(ready);
    left = left.filter((one) => !ready.includes(one));
  }
  return ordered;
}

function triggered(world: World, typeId: TypeId, trigger: string, resource: Resource): Extension[] {
  return actingNow<Extension>(world, "extension", world.settings.extensionDelayMs).filter((extension) =>
    extension.triggers.some(
      (one) =>
        one.resourceTypeId === typeId && one.actions.includes(trigger) && conditionHolds(extension, one, resource),
    ),
  );
}

function conditionHolds(extension: Extension, trigger: { condition?: string }, resource: Resource): boolean {
  if (trigger.condition === undefined) return true;
  const test = compilePredicate(parseCondition(trigger.condition, "condition"), {
    notEqualMatchesMissing: true,
    onMissing(field) {
      throw new PlatformError(400, [
        {
          code: "ExtensionPredicateEvaluationFailed",
          message: `The condition of an Extension could not be evaluated: the field '${field}' is missing.`,
          errorByExtension: idOf(extension),
        },
      ]);
    },
  });
  return test(resource);
}

async function ask<T extends Resource>(
  change: Change<T>,
  typeId: TypeId,
  trigger: "Create" | "Update",
  extension: Extension,
): Promise<Doc[]> {
  const { world, before, call } = change;
  const resource = askedAbout(change, typeId, trigger);
  const old = extension.additionalContext?.includeOldResource && before ? before : undefined;
  const answer = await world.callExtension({
    destination: extension.destination,
    timeoutInMs: extension.timeoutInMs ?? 2000,
    correlationId: call.correlationId,
    input: compact({
      action: trigger,
      resource: { typeId, id: resource.id, obj: expandAll(world, resource, extension.expansionPaths ?? []) },
      oldResource: old ? { typeId, id: old.id, obj: old } : undefined,
    }),
  });
  return actionsOf(extension, answer);
}

function askedAbout({ world, resource }: Change, typeId: TypeId, trigger: "Create" | "Update"): Resource {
  const isProvisional = typeId === "order" && trigger === "Create" && world.settings.extensionOrderId === "provisional";
  return isProvisional ? { ...resource, id: world.newId() } : resource;
}

function actionsOf(extension: Extension, answer: ExtensionAnswer): Doc[] {
  if ("noResponse" in answer) {
    throw failure(
      504,
      "ExtensionNoResponse",
      `The Extension did not respond in time (${answer.noResponse}).`,
      extension,
    );
  }
  if (answer.status === 400) throw rejection(extension, answer);
  if (answer.status !== 200 && answer.status !== 201) throw badResponse(extension, answer);
  if (answer.body.trim() === "") return [];
  const body = parseBody(answer.body);
  const actions = isDoc(body) ? (body.actions ?? []) : undefined;
  if (!Array.isArray(actions) || !actions.every(isDoc)) throw badResponse(extension, answer);
  if (actions.length > MAX_EXTENSION_ACTIONS) {
    throw failure(
      400,
      "ExtensionUpdateActionsFailed",
      "The Extension returned more than 100 update actions.",
      extension,
    );
  }
  return actions;
}

function rejection(extension: Extension, answer: { status: number; body: string }): PlatformError {
  const body = parseBody(answer.body);
  const errors = isDoc(body) ? body.errors : undefined;
  if (!Array.isArray(errors) || errors.length === 0 || !errors.every(isErrorItem))
    return badResponse(extension, answer);
  return new PlatformError(
    400,
    errors.map((error) => ({ ...error, errorByExtension: idOf(extension) })),
  );
}

function isErrorItem(value: unknown): value is ErrorItem {
  return isDoc(value) && typeof value.code === "string" && typeof value.message === "string";
}

function badResponse(extension: Extension, answer: { status: number; body: string }): PlatformError {
  return failure(502, "ExtensionBadResponse", "The Extension did not return a valid response.", extension, {
    extensionBody: answer.body.slice(0, 2000),
    extensionStatusCode: answer.status,
    extensionErrors: [],
  });
}

function failure(status: number, code: string, message: string, extension: Extension, extra: Doc = {}): PlatformError {
  const { id, key } = extension;
  return new PlatformError(status, [
    compact({ code, message, ...extra, extensionId: id, extensionKey: key }) as ErrorItem,
  ]);
}

function idOf({ id, key }: Extension): Doc {
  return key === undefined ? { id } : { id, key };
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
