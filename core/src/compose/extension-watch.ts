/**
 * Looks at service-app with each tick: three looks in a row without an answer park the API Extension, because commercetools fails every
 * order that an Extension leaves unanswered; ten good answers in a row arm it again. Parked, it keeps its destination and secret, which
 * only the deployment of service-app knows, and is asked at no order. What was seen so far lies in commercetools: the process of a tick may
 * be gone before the next.
 */
import type { Extension } from "@commercetools/platform-sdk";
import { absentAsUndefined } from "../ct/client.ts";
import {
  differs,
  disarm,
  type ExtensionSettings,
  extensionKey,
  isParked,
  lookAt,
  PLATFORM_TIMEOUT_MS,
  park,
  setArmed,
} from "../ct/resources-extension.ts";
import { ConflictError } from "../domain/failure.ts";
import {
  afterLook,
  type GuardLooks,
  guardLooksSchema,
  LOOKS_TO_ARM,
  LOOKS_TO_DISARM,
  type Look,
  lookOf,
} from "../domain/guard-looks.ts";
import type { Active, Connector } from "./connector.ts";

export const CHECKOUT_GUARD_OFF = "checkout-guard-off";
/** Name of what was seen so far, among the cursors. */
export const GUARD_LOOKS = "checkout-guard-looks";

type WatchDeps = Pick<Connector, "ct" | "clock" | "logger"> &
  Partial<Pick<Connector, "fetch">> & {
    readonly store: Pick<Connector["store"], "serviceUrl" | "cursors"> & {
      readonly exceptions: Pick<Connector["store"]["exceptions"], "get" | "open" | "close">;
    };
  };

export async function watchExtension(deps: WatchDeps, { config }: Pick<Active, "config">): Promise<void> {
  const { ct } = deps;
  const { atp } = config;
  const installed = await installedIn(ct);
  if (atp.extension !== "armed") {
    if (installed) await disarm(ct, "the configuration does not arm it any more");
    return untell(deps);
  }
  if (!installed) return tell(deps, notInstalled);
  await guard(deps, { installed, atp });
}

/**
 * The same while no configuration can be used: what is installed is parked as ever, because every order fails meanwhile. What to arm it
 * with nobody knows then; the looks count on.
 */
export async function watchAsInstalled(deps: WatchDeps): Promise<void> {
  const installed = await installedIn(deps.ct);
  if (installed) await guard(deps, { installed, atp: undefined });
}

const installedIn = (ct: WatchDeps["ct"]): Promise<Extension | undefined> =>
  absentAsUndefined(ct.root.extensions().withKey({ key: extensionKey }).get().execute());

type Guarded = { readonly installed: Extension; readonly atp: ExtensionSettings | undefined };

async function guard(deps: WatchDeps, { installed, atp }: Guarded): Promise<void> {
  const armed = !isParked(installed);
  const timeoutMs = atp?.extensionTimeoutMs ?? installed.timeoutInMs ?? PLATFORM_TIMEOUT_MS;
  const { look, why } = await lookOnce(deps, timeoutMs);
  const known = await readLooks(deps);
  const { looks, act: due } = afterLook(known.looks, { look, armed });
  const act = due === "arm" && !atp ? undefined : due;
  if (act === "disarm") {
    await disarmNow(deps, atp);
    deps.logger.error({ alert: true, why }, "checkout-guard-off");
  } else if (atp) {
    await armOrChange(deps, { installed, atp }, act === "arm" ? looks : undefined);
  }
  await writeLooks(deps, known, act ? { armed: !armed, inARow: 0 } : looks);
  const isOn = act ? act === "arm" : armed;
  if (isOn) await untell(deps);
  else await tell(deps, parked(why ?? `it answers again, ${act ? 0 : looks.inARow} good answers in a row so far`));
}

const disarmNow = ({ ct }: WatchDeps, atp: ExtensionSettings | undefined): Promise<boolean> =>
  atp ? setArmed(ct, atp, false) : park(ct);

/** `looks`: those by which it is armed. */
async function armOrChange(
  { ct, logger }: WatchDeps,
  { installed, atp }: { readonly installed: Extension; readonly atp: ExtensionSettings },
  looks: GuardLooks | undefined,
): Promise<void> {
  const armed = !isParked(installed);
  if (looks) {
    await setArmed(ct, atp, true);
    logger.info({ looks: looks.inARow }, "checkout-guard-on");
  } else if (differs(installed, atp)) {
    await setArmed(ct, atp, armed);
    logger.info({ armed }, "checkout-guard-changed");
  }
}

async function lookOnce(
  { store, clock, fetch }: WatchDeps,
  timeoutMs: number,
): Promise<{ readonly look: Look; readonly why?: string }> {
  const url = await store.serviceUrl.read();
  if (url === undefined) return { look: "unanswered", why: "the service's public URL is not known" };
  const answer = await lookAt({ url: `${url}/health`, timeoutMs, clock, fetch });
  if ("why" in answer) return { look: "unanswered", why: answer.why };
  const look = lookOf(answer, timeoutMs);
  return look === "good" ? { look } : { look, why: `GET ${url}/health took ${Math.round(answer.ms)} ms` };
}

type KnownLooks = { readonly looks: GuardLooks | undefined; readonly version: number };

async function readLooks({ store }: WatchDeps): Promise<KnownLooks> {
  const known = await store.cursors.read(GUARD_LOOKS);
  return { looks: guardLooksSchema.safeParse(known?.value).data, version: known?.version ?? 0 };
}

async function writeLooks({ store }: WatchDeps, known: KnownLooks, looks: GuardLooks): Promise<void> {
  if (known.looks?.armed === looks.armed && known.looks.inARow === looks.inARow) return;
  try {
    await store.cursors.write(GUARD_LOOKS, looks, known.version);
  } catch (error) {
    // Another tick looked in this moment, and counts.
    if (!(error instanceof ConflictError)) throw error;
  }
}

type Told = { readonly message: string; readonly action: string };

const notInstalled: Told = {
  message: "The configuration arms the check at order creation, and it is not installed. Orders go through unchecked.",
  action: "Deploy service-app again: its deployment installs the check.",
};

const parked = (why: string): Told => ({
  message: `The check at order creation is switched off, because the service could not be relied on (${LOOKS_TO_DISARM} looks in a row without an answer, or too slow at its deployment): ${why}. Orders go through unchecked.`,
  action: `Find out why service-app does not answer, and repair it. The check is switched on by itself after ${LOOKS_TO_ARM} good answers in a row, one look with each run of job-app; a deployment of service-app switches it on at once.`,
});

/** A deployment may have armed it meanwhile, so each tick looks. */
async function untell({ store }: WatchDeps): Promise<void> {
  if (await store.exceptions.get(CHECKOUT_GUARD_OFF)) await store.exceptions.close(CHECKOUT_GUARD_OFF);
}

/** Written only when it says something new: a tick comes once a minute. */
async function tell({ store }: WatchDeps, { message, action }: Told): Promise<void> {
  const known = await store.exceptions.get(CHECKOUT_GUARD_OFF);
  if (known?.message === message) return;
  await store.exceptions.open({
    id: CHECKOUT_GUARD_OFF,
    flow: "atp-check",
    code: "checkoutGuardOff",
    recordType: "flow",
    recordId: extensionKey,
    recordLabel: "Availability check at order creation",
    message,
    action,
    owner: "operator",
  });
}
