import type { Faults, Wait } from "../kernel/faults.ts";
import { startShell } from "../kernel/shell.ts";
import { type Clock, type Handler, json, type Random, seededRandom, systemClock } from "../kernel/types.ts";
import { createPushHub, type PushHub, type PushHubOptions } from "../pubsub/push-hub.ts";
import type { ApiClient } from "./auth.ts";
import { PlatformError, toResponse } from "./errors.ts";
import { createExtensionCaller } from "./extension-calls.ts";
import { type CommercetoolsModel, createCommercetoolsModel } from "./model.ts";
import { bodyOf } from "./router.ts";
import type { CommercetoolsSettings } from "./settings.ts";

export type StartOptions = {
  /** 0 takes a free port. */
  port: number;
  clock?: Clock;
  random?: Random;
  projectKey?: string;
  settings?: Partial<CommercetoolsSettings>;
  clients?: ApiClient[];
  /** Fills the project before anybody can call it. */
  seed?: (model: CommercetoolsModel) => void | Promise<void>;
  /** How Subscriptions reach event applications; endpoints by topic. */
  push?: Omit<PushHubOptions, "clock" | "random">;
  /** Takes notifications instead of the push hub: a real queue. */
  deliver?: PushHub["deliver"];
  faults?: Faults;
  /** Reaches Extensions and event applications; the global one when absent. */
  fetch?: typeof fetch;
  wait?: Wait;
};

export type RunningCommercetools = {
  url: string;
  port: number;
  model: CommercetoolsModel;
  faults: Faults;
  push: PushHub;
  close(): Promise<void>;
};

const SETTLE_EVERY_MS = 250;

/** The served commercetools: API, tokens and `/sandbox/…` controls on one loopback port. */
export async function startCommercetools(options: StartOptions): Promise<RunningCommercetools> {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? seededRandom(20_260_101);
  const outside = {
    ...(options.fetch ? { fetch: options.fetch } : {}),
    ...(options.wait ? { wait: options.wait } : {}),
  };
  const push = createPushHub({ ...outside, ...options.push, clock, random });
  const model = createCommercetoolsModel({
    clock,
    random,
    projectKey: options.projectKey ?? "sandbox-shop",
    ...(options.settings ? { settings: options.settings } : {}),
    clients: options.clients ?? [],
    deliver: options.deliver ?? push.deliver,
    callExtension: createExtensionCaller(outside),
  });
  await options.seed?.(model);
  const shell = await startShell({
    port: options.port,
    handler: model.handle,
    control: createControl(model, push),
    ...(options.faults ? { faults: options.faults } : {}),
  });
  // Sales become visible and are announced on time even while nobody asks.
  const timer = setInterval(model.settle, SETTLE_EVERY_MS);
  timer.unref();
  return {
    url: shell.url,
    port: shell.port,
    model,
    faults: shell.faults,
    push,
    async close() {
      clearInterval(timer);
      push.close();
      await shell.close();
    },
  };
}

/**
 * `/sandbox/settings` (GET, POST), `/sandbox/push` (GET), `/sandbox/push/endpoint` (POST {topic, url}),
 * `/sandbox/push/options` (POST), `/sandbox/push/redeliver` (POST {topic, messageId}), `/sandbox/requests` (GET, DELETE), `/sandbox/counters` (GET: requests by API client, and by API client, method and first part of the path),
 * `/sandbox/subscriptions/status` (POST {key, status}), `/sandbox/tokens` (DELETE: revokes all).
 */
export function createControl(model: CommercetoolsModel, push: PushHub): Handler {
  return async (request) => {
    const path = request.path.split("?")[0] ?? "";
    try {
      switch (`${request.method} ${path}`) {
        case "GET /sandbox/settings":
          return json(200, model.settings);
        case "POST /sandbox/settings":
          return json(200, model.changeSettings(bodyOf(request)));
        case "GET /sandbox/push":
          return json(200, push.state());
        case "POST /sandbox/push/endpoint":
          return json(200, push.setEndpoint(bodyOf(request)));
        case "POST /sandbox/push/options":
          return json(200, push.configure(bodyOf(request)));
        case "POST /sandbox/push/redeliver":
          return json(200, push.redeliver(bodyOf(request)));
        case "POST /sandbox/subscriptions/status":
          return json(200, model.setSubscriptionStatus(bodyOf(request)));
        case "GET /sandbox/requests":
          return json(200, model.journal);
        case "GET /sandbox/counters":
          return json(200, Object.fromEntries(model.counters));
        case "DELETE /sandbox/requests":
          model.journal.length = 0;
          return json(200, []);
        case "DELETE /sandbox/tokens":
          model.auth.revokeAll();
          return json(200, {});
        default:
          return json(404, { message: `no sandbox control at ${request.method} ${path}` });
      }
    } catch (error) {
      if (error instanceof PlatformError) return toResponse(error);
      throw error;
    }
  };
}
