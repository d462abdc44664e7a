/**
 * Calls at the door of the API Extension that bring a wrong secret: while commercetools sends one, each order fails. The service counts
 * them and writes the sums once a minute at most, whoever calls; each tick judges them over all replicas. A stranger's scan is told apart
 * by what commercetools sends: a call with the right secret that came later closes what was opened, and none is opened where it came last.
 */
import { hourOf } from "../ct/atp-metrics.ts";
import { absentAsUndefined } from "../ct/client.ts";
import { extensionKey, isParked } from "../ct/resources-extension.ts";
import { addMetrics, type ExtensionCalls, newAtpMetrics } from "../domain/atp-metrics.ts";
import type { Active, Connector } from "./connector.ts";

export const EXTENSION_REFUSED = "extension-refused";
const HOUR_MS = 3_600_000;

type WatchDeps = Pick<Connector, "ct" | "clock" | "logger"> & {
  readonly store: {
    readonly atpMetrics: Pick<Connector["store"]["atpMetrics"], "since">;
    readonly exceptions: Pick<Connector["store"]["exceptions"], "get" | "open" | "close">;
  };
};

export async function watchExtensionCalls(deps: WatchDeps, { config }: Pick<Active, "config">): Promise<void> {
  const { store, clock } = deps;
  if (config.atp.extension !== "armed") return untell(deps);
  // This hour and the last: a call just before the hour counts just after it.
  const rows = await store.atpMetrics.since(hourOf(clock.now() - HOUR_MS));
  const calls = rows.map(({ metrics }) => metrics).reduce(addMetrics, newAtpMetrics()).extensionCalls;
  if (calls.rightAt >= calls.refusedAt) {
    // Where nobody called nothing is known, and what is open stays open.
    if (calls.rightAt > 0) await untell(deps);
    return;
  }
  if (await isAsked(deps)) await tell(deps, calls);
}

/** commercetools asks nobody whose Extension is parked, or not there: the exception for that is another. */
async function isAsked({ ct }: WatchDeps): Promise<boolean> {
  const found = await absentAsUndefined(ct.root.extensions().withKey({ key: extensionKey }).get().execute());
  return found !== undefined && !isParked(found);
}

async function untell({ store, logger }: WatchDeps): Promise<void> {
  if (!(await store.exceptions.get(EXTENSION_REFUSED))) return;
  await store.exceptions.close(EXTENSION_REFUSED);
  logger.info({ flow: "atp-check" }, "extension-believed");
}

/** Written only when it says something new; a line for the log with `alert` once. */
async function tell({ store, logger }: WatchDeps, calls: ExtensionCalls): Promise<void> {
  const { refused, refusedAt, rightAt } = calls;
  const known = await store.exceptions.get(EXTENSION_REFUSED);
  const iso = (at: number) => new Date(at).toISOString();
  const last = rightAt === 0 ? "None with the right one is known of." : `The last with the right one: ${iso(rightAt)}.`;
  const message = `${refused} calls at the check of order creation came without its secret, or with a wrong one, in this hour and the last; the latest: ${iso(refusedAt)}. ${last} If they are commercetools', each order fails.`;
  if (known?.message === message) return;
  if (!known) logger.error({ alert: true, flow: "atp-check", ...calls }, "extension-refused");
  await store.exceptions.open({
    id: EXTENSION_REFUSED,
    flow: "atp-check",
    code: "extensionRefused",
    recordType: "flow",
    recordId: extensionKey,
    recordLabel: "Secret of the check at order creation",
    message,
    action:
      "Create an order, or look whether the shop sells. If orders fail, deploy service-app again: its deployment gives the Extension the first secret of ATP_EXTENSION_SECRET. If they don't, a stranger has called: this closes by itself with the next call of commercetools.",
    owner: "operator",
  });
}
