/**
 * The whole connector in one process: the code that the bundles run, against both platform models, on a virtual clock. Only fetch,
 * clock, chance and the life of processes are replaced. The same seed gives the same log of requests.
 */

import { loadPaymentsSdk } from "../core/src/http/checkout-auth.ts";
import { eventApp } from "../event-app/src/app.ts";
import { jobApp } from "../job-app/src/app.ts";
import { type Api, createApi } from "../sandbox/commercetools/api-caller.ts";
import type { CommercetoolsSettings } from "../sandbox/commercetools/settings.ts";
import type { IfsSettings } from "../sandbox/ifs/settings.ts";
import { type SandboxRequest, type SandboxResponse, seededRandom } from "../sandbox/kernel/types.ts";
import { SHOP_PROJECT_KEY } from "../sandbox/seed/commercetools-shop.ts";
import { serviceApp } from "../service-app/src/app.ts";
import { type AppName, addresses, appNames, environmentOf, originOf } from "./addresses.ts";
import type { Interrupt } from "./life.ts";
import { ConnectionLost, createNetwork, type Network } from "./network.ts";
import {
  type CommercetoolsSide,
  connectCommercetools,
  connectIfs,
  type IfsSide,
  type PlatformOptions,
} from "./platforms.ts";
import { type AppProcess, type Ground, type LogLine, startProcess } from "./processes.ts";
import { declaredScopes } from "./scopes.ts";
import { type Tenant, tenantNamed } from "./tenants.ts";
import { createTime, takeOverGlobals, type WorldTime } from "./time.ts";

export type WorldOptions = {
  /** Of latencies, back-off, picks among replicas and the applications' own chance. */
  readonly seed?: number;
  /** `small`: two products and no customers, for worlds of which there are thousands. */
  readonly size?: "full" | "small";
  /** What IFS has instead of the company of that size. */
  readonly seedIfs?: PlatformOptions["seedIfs"];
  readonly ifsLatencyMs?: PlatformOptions["ifsLatencyMs"];
  readonly commercetoolsLatencyMs?: PlatformOptions["commercetoolsLatencyMs"];
  /** The kind of tenant; the standard one when absent. */
  readonly tenant?: Tenant;
  /** Further positions of the platforms' switches, over the tenant's own. */
  readonly ifs?: Partial<IfsSettings>;
  readonly commercetools?: Partial<CommercetoolsSettings>;
  /** Is told of each request that the platform hands to a process. */
  readonly onHandled?: (handled: Handled) => void;
};

/** A request on its way through one process; `answered` rejects where the process dies meanwhile. */
export type Handled = {
  readonly app: AppName;
  readonly process: string;
  readonly request: SandboxRequest;
  readonly answered: Promise<SandboxResponse>;
};

export type StartOptions = {
  readonly replicas?: number;
  readonly interrupt?: Interrupt;
  /** Further settings. */
  readonly env?: Readonly<Record<string, string>>;
};

export type World = {
  readonly time: WorldTime;
  readonly network: Network;
  readonly tenant: Tenant;
  readonly ifs: IfsSide;
  readonly commercetools: CommercetoolsSide;
  /** The shop's own administrator. */
  readonly shop: Api;
  /** For code that is not a process: installation, people, storefronts. */
  readonly ground: Ground;
  /** What the processes logged. */
  readonly log: readonly LogLine[];
  /** Starts processes of an application beside those that run; answers them. */
  start(app: AppName, options?: StartOptions): AppProcess[];
  /** Those of an application that still live. */
  processes(app: AppName): readonly AppProcess[];
  /** One request of the scheduler: what is due runs once. Status and body. */
  tick(): Promise<{ status: number; body: unknown }>;
  /** Lets the scheduler tick for ever, every `everyMs`; the answer ends it. */
  schedule(everyMs: number): () => void;
  run(ms: number): Promise<void>;
  drive<T>(work: Promise<T>): Promise<T>;
  /** Timers that code under test set behind the clock's back. */
  realTimers(): readonly string[];
  /** Gives the process its own globals back. Throws what a platform model threw, or what a hook of it could not do. */
  close(): void;
};

