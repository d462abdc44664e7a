/** The three doors to the availability check: a question, several of them at once, and the API Extension. */
import { createCatalogue } from "../ct/catalogue.ts";
import { idsByKey } from "../ct/channels.ts";
import { createInventory } from "../ct/inventory.ts";
import { createOrders } from "../ct/orders.ts";
import type { AtpDoors } from "../domain/atp-door-config.ts";
import { TransientError } from "../domain/failure.ts";
import { type AtpContext, createAtpContext } from "../flows/atp-check/context.ts";
import type { AvailabilityDecision } from "../flows/atp-check/decide.ts";
import type { AtpDeps } from "../flows/atp-check/deps.ts";
import {
  type AvailabilityRequest,
  beyondKey,
  parseBatch,
  parseExtension,
  parseQuestion,
} from "../flows/atp-check/parse.ts";
import { toAnswer, toExtensionResponse } from "../flows/atp-check/respond.ts";
import { checkAvailability } from "../flows/atp-check/run.ts";
import type { FailPolicy, Outcome } from "../http/respond.ts";
import type { Call } from "../http/server.ts";
import { withDeadline } from "../runtime/limit.ts";
import type { Active, Connector } from "./connector.ts";
import { rememberedCuts } from "./held-cuts.ts";
import { createHoldQuestions, holdTexts } from "./hold-questions.ts";
import { createPromises, type PromiseKey } from "./promise-token.ts";
import { doorSettings, questionCallerOf } from "./question-caller.ts";
import { rememberedPackages } from "./remembered-packages.ts";
import { syncInfoFallbackOf } from "./sync-info.ts";

export type AvailabilityDoors = {
  /** `POST …/atp`: 200 with the decision, 422 for a body that is not a question. */
  question(call: Pick<Call, "body" | "caller">): Promise<Outcome>;
  /** `POST …/atp/batch`: the same for several questions, each decided by itself. */
  batch(call: Pick<Call, "body" | "caller">): Promise<Outcome>;
  /** `POST …/extension`: 200, or 400 with `errors[]`. */
  extension(call: Pick<Call, "body">): Promise<Outcome>;
  /** What counts for an order or a cart that could not be judged at all. */
  policy(): FailPolicy;
};

type Checked = { readonly decision: AvailabilityDecision; readonly doors: AtpDoors };

/** Until a configuration was read: the longest that any caller waits. */
const FIRST_DEADLINE_MS = 1200;

export function createAvailabilityDoors(
  connector: Connector,
  { promiseKeys = [] }: { readonly promiseKeys?: readonly PromiseKey[] } = {},
): AvailabilityDoors {
  const { clock, logger } = connector;
  const promises = createPromises(promiseKeys, { projectKey: connector.settings.CTP_PROJECT_KEY, clock });
  const context = createAtpContext({ clock });
  let last: Active | undefined;

  /** The configuration, within the same deadline as everything else. */
  async function active(deadlineAt: number): Promise<Active> {
    const onTimeout = () => new TransientError("the configuration could not be read in time");
    const ms = Math.max(1, deadlineAt - clock.monotonic());
    last = await withDeadline({ clock, ms, onTimeout }, () => connector.active());
    return last;
  }

  /** From the arrival of the question, by the configuration: the first question of a process learns only from it how long it has. */
  async function begin(): Promise<{ readonly deps: AtpDeps; readonly deadlineAt: number }> {
    const begunAt = clock.monotonic();
    const now = await active(begunAt + (last?.config.atp.deadlineMs ?? FIRST_DEADLINE_MS));
    return {
      deps: { ...atpDeps(connector, now, context), promises },
      deadlineAt: begunAt + now.config.atp.deadlineMs,
    };
  }
  const { holdable } = createHoldQuestions(connector);

  async function check(request: AvailabilityRequest): Promise<Checked> {
    const { deps, deadlineAt } = await begin();
    return decided(deps, request, deadlineAt);
  }

  async function decided(deps: AtpDeps, request: AvailabilityRequest, deadlineAt: number): Promise<Checked> {
    const decision = await checkAvailability(deps, request, deadlineAt);
    const { accepted, lines, corrections } = decision;
    const policies = lines.filter(({ policy }) => policy !== null).length;
    const breaker = context.breakerState();
    logger.info(
      { flow: "atp-check", accepted, lines: lines.length, policies, corrections: corrections.length, breaker },
      "availability-checked",
    );
    return { decision, doors: deps.config.atp.doors };
  }

  return {
    async question({ body, caller }) {
      const request = parseQuestion(body, questionCallerOf(caller));
      if (!request.ok) return { kind: "rejected", rejection: request.error };
      const doors = await doorSettings(connector);
      const beyond = beyondKey([request.value], doors.keyMaxQuantity);
      if (beyond) return { kind: "rejected", rejection: beyond };
      const { deps, deadlineAt } = await begin();
      const question = await holdable(deps, request.value, deadlineAt);
      if (!question.ok) return { kind: "rejected", rejection: question.error };
      const { decision } = await decided(deps, question.value, deadlineAt);
      const { hold } = decision;
      const answer = toAnswer(question.value, decision, doors);
      return { kind: "done", body: hold ? { ...answer, hold: holdTexts(hold) } : answer };
    },
    async batch({ body, caller }) {
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
          const { decision } = await check(request);
          return { id, ...toAnswer(request, decision, doors) };
        }),
      );
      return { kind: "done", body: { answers } };
    },
    async extension({ body }) {
      const request = parseExtension(body);
      if (!request.ok) return { kind: "unreadable", message: request.error.message };
      const { decision, doors } = await check(request.value);
      const response = toExtensionResponse(decision, doors);
      return response.status === 200 ? { kind: "done" } : { kind: "refused", errors: response.body.errors };
    },
    policy: () => last?.config.atp.defaultFailPolicy ?? "open",
  };
}

function atpDeps(connector: Connector, { config, ifs, channels }: Active, context: AtpContext): AtpDeps {
  const { ct, logger, clock, store, random } = connector;
  const { read, swap } = store.holds;
  return {
    context,
    config,
    ifs: { ...ifs.parts, ...ifs.stock, packages: rememberedPackages(ifs, clock) },
    entries: createInventory(ct).bySkus,
    heldCuts: rememberedCuts(connector, config),
    channels,
    channelIds: (keys) => idsByKey(ct, keys),
    ordersPage: syncInfoFallbackOf(connector)(createOrders(ct).page),
    skuFacts: (skus) => createCatalogue(ct).skuFacts(skus, config.atp.thresholdFields),
    salesFigures: store.sales.read,
    ...(config.atp.holds.mode === "on" && { holds: { read, swap, chance: random.fraction, attempt: random.uuid } }),
    logger,
  };
}
