import type { Action, Change, Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { invalidField, invalidInput, refuse, requiredField } from "./errors.ts";
import type { Extension } from "./extension-calls.ts";
import { docs, flag, integer, key, requireDoc, requireDocs, requireText, text, texts } from "./input.ts";
import { compact, type Doc, isDoc, setOrRemove } from "./json.ts";
import { parseCondition } from "./query.ts";
import { requireReference } from "./references.ts";

const MAX_EXTENSIONS = 25;
const MAX_DEPTH = 3;
const MAX_TIMEOUT_MS = 10_000;
const TRIGGERABLE = [
  ...["cart", "order", "payment", "payment-method", "customer", "customer-group", "quote-request"],
  ...["staged-quote", "quote", "business-unit", "shopping-list"],
];

function readDestination(source: Doc): Doc {
  const destination = requireDoc(source, "destination");
  const type = requireText(destination, "type");
  if (type === "AWSLambda") {
    for (const field of ["arn", "accessKey", "accessSecret"]) requireText(destination, field);
    return destination;
  }
  if (type !== "HTTP" && type !== "GoogleCloudFunction") throw invalidField("destination.type", type);
  const url = requireText(destination, "url");
  if (!URL.canParse(url)) throw invalidField("destination.url", url);
  return destination;
}

function readTriggers(source: Doc): Extension["triggers"] {
  const triggers = requireDocs(source, "triggers").map((one) => {
    const resourceTypeId = requireText(one, "resourceTypeId");
    if (!TRIGGERABLE.includes(resourceTypeId)) throw invalidField("resourceTypeId", resourceTypeId, TRIGGERABLE);
    const actions = texts(one, "actions");
    if (!actions || actions.length === 0) throw requiredField("actions");
    const wrong = actions.find((action) => action !== "Create" && action !== "Update");
    if (wrong !== undefined) throw invalidField("actions", wrong, ["Create", "Update"]);
    const condition = text(one, "condition");
    if (condition !== undefined) parseCondition(condition, "condition");
    return compact({ resourceTypeId, actions, condition });
  });
  if (triggers.length === 0) throw requiredField("triggers");
  return triggers;
}

function readTimeout(source: Doc): number | undefined {
  const timeout = integer(source, "timeoutInMs");
  if (timeout !== undefined && (timeout < 1 || timeout > MAX_TIMEOUT_MS)) throw invalidField("timeoutInMs", timeout);
  return timeout;
}

function readPaths(source: Doc): string[] | undefined {
  const paths = texts(source, "expansionPaths");
  if (paths && paths.length > 3) throw invalidInput("At most 3 expansion paths are allowed.");
  return paths;
}

function readDependencies(world: World, source: Doc): Extension["dependencies"] {
  const list = docs(source, "dependencies")?.map((one) => requireReference(world, "extension", { one }, "one"));
  if (list && list.length > 5) throw refuse("ExtensionChainTooWide", "At most 5 dependencies are allowed.");
  return list;
}

/** An Extension and all it depends on form a chain of at most three, without circles. */
function checkChain({ world, resource }: Change<Extension>): void {
  const collection = world.collection<Extension>("extension");
  const depthFrom = (extension: Extension, above: string[]): number => {
    if (above.includes(extension.id))
      throw refuse("CircularDependency", "Extensions depend on each other in a circle.");
    const next = (extension.dependencies ?? []).flatMap(({ id }) => collection.get(id) ?? []);
    return (
      1 +
      Math.max(0, ...next.map((one) => depthFrom(one.id === resource.id ? resource : one, [...above, extension.id])))
    );
  };
  const below = depthFrom(resource, []);
  const heightTo = (id: string): number => {
    const users = [...collection.values()].filter(
      (one) => one.id !== id && one.dependencies?.some((dep) => dep.id === id),
    );
    return Math.max(0, ...users.map((one) => 1 + heightTo(one.id)));
  };
  if (below + heightTo(resource.id) > MAX_DEPTH) {
    throw refuse("ExtensionChainTooDeep", `The dependencies of an Extension may be at most ${MAX_DEPTH} layers deep.`);
  }
}

function refuseIfNeeded({ world, resource }: Change<Extension>): void {
  for (const other of world.collection<Extension>("extension").values()) {
    if (!other.dependencies?.some((one) => one.id === resource.id)) continue;
    throw refuse("ExtensionDependencyExists", "The Extension is a dependency of another one.");
  }
}

function readContext(source: Doc): Extension["additionalContext"] {
  const context = source.additionalContext;
  return isDoc(context) ? { includeOldResource: flag(context, "includeOldResource") ?? false } : undefined;
}

/** Secrets never come back in full. */
function masked(extension: Extension): Doc {
  const { authentication, accessSecret } = extension.destination;
  const destination = { ...extension.destination };
  if (isDoc(authentication)) {
    const field = authentication.type === "AzureFunctions" ? "key" : "headerValue";
    destination.authentication = { ...authentication, [field]: mask(authentication[field]) };
  }
  if (accessSecret !== undefined) destination.accessSecret = mask(accessSecret);
  return { ...extension, destination };
}

function mask(secret: unknown): string {
  return `****${String(secret).slice(-4)}`;
}

const changeDestination: Action<Extension> = ({ resource }, action) => {
  resource.destination = readDestination(action);
};

const changeTriggers: Action<Extension> = ({ resource }, action) => {
  resource.triggers = readTriggers(action);
};

/** HTTP callbacks before persistence; at most 25 in a project. */
export const extensionDefinition: Definition<Extension> = {
  typeId: "extension",
  path: "extensions",
  scopes: scopes("extensions"),
  fields: [
    ...BASE_FIELDS,
    ...["key", "destination", "triggers", "timeoutInMs", "dependencies", "expansionPaths", "additionalContext"],
  ],
  uniques: [KEY_UNIQUE],
  beforeCommit: checkChain,
  mayDelete: refuseIfNeeded,
  actsAfterMs: (settings) => settings.extensionDelayMs,
  present: (_world, extension) => masked(extension),
  create({ world }, draft) {
    if (world.collection("extension").size() >= MAX_EXTENSIONS) {
      throw refuse("MaxResourceLimitExceeded", `At most ${MAX_EXTENSIONS} Extensions are allowed.`, {
        exceededResource: "extension",
      });
    }
    return {
      key: key(draft),
      destination: readDestination(draft),
      triggers: readTriggers(draft),
      timeoutInMs: readTimeout(draft),
      expansionPaths: readPaths(draft),
      dependencies: readDependencies(world, draft),
      additionalContext: readContext(draft),
    };
  },
  actions: {
    changeDestination,
    changeTriggers,
    setTimeoutInMs: ({ resource }, action) => setOrRemove(resource, "timeoutInMs", readTimeout(action)),
    setExpansionPaths: ({ resource }, action) => setOrRemove(resource, "expansionPaths", readPaths(action)),
    setDependencies: ({ resource, world }, action) =>
      setOrRemove(resource, "dependencies", readDependencies(world, action)),
    setAdditionalContext: ({ resource }, action) => setOrRemove(resource, "additionalContext", readContext(action)),
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
  },
};