const apps = { "event-app": eventApp, "job-app": jobApp, "service-app": serviceApp };

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const { seed = 1, tenant = tenantNamed("standard") } = options;
  // Reading a module takes the time of this machine, in which hours of a world could pass. Small worlds ask nothing of service-app.
  if (options.size !== "small") await loadPaymentsSdk();
  // The other two applications read requests and write answers, and nothing else of theirs is a stream.
  const time = createTime(options.size === "small" ? "told" : "anywhere");
  const random = seededRandom(seed);
  const network = createNetwork({ time, random });
  const log: LogLine[] = [];
  const ground: Ground = { time, network, random: seededRandom(seed + 10_000), log };
  const globals = takeOverGlobals(time);
  const living = new Map<AppName, AppProcess[]>(appNames.map((app) => [app, []]));
  const started = new Map<AppName, number>();

  const processes = (app: AppName) => (living.get(app) ?? []).filter(({ life }) => life.state() !== "dead");

  /** The platform's load balancer: any process that lives, also one that hangs. */
  async function balance(app: AppName, request: SandboxRequest): Promise<SandboxResponse> {
    const able = processes(app);
    const chosen = able[Math.floor(random() * able.length)];
    if (!chosen) throw new ConnectionLost(`no process of ${app} runs`);
    const answered = chosen.handle(request);
    options.onHandled?.({ app, process: chosen.name, request, answered });
    return answered;
  }

  try {
    const { size, seedIfs, ifsLatencyMs, commercetoolsLatencyMs } = options;
    const platform = { time, network, seed, size, seedIfs, ifsLatencyMs, commercetoolsLatencyMs };
    const ifs = connectIfs(platform, { profile: tenant.profile, settings: options.ifs });
    const commercetools = await connectCommercetools(platform, {
      scopes: declaredScopes(),
      settings: options.commercetools,
    });
    for (const app of appNames) {
      network.connect(originOf(app), { handler: (request) => balance(app, request), latencyMs: [1, 5] });
    }
    const person = network.fetchOf({ name: "shop" });
    const shop = createApi({
      url: addresses.commercetools,
      projectKey: SHOP_PROJECT_KEY,
      clientId: "admin",
      clientSecret: "sandbox-secret",
      fetch: person,
    });
    const scheduler = network.fetchOf({ name: "scheduler" });
    const tick = async () => {
      const response = await scheduler(addresses.job, { method: "POST", body: "{}" });
      return { status: response.status, body: (await response.json()) as unknown };
    };

    return {
      time,
      network,
      tenant,
      ifs,
      commercetools,
      shop,
      ground,
      log,
      start(app, { replicas = 1, interrupt, env = {} } = {}) {
        const made = Array.from({ length: replicas }, () => {
          const number = (started.get(app) ?? 0) + 1;
          started.set(app, number);
          const options = { name: `${app}/${number}`, env: { ...environmentOf(app), ...env }, interrupt };
          // Each application has a schema of its own, so each is named once.
          if (app === "service-app") return startProcess(ground, { app: apps[app], ...options });
          return startProcess(ground, { app: apps[app], ...options });
        });
        living.get(app)?.push(...made);
        return made;
      },
      processes,
      tick: () => time.drive(tick()),
      schedule(everyMs) {
        let ended = false;
        const next = () => {
          if (ended) return;
          // A tick that fails is the platform's to count; the next one comes all the same.
          tick().catch(() => undefined);
          time.clock.after(everyMs, next);
        };
        time.clock.after(everyMs, next);
        return () => {
          ended = true;
        };
      },
      run: time.run,
      drive: time.drive,
      realTimers: () => globals.realTimers,
      close() {
        commercetools.push.close();
        for (const process of [...living.values()].flat()) process.forget();
        globals.restore();
        const [defect] = network.defects;
        if (defect) throw defect;
      },
    };
  } catch (error) {
    globals.restore();
    throw error;
  }
}
