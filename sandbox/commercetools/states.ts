import type { Action, Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { invalidField, invalidOperation } from "./errors.ts";
import { docs, flag, localized, requireKey, requireOneOf, texts } from "./input.ts";
import { compact, type Doc, type Reference, type Resource, setOrRemove } from "./json.ts";
import { requireReference } from "./references.ts";

const STATE_TYPES = [
  "OrderState",
  "LineItemState",
  "ProductState",
  "ReviewState",
  "PaymentState",
  "QuoteRequestState",
  "StagedQuoteState",
  "QuoteState",
  "RecurringOrderState",
] as const;

export type State = Resource & {
  key: string;
  type: (typeof STATE_TYPES)[number];
  initial: boolean;
  builtIn: boolean;
  roles?: string[];
  /** Absent: every transition is allowed. Empty: none is. */
  transitions?: Reference<"state">[];
};

function readTransitions(world: World, source: Doc): Reference<"state">[] | undefined {
  return docs(source, "transitions")?.map((target) => requireReference(world, "state", { target }, "target"));
}

function readRoles(source: Doc): string[] | undefined {
  const roles = texts(source, "roles");
  const wrong = roles?.find((role) => role !== "Return" && role !== "ReviewIncludedInStatistics");
  if (wrong !== undefined) throw invalidField("roles", wrong);
  return roles;
}

const setRoles =
  (combine: (have: string[], given: string[]) => string[]): Action<State> =>
  ({ resource }, action) => {
    resource.roles = combine(resource.roles ?? [], readRoles(action) ?? []);
  };

export const stateDefinition: Definition<State> = {
  typeId: "state",
  keptWhileReferenced: true,
  path: "states",
  scopes: scopes("states"),
  fields: [...BASE_FIELDS, "key", "type", "name", "description", "initial", "builtIn", "roles", "transitions"],
  uniques: [KEY_UNIQUE],
  create({ world }, draft) {
    return {
      key: requireKey(draft),
      type: requireOneOf(draft, "type", STATE_TYPES),
      name: localized(draft, "name"),
      description: localized(draft, "description"),
      initial: flag(draft, "initial") ?? true,
      builtIn: false,
      roles: readRoles(draft),
      transitions: readTransitions(world, draft),
    };
  },
  mayDelete({ resource }) {
    if (resource.builtIn) throw invalidOperation("Built-in states can not be deleted.");
  },
  actions: {
    changeKey: ({ resource }, action) => {
      resource.key = requireKey(action);
    },
    changeType: ({ resource }, action) => {
      resource.type = requireOneOf(action, "type", STATE_TYPES);
    },
    changeInitial: ({ resource }, action) => {
      resource.initial = flag(action, "initial") ?? resource.initial;
    },
    setName: ({ resource }, action) => setOrRemove(resource, "name", localized(action, "name")),
    setDescription: ({ resource }, action) => setOrRemove(resource, "description", localized(action, "description")),
    setRoles: setRoles((_have, given) => given),
    addRoles: setRoles((have, given) => [...new Set([...have, ...given])]),
    removeRoles: setRoles((have, given) => have.filter((role) => !given.includes(role))),
    setTransitions: ({ resource, world }, action) =>
      setOrRemove(resource, "transitions", readTransitions(world, action)),
  },
};

/** The state every line starts in. It is built in: no project can be without it. */
export function addBuiltInStates(world: World): void {
  const now = world.nowIso();
  world.collection("state").put(
    compact({
      id: world.newId(),
      version: 1,
      createdAt: now,
      lastModifiedAt: now,
      key: "Initial",
      type: "LineItemState",
      name: { en: "Initial" },
      description: { en: "Initial is the first (line-item) state" },
      initial: true,
      builtIn: true,
    }),
  );
}

export function initialLineState(world: World): Reference<"state"> {
  const initial = world.collection<State>("state").findUnique("key", "Initial");
  if (!initial) throw new Error("the built-in state Initial is missing");
  return { typeId: "state", id: initial.id };
}

/** Whether the transition is allowed: by the source state's list, or because it has none. */
export function checkTransition(world: World, from: Reference<"state"> | undefined, to: State): void {
  const source = from ? world.collection<State>("state").get(from.id) : undefined;
  const allowed = source ? source.transitions : undefined;
  if (source ? !allowed || allowed.some((one) => one.id === to.id) : to.initial) return;
  throw invalidOperation(`The transition from '${source?.key ?? "no state"}' to '${to.key}' is not allowed.`);
}
