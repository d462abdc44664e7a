import type { ChannelDraft } from "@commercetools/platform-sdk";
import { CLAIM_CHANNEL_KEY, LINK_CHANNEL_KEY, RETURN_CHANNEL_KEY } from "../domain/claims.ts";
import { absentAsUndefined, type CtClient } from "./client.ts";
import { type Installed, settled } from "./installed.ts";

/** The channels of `Order.syncInfo`. Role OrderExport: without it the platform refuses `updateSyncInfo`. */
export const exportChannels: readonly ChannelDraft[] = [
  {
    key: LINK_CHANNEL_KEY,
    roles: ["OrderExport"],
    name: { en: "IFS Cloud: exported orders" },
    description: {
      en: "The IFS order number of each exported order. Do not delete: orders would be exported a second time.",
    },
  },
  {
    key: CLAIM_CHANNEL_KEY,
    roles: ["OrderExport"],
    name: { en: "IFS Cloud: export in progress" },
    description: { en: "Who is exporting an order, and how far that came. Do not delete." },
  },
  {
    key: RETURN_CHANNEL_KEY,
    roles: ["OrderExport"],
    name: { en: "IFS Cloud: exported returns" },
    description: { en: "The RMA number of each return of an order. Do not delete: returns would be looked up again." },
  },
];

/** Creates a channel or adds the roles that it lacks. Nothing else of an existing channel is touched. */
export const ensureChannel = (ct: CtClient, draft: ChannelDraft): Promise<Installed> =>
  settled(async () => {
    const resource = `channel ${draft.key}`;
    const where = { where: "key = :key", "var.key": draft.key, limit: 1, withTotal: false };
    const [known] = (await ct.root.channels().get({ queryArgs: where }).execute()).body.results;
    const roles = draft.roles ?? [];
    if (!known) {
      await ct.root.channels().post({ body: draft }).execute();
      return { resource, done: "created", detail: `roles ${roles.join(", ")}` };
    }
    const missing = roles.filter((role) => !known.roles.includes(role));
    if (missing.length === 0) return { resource, done: "unchanged", detail: `roles ${known.roles.join(", ")}` };
    const body = { version: known.version, actions: [{ action: "addRoles" as const, roles: missing }] };
    await ct.root.channels().withId({ ID: known.id }).post({ body }).execute();
    return { resource, done: "updated", detail: `added roles ${missing.join(", ")}` };
  });

/** The id of a channel, or undefined. */
export async function channelId(ct: CtClient, key: string): Promise<{ id: string; version: number } | undefined> {
  const queryArgs = { where: "key = :key", "var.key": key, limit: 1, withTotal: false };
  const [channel] = (await absentAsUndefined(ct.root.channels().get({ queryArgs }).execute()))?.results ?? [];
  return channel && { id: channel.id, version: channel.version };
}
