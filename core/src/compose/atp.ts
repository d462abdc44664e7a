/** The three doors to the availability check: a question, several of them at once, and the API Extension. */
import { z } from "zod";
import { createCarts } from "../ct/carts.ts";
import { createCatalogue } from "../ct/catalogue.ts";
import { idsByKey } from "../ct/channels.ts";
import { createInventory } from "../ct/inventory.ts";
import { createOrders } from "../ct/orders.ts";
import { type AtpDoors, atpDoorsSchema } from "../domain/atp-door-config.ts";
import type { Door } from "../domain/atp-metrics.ts";
import { TransientError } from "../domain/failure.ts";
import type { Sku } from "../domain/ids.ts";
import type { FailPolicy } from "../domain/threshold-config.ts";
import { createAtpContext } from "../flows/atp-check/context.ts";
import type { AvailabilityDecision } from "../flows/atp-check/decide.ts";
import type { AtpDeps } from "../flows/atp-check/deps.ts";
import { gatherHolds } from "../flows/atp-check/hold-access.ts";
import {
  type AvailabilityRequest,
  beyondKey,
  parseBatch,
  parseExtension,
  parseQuestion,
} from "../flows/atp-check/parse.ts";
import { toAnswer, toExtensionResponse, toUndecided } from "../flows/atp-check/respond.ts";
import { checkAvailability, warmUp } from "../flows/atp-check/run.ts";
import { type ExtensionError, failureKind, type Outcome } from "../http/respond.ts";
import type { Call } from "../http/server.ts";
import { newCallTimes, splitTime, timed, timing } from "../runtime/call-times.ts";
import { createLateness } from "../runtime/lateness.ts";
import { withDeadline } from "../runtime/limit.ts";
import { type About, aboutOf, createAftermath, type Undecided } from "./atp-aftermath.ts";
import { createAtpMeter } from "./atp-metrics.ts";
import { type Active, type Connector, STALE_MS } from "./connector.ts";
import { rememberedCuts } from "./held-cuts.ts";
import { lookAtHints } from "./hint-flows.ts";
import { createHoldQuestions, holdTexts } from "./hold-questions.ts";
import { rememberedPartlyThere } from "./partly-there.ts";
import { createPromises, type PromiseKey } from "./promise-token.ts";
import { doorSettings, questionCallerOf } from "./question-caller.ts";
import { syncInfoFallbackOf } from "./sync-info.ts";

export type AvailabilityDoors = {
  /** `POST …/atp`: 200 with the decision, 422 for a body that is not a question. Its time begins once the caller is verified. */
  question(call: Pick<Call, "body" | "caller" | "verifiedAt">): Promise<Outcome>;
  /** `POST …/atp/batch`: the same for several questions, each decided by itself. */
  batch(call: Pick<Call, "body" | "caller" | "verifiedAt">): Promise<Outcome>;
  /** `POST …/extension`: 200, or 400 with `errors[]`. Its time begins with the request, as commercetools counts. */
  extension(call: Pick<Call, "body" | "since">): Promise<Outcome>;
  /** A body at the Extension's door that is none, is too large, or is no order or cart. */
  unreadable(message: string, body: unknown): Promise<void>;
  /** A call at the Extension's door was believed, or not. */
  called(isRight: boolean): void;
  /** What counts for an order or a cart that could not be judged at all. */
  policy(): FailPolicy;
  undecided(): ExtensionError;
};

type Checked = { readonly decision: AvailabilityDecision; readonly doors: AtpDoors };

/** More than a URL holds: they are asked for in one request of another kind. */
const MANY_SKUS = 100;

/** For what is read at the start; whoever asks meanwhile has a deadline of its own. */
const WARM_UP_MS = 10_000;

/** Of the deadline, for what comes before and after the decision: reading the question, and sending the answer. */
const ANSWER_MS = 50;
/** A process that is late with what is due, or behind with what it has begun, has read the question late, and will send the answer late. */
const TWICE = 2;
/** Of the deadline, what is left for the decision however late the process is. */
const LEAST_SHARE = 0.5;

/** Until a configuration was read: the longest that any caller waits, and the shortest that commercetools does (`atp.extensionTimeoutMs`). */
const FIRST_DEADLINE_MS = 1200;
/** Who knows a configuration waits no longer than this for a newer one, and no longer than a quarter of the deadline. */
const NEWER_MS = 250;

