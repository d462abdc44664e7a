/**
 * Takes the API Extension away when the configuration no longer arms it, or when the service has stopped answering: commercetools
 * fails every order that an extension leaves unanswered. Only the deployment script of service-app arms it again, because
 * only that one knows the extension's secret.
 */

import { absentAsUndefined } from "../ct/client.ts";
import { disarm, extensionKey, probe } from "../ct/resources-extension.ts";
import type { Active, Connector } from "./connector.ts";

const EXCEPTION_ID = "checkout-guard-off";
/** A restart of the service must not cost the guard: the second look comes after this. */
const SECOND_LOOK_MS = 5000;

type WatchDeps = Pick<Connector, "ct" | "store" | "clock" | "logger"> & Partial<Pick<Connector, "fetch">>;

export async function watchExtension(deps: WatchDeps, { config }: Pick<Active, "config">): Promise<void> {
  const { ct, store } = deps;
  const wanted = config.atp.extension === "armed";
  const keyed = ct.root.extensions().withKey({ key: extensionKey });
  const installed = (await absentAsUndefined(keyed.get().execute())) !== undefined;
  if (!installed) {
    if (!wanted) await store.exceptions.close(EXCEPTION_ID);
    return;
  }
  if (!wanted) {
    await disarm(ct, "the configuration does not arm it any more");
    return;
  }
  const why = await unanswered(deps, config.atp.extensionTimeoutMs);
  if (why === undefined) await store.exceptions.close(EXCEPTION_ID);
  else await takeAway(deps, why);
}

/** Why the service counts as gone; undefined while it answers. */
async function unanswered({ store, clock, fetch }: WatchDeps, timeoutMs: number): Promise<string | undefined> {
  const url = await store.serviceUrl.read();
  if (url === undefined) return "the service's public URL is not known";
  const look = () => probe({ url: `${url}/health`, timeoutMs, clock, fetch });
  const first = await look();
  if (first.ok) return undefined;
  await clock.sleep(SECOND_LOOK_MS);
  const second = await look();
  return second.ok ? undefined : second.why;
}

async function takeAway({ ct, store, logger }: WatchDeps, why: string): Promise<void> {
  await disarm(ct, why);
  logger.error({ alert: true, why }, "checkout-guard-off");
  await store.exceptions.open({
    id: EXCEPTION_ID,
    flow: "atp-check",
    code: "checkoutGuardOff",
    recordType: "flow",
    recordId: extensionKey,
    recordLabel: "Availability check at order creation",
    message: `The check at order creation was switched off, because the service did not answer: ${why}. Orders go through unchecked.`,
    action: "Find out why service-app does not answer, then deploy it again: its deployment switches the check on.",
    owner: "operator",
  });
}
