import { scryptSync, timingSafeEqual } from "node:crypto";
import type {
  Extension,
  ExtensionDraft,
  ExtensionTrigger,
  ExtensionUpdateAction,
  HttpDestination,
} from "@commercetools/platform-sdk";
import { z } from "zod";
import type { GuardTrigger } from "../domain/atp-guard-config.ts";
import { GOOD_PART_OF_TIMEOUT } from "../domain/guard-looks.ts";
import type { Clock } from "../runtime/clock.ts";
import { type HttpFetch, http } from "../runtime/http.ts";
import { type Random, systemRandom } from "../runtime/random.ts";
import { exchange } from "./call.ts";
import { absentAsUndefined, type CtClient, isNotFound } from "./client.ts";
import { containers, createDocuments, type Documents } from "./documents.ts";
import { type Installed, settled } from "./installed.ts";
import { normalizeServiceUrl } from "./resources-documents.ts";

export const extensionKey = "ifs-connector-atp";
const RESOURCE = `extension ${extensionKey}`;

/** The configuration's part in it. */
export type ExtensionSettings = {
  readonly extensionTimeoutMs: number;
  readonly extensionTriggers: readonly GuardTrigger[];
};

export type ExtensionWish = {
  /** From the active configuration; undefined before the first push, which counts as off. */
  readonly atp: (ExtensionSettings & { readonly extension: "off" | "armed" }) | undefined;
  /** CONNECT_SERVICE_URL. */
  readonly serviceUrl: string;
  /** Path of the extension's route below the service URL, such as "/extensions/order". */
  readonly extensionPath: string;
  /** Path below the service URL that answers quickly without IFS. */
  readonly healthPath: string;
  /** Complete value of the Authorization header that commercetools sends. */
  readonly headerValue: string;
  readonly fetch?: HttpFetch;
  readonly clock: Pick<Clock, "now" | "monotonic" | "after">;
  readonly random?: Pick<Random, "uuid">;
};

/**
 * Arms the API Extension only where the configuration wants it and the service answers its public URL in less than half of
 * the extension's time: the platform has no fail-open, so an extension that does not answer stops all orders. A service that does not
 * answer so leaves it parked: it is there with its secret, and is never asked. Where the configuration does not want it, it is removed.
 * Throws what the platform's own API throws.
 */
export async function ensureExtension(ct: CtClient, wish: ExtensionWish): Promise<Installed> {
  if (wish.atp?.extension !== "armed") return disarm(ct, "the configuration does not arm it");
  const { atp } = wish;
  const base = normalizeServiceUrl(wish.serviceUrl);
  const why = await tooSlow(wish, { url: `${base}${wish.healthPath}`, timeoutMs: atp.extensionTimeoutMs });
  const destination: HttpDestination = {
    type: "HTTP",
    url: `${base}${wish.extensionPath}`,
    authentication: { type: "AuthorizationHeader", headerValue: wish.headerValue },
  };
  const draft = { key: extensionKey, destination, ...behaviour(atp, why === undefined) };
  const line = await settled(() => put(ct, wish.random ?? systemRandom, draft));
  return why === undefined ? line : { ...line, detail: `not armed: ${why}. job-app arms it once it answers in time` };
}

/** Why the service is not to be relied on. */
async function tooSlow(wish: ExtensionWish, at: { url: string; timeoutMs: number }): Promise<string | undefined> {
  const speed = await probe({ ...wish, ...at });
  const limitMs = at.timeoutMs * GOOD_PART_OF_TIMEOUT;
  if (!speed.ok) return `the service did not answer its public URL: ${speed.why}`;
  if (speed.medianMs < limitMs) return undefined;
  return `the service answered its public URL in ${Math.round(speed.medianMs)} ms, allowed are ${limitMs} ms`;
}

/**
 * Holds for no resource, whatever it has and whether absent fields count: nothing but `is defined` may be asked of a field that
 * could be absent (documented). The platform has no switch of its own for an Extension.
 */
const NEVER = "lineItems is defined and lineItems is not defined";

