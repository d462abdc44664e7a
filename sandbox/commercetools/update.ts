import { commitUpdate, type OpenChange, openUpdate } from "./commit.ts";
import type { Call, Change, Definition } from "./definition.ts";
import { concurrentModification, type PlatformError, refuse, unknownAction } from "./errors.ts";
import { runExtensions } from "./extension-calls.ts";
import { requireDocs, requireInteger, requireText } from "./input.ts";
import type { Doc, Resource } from "./json.ts";

export const MAX_ACTIONS = 500;

/** The update of one resource: version first, then every action or none, Extensions, and the write at that version. */
export async function updateResource<T extends Resource>(
  call: Call,
  definition: Definition<T>,
  stored: T,
  body: Doc,
): Promise<T> {
  const version = requireInteger(body, "version");
  if (version !== stored.version) throw concurrentModification(version, stored.version);
  const actions = requireDocs(body, "actions");
  if (actions.length > MAX_ACTIONS) {
    throw refuse("InvalidInput", `The number of update actions exceeds the maximum of ${MAX_ACTIONS}.`);
  }
  const change = openUpdate(call, stored);
  applyActions(definition, change, actions);
  if (actions.length > 0) definition.derive?.(change);
  await extend(definition, change, "Update");
  return commitUpdate(definition, change, actions.length);
}

export function applyActions<T extends Resource>(definition: Definition<T>, change: Change<T>, actions: Doc[]): void {
  for (const action of actions) {
    const name = requireText(action, "action");
    const apply = Object.hasOwn(definition.actions, name) ? definition.actions[name] : undefined;
    if (!apply) throw unknownAction(name, Object.keys(definition.actions));
    apply(change, action);
  }
}

/** Lets the Extensions of this type see the resource as it would be stored, and applies what they ask for. */
export async function extend<T extends Resource>(
  definition: Definition<T>,
  change: OpenChange<T>,
  trigger: "Create" | "Update",
): Promise<void> {
  if (!definition.extensible) return;
  const actions = await runExtensions(change, definition.typeId, trigger);
  if (actions.length === 0) return;
  try {
    applyActions(definition, change, actions);
    definition.derive?.(change);
  } catch (error) {
    throw refuse("ExtensionUpdateActionsFailed", "The update actions returned by an Extension could not be applied.", {
      extensionErrors: (error as PlatformError).errors ?? [{ code: "General", message: String(error) }],
    });
  }
}
