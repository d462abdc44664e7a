/**
 * What the pre-undeploy script of each app removes. Needs no environment but the API client: everything is found by key. The
 * export channels, the configuration and the journal stay, so that a reinstallation continues where this one stops.
 */
import { TransientError } from "../domain/failure.ts";
import { mapLimited } from "../runtime/limit.ts";
import { type CtClient, isNotFound, isRefused } from "./client.ts";
import { type Container, containers, createDocuments } from "./documents.ts";
import type { Removed } from "./installed.ts";
import { channelId, exportChannels } from "./resources-channels.ts";
import { disarm, extensionKey } from "./resources-extension.ts";
import { subscriptionKey } from "./resources-subscription.ts";
import { connectorTypes } from "./resources-types.ts";

export type UninstallOptions = {
  /** Also configuration and journal; the export channels only while no order refers to them. */
  readonly purge: boolean;
};

const kept = (resource: string, why: string): Removed => ({ resource, done: "kept", why });
const gone = (resource: string, why: string): Removed => ({ resource, done: "removed", why });

/** event-app. */
export async function uninstallOrders(ct: CtClient, options: UninstallOptions): Promise<Removed[]> {
  const removed = [await removeSubscription(ct)];
  for (const { key } of exportChannels) removed.push(await removeChannel(ct, key, options));
  return removed;
}

/** job-app. */
export async function uninstallJobs(ct: CtClient, options: UninstallOptions): Promise<Removed[]> {
  const removed: Removed[] = [];
  for (const { key } of connectorTypes) removed.push(await removeType(ct, key));
  for (const container of [containers.leases, containers.cursors, containers.runs, containers.budget]) {
    removed.push(await emptyContainer(ct, container));
  }
  // Exceptions stay as well: the claims of orders refer to them, and a problem is not solved by an uninstallation.
  const lasting = [
    containers.exceptions,
    containers.ignored,
    containers.corrections,
    containers.amendments,
    containers.journal,
    containers.runHistory,
    containers.configVersions,
    containers.config,
  ];
  for (const container of lasting) {
    const why = "a reinstallation continues with it; --purge removes it";
    removed.push(options.purge ? await emptyContainer(ct, container) : kept(`documents ${container}`, why));
  }
  return removed;
}

/** service-app. */
export async function uninstallCheckout(ct: CtClient): Promise<Removed[]> {
  const { done } = await disarm(ct, "uninstalled");
  const resource = `extension ${extensionKey}`;
  return [
    gone(resource, done === "removed" ? "orders are no longer checked" : "was not there"),
    await emptyContainer(ct, containers.holds),
    await emptyContainer(ct, containers.callerCarts),
    await emptyContainer(ct, containers.hints),
    await emptyContainer(ct, containers.atpMetrics),
  ];
}

async function removeSubscription(ct: CtClient): Promise<Removed> {
  const resource = `subscription ${subscriptionKey}`;
  const keyed = ct.root.subscriptions().withKey({ key: subscriptionKey });
  try {
    const { version } = (await keyed.get().execute()).body;
    await keyed.delete({ queryArgs: { version } }).execute();
    return gone(resource, "no more events");
  } catch (error) {
    if (isNotFound(error)) return gone(resource, "was not there");
    throw error;
  }
}

async function removeChannel(ct: CtClient, key: string, { purge }: UninstallOptions): Promise<Removed> {
  const resource = `channel ${key}`;
  if (!purge) return kept(resource, "it says which orders were exported; a reinstallation would export them again");
  const channel = await channelId(ct, key);
  if (!channel) return gone(resource, "was not there");
  const queryArgs = { where: "syncInfo(channel(id = :id))", "var.id": channel.id, limit: 1, withTotal: false };
  const orders = (await ct.root.orders().get({ queryArgs }).execute()).body.results;
  if (orders.length > 0) return kept(resource, "orders refer to it");
  return removeUnlessReferred(resource, () =>
    ct.root
      .channels()
      .withId({ ID: channel.id })
      .delete({ queryArgs: { version: channel.version } })
      .execute(),
  );
}

async function removeType(ct: CtClient, key: string): Promise<Removed> {
  const resource = `type ${key}`;
  const keyed = ct.root.types().withKey({ key });
  return removeUnlessReferred(resource, async () => {
    const { version } = (await keyed.get().execute()).body;
    await keyed.delete({ queryArgs: { version } }).execute();
  });
}

async function removeUnlessReferred(resource: string, remove: () => Promise<unknown>): Promise<Removed> {
  try {
    await remove();
    return gone(resource, "nothing refers to it");
  } catch (error) {
    if (isNotFound(error)) return gone(resource, "was not there");
    if (isRefused(error, "ReferenceExists")) return kept(resource, "other resources refer to it");
    throw error;
  }
}

const PAGE = 500;
/** A script has minutes, not hours: the rest of a very long journal is named and left to a second run. */
const MOST_DOCUMENTS = 20_000;

async function emptyContainer(ct: CtClient, container: Container): Promise<Removed> {
  const resource = `documents ${container}`;
  const documents = createDocuments(ct);
  let count = 0;
  while (count < MOST_DOCUMENTS) {
    const { rows } = await documents.list(container, { sort: "key asc", limit: PAGE });
    if (rows.length === 0) return gone(resource, count === 0 ? "was empty" : `${count} documents`);
    const removed = await mapLimited(rows, 10, ({ key }) => documents.remove(container, key));
    if (!removed.includes(true))
      throw new TransientError(`the documents of ${container} can't be removed now: run it again`);
    count += rows.length;
  }
  return kept(resource, `${count} documents are removed, more are left: run it again`);
}