function behaviour({ extensionTimeoutMs, extensionTriggers }: ExtensionSettings, armed: boolean) {
  const triggers: ExtensionTrigger[] = extensionTriggers.map(({ resourceTypeId, actions, condition }) => ({
    resourceTypeId,
    actions: [...actions],
    condition: armed ? condition : NEVER,
  }));
  return { triggers, timeoutInMs: extensionTimeoutMs };
}

export const isParked = ({ triggers }: Pick<Extension, "triggers">): boolean =>
  triggers.every(({ condition }) => condition === NEVER);

/**
 * Arms or parks the Extension that is there, and gives it the configuration's triggers and time-out. It keeps destination and secret, so
 * whoever knows neither may do it. False where there is none.
 */
export const setArmed = (ct: CtClient, settings: ExtensionSettings, armed: boolean): Promise<boolean> =>
  change(ct, () => behaviour(settings, armed));

/** Parks the Extension that is there, with its own triggers and time-out: for who does not know the configuration. False where there is none. */
export const park = (ct: CtClient): Promise<boolean> =>
  change(ct, ({ triggers, timeoutInMs = PLATFORM_TIMEOUT_MS }) => ({
    triggers: triggers.map((trigger) => ({ ...trigger, condition: NEVER })),
    timeoutInMs,
  }));

/** Of an Extension that names none (documented). */
export const PLATFORM_TIMEOUT_MS = 2000;

type Behaviour = ReturnType<typeof behaviour>;

const change = (ct: CtClient, wanted: (known: Extension) => Behaviour): Promise<boolean> =>
  settled(async () => {
    const keyed = ct.root.extensions().withKey({ key: extensionKey });
    const known = await absentAsUndefined(keyed.get().execute());
    if (!known) return false;
    const actions = changes(known, wanted(known));
    if (actions.length > 0) await keyed.post({ body: { version: known.version, actions } }).execute();
    return true;
  });

/** Triggers or time-out are not those of the configuration. */
export const differs = (known: Extension, settings: ExtensionSettings): boolean =>
  changes(known, behaviour(settings, !isParked(known))).length > 0;

type HttpDraft = ExtensionDraft & { readonly destination: HttpDestination };

async function put(ct: CtClient, random: Pick<Random, "uuid">, draft: HttpDraft): Promise<Installed> {
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
  const url = known.destination.type === "HTTP" ? known.destination.url : undefined;
  const moved = url !== draft.destination.url || !sameSecret;
  return [
    ...(moved ? [{ action: "changeDestination" as const, destination: draft.destination }] : []),
    ...changes(known, draft),
  ];
}

function changes(known: Extension, draft: Pick<ExtensionDraft, "triggers" | "timeoutInMs">): ExtensionUpdateAction[] {
  const actions: ExtensionUpdateAction[] = [];
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

/** Removes the Extension; it need not exist. Used by the job tick as well, when the configuration no longer wants it. */
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

/** One GET of the service's public URL: how long it took, or why there was no good answer within the time. */
export async function lookAt(options: Probe): Promise<{ ms: number } | { why: string }> {
  const fetch = options.fetch ?? http;
  const startedAt = options.clock.monotonic();
  try {
    await exchange({ ...options, fetch }, options.url, { method: "GET", headers: { Accept: "application/json" } });
  } catch (error) {
    return { why: `GET ${options.url}: ${(error as Error).message}` };
  }
  return { ms: options.clock.monotonic() - startedAt };
}

type Probe = { url: string; timeoutMs: number; fetch?: HttpFetch; clock: Pick<Clock, "now" | "monotonic" | "after"> };

/** Median of three looks: the first may pay for a cold start. */
async function probe(options: Probe): Promise<{ ok: true; medianMs: number } | { ok: false; why: string }> {
  const seen = await lookOften(options, PROBES);
  return seen.ok ? { ok: true, medianMs: seen.times[Math.floor(PROBES / 2)] ?? 0 } : seen;
}

/** Looks one after the other, and their times in ascending order; any failure counts. */
export async function lookOften(
  options: Probe,
  count: number,
): Promise<{ ok: true; times: readonly number[] } | { ok: false; why: string }> {
  const times: number[] = [];
  while (times.length < count) {
    const look = await lookAt(options);
    if ("why" in look) return { ok: false, why: look.why };
    times.push(look.ms);
  }
  return { ok: true, times: times.toSorted((a, b) => a - b) };
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
