/** Both looks at the check of order creation, as often as they can tell something new. */
import type { Active, Connector } from "./connector.ts";
import { watchExtensionCalls } from "./extension-calls-watch.ts";
import { watchExtension } from "./extension-watch.ts";

/** Where nothing is armed, at most something is left over that has to go: however often the scheduler comes, two looks a minute are enough. */
const UNARMED_LOOK_MS = 30_000;

type WatchDeps = Parameters<typeof watchExtension>[0] & Parameters<typeof watchExtensionCalls>[0];

/** One watch per process. */
export function createExtensionWatches({ clock }: Pick<Connector, "clock">) {
  let lookedAt = Number.NEGATIVE_INFINITY;
  return async (deps: WatchDeps, active: Pick<Active, "config">): Promise<void> => {
    const now = clock.monotonic();
    const armed = active.config.atp.extension === "armed";
    if (!armed && now - lookedAt < UNARMED_LOOK_MS) return;
    await Promise.all([watchExtension(deps, active), watchExtensionCalls(deps, active)]);
    // What a look could not do, the next tick does; and whoever disarms the check sees so at once.
    lookedAt = armed ? Number.NEGATIVE_INFINITY : now;
  };
}
