/** What the Merchant Center application asks of service-app, and who may ask. */
import { createOrders } from "../ct/orders.ts";
import { keyLists } from "../ct/paging.ts";
import { TransientError } from "../domain/failure.ts";
import type { Overview } from "../domain/overview.ts";
import { merchantCenterAuth, permissionsOf } from "../http/auth.ts";
import type { Guard } from "../http/server.ts";
import { readCheckout } from "./checkout-view.ts";
import type { Connector } from "./connector.ts";
import { buildOverview } from "./overview.ts";
import { isOutage, remember } from "./remember.ts";

const SHOWN_EXCEPTIONS = 100;
/** Ignored orders that are left out of a figure; the platform's own counts end at 10,000. */
const MOST_IGNORED = 500;

export async function readOverview(connector: Connector): Promise<Overview> {
  const { store, settings, clock } = connector;
  const [active, runs, exceptions] = await Promise.all([
    store.config.active(),
    store.runs.all(),
    store.exceptions.list(SHOWN_EXCEPTIONS),
  ]);
  const [orders, checkout] = await Promise.all([
    active ? countOrders(connector, active.config.orders.exportFrom) : { waiting: 0, linked: 0 },
    active && readCheckout(connector, active),
  ]);
  const overview = buildOverview({
    projectKey: settings.CTP_PROJECT_KEY,
    now: clock.now(),
    active,
    runs,
    exceptions,
    ordersInFlight: orders.waiting,
    ordersLinked: orders.linked,
  });
  return { ...overview, ...(checkout && { checkout }) };
}

async function countOrders(connector: Connector, exportFrom: string): Promise<{ waiting: number; linked: number }> {
  const { channels } = await connector.active();
  const ignored = (await connector.store.ignored.list(MOST_IGNORED)).map(({ exception }) => exception.recordId);
  const orders = createOrders(connector.ct);
  const inScope = ['orderState != "Cancelled"', "createdAt >= :from"];
  const variables = { from: exportFrom, link: channels.link };
  const unlinked = [...inScope, "not(syncInfo(channel(id = :link)))"];
  const [all, linked, ...aside] = await Promise.all([
    orders.count(unlinked, variables),
    orders.count([...inScope, "syncInfo(channel(id = :link))"], variables),
    ...keyLists(ignored).map((ids) => orders.count([...unlinked, "id in :ids"], { ...variables, ids })),
  ]);
  // An order that a person has taken out of scope waits for nothing.
  return { waiting: Math.max(0, all - aside.reduce((sum, one) => sum + one, 0)), linked };
}

export type MerchantCenterAccess = {
  /** Cloud identifier, or URL of a gateway. */
  readonly issuer: string;
  readonly entryPointUriPath: string;
};

/**
 * The audience of the tokens is the service's public origin, which only the deployment script is told: it is read from the
 * store, as the Merchant Center application does.
 */
export function merchantCenterGuard(
  connector: Connector,
  access: MerchantCenterAccess,
  needs: "view" | "manage",
): Guard {
  const { store, settings, clock } = connector;
  const guard = remember({ ms: 60_000, bridge: { ms: 600_000, over: isOutage }, now: clock.monotonic }, async () => {
    const url = await store.serviceUrl.read();
    if (url === undefined) {
      throw new TransientError(
        "the service does not know its public URL: run the post-deploy script of service-app again",
      );
    }
    return merchantCenterAuth(
      {
        audience: new URL(url).origin,
        issuer: access.issuer,
        projectKey: settings.CTP_PROJECT_KEY,
        permissions: permissionsOf(access.entryPointUriPath),
        clock,
      },
      needs,
    );
  });
  return async (request) => (await guard())(request);
}