export function createAvailabilityDoors(
  connector: Connector,
  { promiseKeys = [] }: { readonly promiseKeys?: readonly PromiseKey[] } = {},
): AvailabilityDoors {
  const { clock, logger, store, random, life } = connector;
  const promises = createPromises(promiseKeys, { projectKey: connector.settings.CTP_PROJECT_KEY, clock });
  const context = createAtpContext({ clock });
  const partlyThere = timed("ct", clock, rememberedPartlyThere(connector));
  const meter = createAtpMeter({ clock, logger, store, context, replica: random.uuid().slice(0, 8) });
  const look = (isOver: () => boolean) => lookAtHints(connector, isOver);
  const aftermath = createAftermath({ clock, logger, store, look });
  const holdQuestions = createHoldQuestions(connector);
  let last: Active | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;
  let made: { readonly active: Active; readonly deps: AtpDeps } | undefined;
  /** Once for each configuration, not for each answer. */
  const depsOf = (active: Active): AtpDeps => {
    if (made?.active !== active)
      made = { active, deps: { ...atpDeps(connector, active, { context, partlyThere }), promises } };
    return made.deps;
  };
  // Token, configuration and channels of commercetools, and the token of IFS: the first shopper finds them.
  life.onStart(async () => {
    const found = await active(clock.monotonic() + WARM_UP_MS);
    await Promise.all([warmUp(depsOf(found)), found.ifs.ping()]);
  });
  life.onEnd(async () => {
    await Promise.all([aftermath.end(), meter.flush(), context.holdShards.end(), holdQuestions.end()]);
  });
  const late = createLateness(clock);
  const readActive = timed("ct", clock, () => connector.active());

  /**
   * The configuration, within the same deadline as everything else. While commercetools does not say whether there is a newer one, the
   * last counts on as long as where it refuses: each line then follows its own policy, and not the default.
   */
  async function active(deadlineAt: number): Promise<Active> {
    let tooLate: TransientError | undefined;
    const onTimeout = (): TransientError => {
      tooLate = new TransientError("the configuration could not be read in time");
      return tooLate;
    };
    const known = clock.monotonic() - lastAt < STALE_MS ? last : undefined;
    const patience = known ? Math.min(NEWER_MS, known.config.atp.deadlineMs / 4) : Number.POSITIVE_INFINITY;
    const ms = Math.max(1, Math.min(patience, deadlineAt - clock.monotonic()));
    try {
      last = await withDeadline({ clock, ms, onTimeout }, readActive);
    } catch (error) {
      if (error !== tooLate || !known) throw error;
      return known;
    }
    lastAt = clock.monotonic();
    return last;
  }

  /** The time of an answer has begun when its door says; how long it is, a process that has just started reads first. */
  async function begun(since: number): Promise<{ readonly deps: AtpDeps; readonly deadlineAt: number }> {
    const lateMs = late() + (clock.breather?.behindMs() ?? 0);
    const endOf = (withinMs: number): number => {
      const kept = Math.min(ANSWER_MS, withinMs / 10) + TWICE * lateMs;
      return since + withinMs - Math.min(kept, withinMs * (1 - LEAST_SHARE));
    };
    const now = await active(endOf(last?.config.atp.deadlineMs ?? FIRST_DEADLINE_MS));
    return { deps: depsOf(now), deadlineAt: endOf(now.config.atp.deadlineMs) };
  }

  const check = (door: Door, request: AvailabilityRequest, { since, ...about }: About & Pick<Call, "since">) =>
    counted(door, about, async () => {
      const { deps, deadlineAt } = await begun(since);
      return checked(deps, request, deadlineAt);
    });

  const checked = async (deps: AtpDeps, request: AvailabilityRequest, deadlineAt: number): Promise<Checked> => ({
    decision: await checkAvailability(deps, request, deadlineAt),
    doors: deps.config.atp.doors,
  });

  /** Counted and logged; what follows from the decision goes on behind the answer. */
  async function counted(door: Door, about: About, work: () => Promise<Checked>): Promise<Checked> {
    const times = newCallTimes();
    const from = clock.monotonic();
    const took = () => {
      const to = clock.monotonic();
      return { ...splitTime(times, from, to), totalMs: to - from };
    };
    try {
      const result = await timing(times, work);
      const time = took();
      meter.answered(door, result.decision, time);
      aftermath.of(result.decision, about);
      const { accepted, lines, corrections } = result.decision;
      const policies = lines.filter(({ policy }) => policy !== null).length;
      if (time.ifsMs > 0 && policies === 0) context.admission.waited(time.ctMs + time.ifsMs);
      const told = {
        flow: "atp-check",
        door,
        accepted,
        lines: lines.length,
        policies,
        corrections: corrections.length,
      };
      logger.info({ ...told, breaker: context.breakerState(), ...rounded(time) }, "availability-checked");
      return result;
    } catch (error) {
      meter.answered(door, undefined, took());
      throw error;
    }
  }

  const policy = (): FailPolicy => last?.config.atp.defaultFailPolicy ?? "open";

  function undecided(why: Undecided, body: unknown): void {
    if (policy() === "closed") aftermath.refusedUndecided(why, aboutOf(body));
  }

  return {
    async question({ body, caller, verifiedAt }) {
      const request = parseQuestion(body, questionCallerOf(caller));
      if (!request.ok) return { kind: "rejected", rejection: request.error };
      const doors = await doorSettings(connector);
      const beyond = beyondKey([request.value], doors.keyMaxQuantity);
      if (beyond) return { kind: "rejected", rejection: beyond };
      const { deps, deadlineAt } = await begun(verifiedAt);
      const about = { cart: request.value.cart };
      const asked = await holdQuestions.asked(deps, request.value, {
        deadlineAt,
        check: (question) => counted("question", about, () => checked(deps, question, deadlineAt)),
      });
      if (!asked.ok) return { kind: "rejected", rejection: asked.error };
      const { decision } = asked.value;
      const { hold } = decision;
      const answer = toAnswer(request.value, decision, doors);
      return { kind: "done", body: hold ? { ...answer, hold: holdTexts(hold) } : answer };
    },
    async batch({ body, caller, verifiedAt: since }) {
      const questions = parseBatch(body, questionCallerOf(caller));
      if (!questions.ok) return { kind: "rejected", rejection: questions.error };
      const doors = await doorSettings(connector);
      const beyond = beyondKey(
        questions.value.map(({ request }) => request),
        doors.keyMaxQuantity,
      );
      if (beyond) return { kind: "rejected", rejection: beyond };
      const answers = await Promise.all(
        questions.value.map(async ({ id, request }) => {
          const { decision } = await check("batch", request, { cart: request.cart, since });
          return { id, ...toAnswer(request, decision, doors) };
        }),
      );
      return { kind: "done", body: { answers } };
    },
    async extension({ body, since }) {
      const request = parseExtension(body);
      if (!request.ok) return { kind: "unreadable", message: request.error.message };
      const about = { cart: request.value.cart, order: orderIdSchema.safeParse(body).data?.resource.id };
      try {
        const { decision, doors } = await check("extension", request.value, { ...about, since });
        const response = toExtensionResponse(decision, doors);
        return response.status === 200 ? { kind: "done" } : { kind: "refused", errors: response.body.errors };
      } catch (error) {
        undecided(
          { reason: failureKind(error), message: error instanceof Error ? error.message : String(error) },
          body,
        );
        throw error;
      }
    },
    async unreadable(message, body) {
      meter.answered("extension", undefined, noTime);
      undecided({ reason: "unreadable", message }, body);
    },
    called: meter.called,
    policy,
    undecided: () => toUndecided(last?.config.atp.doors ?? atpDoorsSchema.parse({})),
  };
}

