import { scryptSync, timingSafeEqual } from "node:crypto";
import type { Extension, ExtensionDraft, ExtensionUpdateAction, HttpDestination } from "@commercetools/platform-sdk";
import { z } from "zod";
import type { Clock } from "../runtime/clock.ts";
import { type Random, systemRandom } from "../runtime/random.ts";
import { exchange, type FetchLike } from "./call.ts";
import { absentAsUndefined, type CtClient, isNotFound } from "./client.ts";
import { containers, createDocuments, type Documents } from "./documents.ts";
import { type Installed, settled } from "./installed.ts";
import { normalizeServiceUrl } from "./resources-documents.ts";

export const extensionKey = "ifs-connector-atp";
const RESOURCE = `extension ${extensionKey}`;

export type ExtensionWish = {
  /** From the active configuration; undefined before the first push, which counts as off. */
  readonly atp: { readonly extension: "off" | "armed"; readonly extensionTimeoutMs: number } | undefined;
  /** CONNECT_SERVICE_URL. */
  readonly serviceUrl: string;
  /** Path of the extension's route below the service URL, such as "/extensions/order". */
  readonly extensionPath: string;
  /** Path below the service URL that answers quickly without IFS. */
  readonly healthPath: string;
  /** Complete value of the Authorization header that commercetools sends. */
  readonly headerValue: string;
  readonly fetch?: FetchLike;
  readonly clock: Pick<Clock, "now" | "monotonic" | "after">;
  readonly random?: Pick<Random, "uuid">;
};

/**
 * Arms the API Extension only where the configuration wants it and the service answers its public URL in less than half of
 * the extension's time: the platform has no fail-open, so an extension that does not answer stops all orders. In every other
 * case an armed Extension is removed. Throws what the platform's own API throws.
 */
export async function ensureExtension(ct: CtClient, wish: ExtensionWish): Promise<Installed> {
  if (wish.atp?.extension !== "armed") return disarm(ct, "the configuration does not arm it");
  const base = normalizeServiceUrl(wish.serviceUrl);
  const limitMs = wish.atp.extensionTimeoutMs / 2;
  const speed = await probe({ ...wish, url: `${base}${wish.healthPath}`, timeoutMs: wish.atp.extensionTimeoutMs });
  if (!speed.ok) return disarm(ct, `the service did not answer its public URL: ${speed.why}`);
  if (speed.medianMs >= limitMs) {
    return disarm(
      ct,
      `the service answered its public URL in ${Math.round(speed.medianMs)} ms, allowed are ${limitMs} ms`,
    );
  }
  return settled(() =>
    arm(ct, wish.random ?? systemRandom, {
      key: extensionKey,
      destination: {
        type: "HTTP",
        url: `${base}${wish.extensionPath}`,
        authentication: { type: "AuthorizationHeader", headerValue: wish.headerValue },
      },
      triggers: [
        {
          resourceTypeId: "order",
          actions: ["Create"],
          // A predicate on an absent field fails the buyer's request, so each field is asked for first.
          condition: "lineItems is defined and lineItems is not empty",
        },
      ],
      timeoutInMs: wish.atp?.extensionTimeoutMs,
    }),
  );
}

type HttpDraft = ExtensionDraft & { readonly destination: HttpDestination };

async function arm(ct: CtClient, random: Pick<Random, "uuid">, draft: HttpDraft): Promise<Installed> {
  const documents = createDocuments(ct);
  const secret = headerValueOf(draft.destination);
  const keyed = ct.root.extensions().withKey({ key: extensionKey });
  const known = await absentAsUndefined(keyed.get().execute());
  if (!known) {
    await ct.root.extensions().post({ body: draft }).execute();
    await remember(documents, secret, random);
    return { resource: RESOURCE, done: "created", detail: draft.destination.url };
  }
  const actions = differences(known, draft, await isRemembered(documents, secret));
  if (actions.length === 0) return { resource: RESOURCE, done: "unchanged", detail: draft.destination.url };
  await keyed.post({ body: { version: known.version, actions } }).execute();
  await remember(documents, secret, random);
  return { resource: RESOURCE, done: "updated", detail: actions.map(({ action }) => action).join(", ") };
}

