/** Processes of the three applications: their own `createApp` on their own settings, and a life that can be ended anywhere. */
import type { Connector } from "../core/src/compose/connector.ts";
import type { serverSettings } from "../core/src/compose/settings.ts";
import { type AppDefinition, assemble } from "../core/src/compose/start.ts";
import { currentRequest } from "../core/src/http/context.ts";
import { readEnv } from "../core/src/runtime/env.ts";
import type { Logger } from "../core/src/runtime/logger.ts";
import type { Random } from "../core/src/runtime/random.ts";
import { uuid } from "../sandbox/commercetools/world.ts";
import type { Random as Fraction, SandboxRequest, SandboxResponse } from "../sandbox/kernel/types.ts";
import { inProcessHttp } from "./in-process-http.ts";
import { createLife, type Interrupt, type Life } from "./life.ts";
import { ConnectionLost, type Network } from "./network.ts";
import { running, type WorldTime } from "./time.ts";

export type LogLine = {
  /** Milliseconds since the world's beginning. */
  readonly at: number;
  readonly process: string;
  /** Of the request that it is about, where it is about one. */
  readonly correlationId?: string;
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly fields: object;
};

/** What a process stands on. */
export type Ground = {
  readonly time: WorldTime;
  readonly network: Network;
  /** One stream for all processes: a process that starts later gets what comes next. */
  readonly random: Fraction;
  readonly log: LogLine[];
};

export type AppProcess = {
  readonly name: string;
  readonly connector: Connector;
  readonly life: Life;
  /** One request from outside. Rejects with ConnectionLost where the process is dead, or dies meanwhile. */
  handle(request: SandboxRequest): Promise<SandboxResponse>;
  /** As on SIGTERM: gives its share of the budget back, then ends. */
  stop(): Promise<void>;
  /** Its world ends: nothing of it is to stay in the memory of this process, which has seen hundreds of worlds. */
  forget(): void;
};

export function randomOf(fraction: Fraction): Random {
  return { fraction, uuid: () => uuid(fraction) };
}

export function loggerOf({ time, log }: Pick<Ground, "time" | "log">, process: string): Logger {
  const at = (level: LogLine["level"]) => (fields: object, event: string) => {
    const { correlationId } = currentRequest() ?? {};
    log.push({
      at: time.elapsed(),
      process,
      ...(correlationId !== undefined && { correlationId }),
      level,
      event,
      fields,
    });
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

export type ProcessOptions<S extends typeof serverSettings> = {
  readonly app: AppDefinition<S>;
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly interrupt?: Interrupt;
};

export function startProcess<S extends typeof serverSettings>(ground: Ground, options: ProcessOptions<S>): AppProcess {
  const { app, name, env } = options;
  const settings = readEnv(app.schema, env);
  if (!settings.ok) throw new Error(`${name} does not start: ${JSON.stringify(settings.error)}`);
  const life = createLife(name, ground.time.clock, options.interrupt);
  const fetch = ground.network.fetchOf({ name, life });
  const around = {
    clock: life.clock,
    random: randomOf(ground.random),
    fetch,
    logger: loggerOf(ground, name),
  };
  const inside = { fetch };
  const { connector, server } = running.run(inside, () => assemble(app, settings.value, around));
  const listen = inProcessHttp(
    (request, response) => running.run(inside, () => server(request, response)),
    ground.time.stirred,
  );
  running.run(inside, () => connector.budget.start());
  return {
    name,
    connector,
    life,
    handle: (request) => answered(life, request, () => listen.handle(request)),
    async stop() {
      await running.run(inside, () => connector.budget.stop());
      life.kill();
    },
    forget() {
      life.kill();
      // A sleep that can be woken by one of several signals is kept by the runtime until one of them comes.
      void running.run(inside, () => connector.budget.stop());
      listen.close();
    },
  };
}

function answered(
  life: Life,
  { method, path }: SandboxRequest,
  serve: () => Promise<SandboxResponse>,
): Promise<SandboxResponse> {
  return new Promise((resolve, reject) => {
    if (life.state() === "dead") {
      reject(new ConnectionLost("connection refused"));
      return;
    }
    const forget = life.onDeath(() => reject(new ConnectionLost("connection reset")));
    const leave = (settle: () => void) =>
      life.pass("reply", `${method} ${path}`, () => {
        forget();
        settle();
      });
    // It arrives when the process runs: a frozen one lets its callers wait.
    life.arrive(() => {
      serve().then(
        (response) => leave(() => resolve(response)),
        (error: unknown) => leave(() => reject(error)),
      );
    });
  });
}