const orderIdSchema = z.object({ resource: z.object({ typeId: z.literal("order"), id: z.string() }) });

const noTime = { totalMs: 0, oursMs: 0, ctMs: 0, ifsMs: 0 };

const rounded = (times: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(times).map(([name, ms]) => [name, Math.round(ms * 10) / 10]));

function atpDeps(
  connector: Connector,
  { config, ifs, channels }: Active,
  kept: Pick<AtpDeps, "context" | "partlyThere">,
): AtpDeps {
  const { ct, logger, clock, store, random } = connector;
  const inventory = createInventory(ct);
  const catalogue = createCatalogue(ct);
  const holds = gatherHolds(clock, store.holds);
  const carts = createCarts(ct);
  return {
    ...kept,
    config,
    ifs: {
      ...{ ...ifs.parts, ...ifs.stock },
      plannedSupply: (contract, partNos) => ifs.supply.plannedSupply(config.stock.supply.sources, contract, partNos),
    },
    entries: (skus, channelIds) =>
      skus.length > MANY_SKUS ? inventory.glance(skus, channelIds) : inventory.bySkus(skus, channelIds),
    heldCuts: timed("ct", clock, rememberedCuts(connector, config)),
    channels,
    channelIds: timed("ct", clock, (keys: readonly string[]) => idsByKey(ct, keys)),
    ordersPage: syncInfoFallbackOf(connector)(createOrders(ct).page),
    cartStock: timed("ct", clock, carts.stockOf),
    skuFacts: timed("ct", clock, (skus: readonly Sku[]) => catalogue.skuFacts(skus, config.atp.thresholdFields)),
    salesFigures: timed("ct", clock, store.sales.read),
    ...(config.atp.holds.mode === "on" && {
      holds: {
        ...{ ...holds, chance: random.fraction, attempt: () => random.uuid().slice(-12) },
        cartsOver: carts.over,
      },
    }),
    logger,
  };
}