const headerValueOf = ({ authentication }: HttpDestination): string =>
  authentication?.type === "AuthorizationHeader" ? authentication.headerValue : "";

function differences(known: Extension, draft: HttpDraft, sameSecret: boolean): ExtensionUpdateAction[] {
  const actions: ExtensionUpdateAction[] = [];
  const url = known.destination.type === "HTTP" ? known.destination.url : undefined;
  if (url !== draft.destination.url || !sameSecret) {
    actions.push({ action: "changeDestination", destination: draft.destination });
  }
  if (JSON.stringify(known.triggers.map(trigger)) !== JSON.stringify(draft.triggers.map(trigger))) {
    actions.push({ action: "changeTriggers", triggers: draft.triggers });
  }
  if (known.timeoutInMs !== draft.timeoutInMs) {
    actions.push({ action: "setTimeoutInMs", timeoutInMs: draft.timeoutInMs });
  }
  return actions;
}

const trigger = (value: { resourceTypeId: string; actions: readonly string[]; condition?: string }) => [
  value.resourceTypeId,
  [...value.actions].sort(),
  value.condition ?? "",
];

/** Removes the Extension; it need not exist. Used by the job tick as well, when the service stops answering. */
export async function disarm(ct: CtClient, why: string): Promise<Installed> {
  const keyed = ct.root.extensions().withKey({ key: extensionKey });
  return settled(async () => {
    const known = await absentAsUndefined(keyed.get().execute());
    if (!known) return { resource: RESOURCE, done: "unchanged", detail: `not installed: ${why}` };
    try {
      await keyed.delete({ queryArgs: { version: known.version } }).execute();
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return { resource: RESOURCE, done: "removed", detail: why };
  });
}

const PROBES = 3;

type Probe = { url: string; timeoutMs: number; fetch?: FetchLike; clock: Pick<Clock, "now" | "monotonic" | "after"> };

/** Median of three GETs, one after the other: the first may pay for a cold start. Any failure counts. */
export async function probe(options: Probe): Promise<{ ok: true; medianMs: number } | { ok: false; why: string }> {
  const fetch: FetchLike = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  const times: number[] = [];
  for (let count = 0; count < PROBES; count += 1) {
    const startedAt = options.clock.monotonic();
    try {
      await exchange({ ...options, fetch }, options.url, { method: "GET", headers: { Accept: "application/json" } });
    } catch (error) {
      return { ok: false, why: `GET ${options.url}: ${(error as Error).message}` };
    }
    times.push(options.clock.monotonic() - startedAt);
  }
  times.sort((a, b) => a - b);
  return { ok: true, medianMs: times[Math.floor(PROBES / 2)] ?? 0 };
}

const FINGERPRINT = "extension-secret";
const fingerprintSchema = z.object({ salt: z.string(), hash: z.string() });

/**
 * The platform never shows the header value again, so a changed secret could not be noticed. A salted, slow hash can be
 * compared without keeping the secret.
 */
const fingerprint = (secret: string, salt: string): string => scryptSync(secret, salt, 32).toString("hex");

async function isRemembered(documents: Documents, secret: string): Promise<boolean> {
  const document = await documents.read(containers.config, FINGERPRINT);
  const known = fingerprintSchema.safeParse(document?.value);
  if (!known.success) return false;
  const now = fingerprint(secret, known.data.salt);
  return now.length === known.data.hash.length && timingSafeEqual(Buffer.from(now), Buffer.from(known.data.hash));
}

async function remember(documents: Documents, secret: string, random: Pick<Random, "uuid">): Promise<void> {
  if (await isRemembered(documents, secret)) return;
  const salt = random.uuid();
  await documents.write(containers.config, FINGERPRINT, { salt, hash: fingerprint(secret, salt) });
}
