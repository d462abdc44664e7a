/** The three servers' common ground: routes with guards, bounded JSON bodies, one log line per request, one failure table. */
import { createServer as createHttpServer, type Server } from "node:http";
import { type AddressInfo, Server as NetServer } from "node:net";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import type { FailPolicy } from "../domain/threshold-config.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Logger } from "../runtime/logger.ts";
import { type Random, systemRandom } from "../runtime/random.ts";
import { type Caller, currentRequest, type RequestContext, withRequest } from "./context.ts";
import { crossOrigin } from "./cors.ts";
import {
  type ExtensionError,
  failureKind,
  type Outcome,
  type Reply,
  replyFor,
  type ServerKind,
  UnreadableError,
} from "./respond.ts";

/** Proves the caller before anything of the body is read. Throws CallerRefusedError, or TransientError when it cannot tell. */
export type Guard = (request: Request) => Promise<void>;

export type Call = {
  /** Parsed JSON; undefined when the request had no body. */
  readonly body: unknown;
  /** Of the path, percent-decoded; parsed by the route. */
  readonly params: unknown;
  /** Of the address; parsed by the route. */
  readonly query: unknown;
  /** As proven by the route's guard; undefined where it has none. */
  readonly caller: Caller | undefined;
  /** Clock.monotonic() when the request reached the process: before its guards, and before its body was read. */
  readonly since: number;
  /** Clock.monotonic() when the last of its guards had let it in, before its body was read. */
  readonly verifiedAt: number;
};

export type Route = {
  readonly method: "get" | "post" | "put" | "delete";
  /** Express 5 path pattern. */
  readonly path: string;
  readonly kind: ServerKind;
  /** Awaited one after the other. An empty list is a decision: health, or the platform's unsigned push. */
  readonly guards: readonly Guard[];
  readonly handle: (call: Call) => Promise<Outcome>;
  /** For extensions: what counts when nothing could be decided. Default "open". */
  readonly policy?: () => FailPolicy;
  /** And how the caller is told so, where that is `closed`. */
  readonly undecided?: () => ExtensionError;
  /** Told of bodies that cannot be read, for the journal; `body` is undefined where it is no JSON. */
  readonly onUnreadable?: (message: string, body: unknown) => Promise<void>;
  /** Bytes; the server's limit when absent. */
  readonly bodyLimit?: number;
  /** Called from pages of the configured origins. */
  readonly browser?: boolean;
  /** A request that succeeds is not worth a line (health checks). */
  readonly quiet?: boolean;
};

export type ServerOptions = {
  readonly logger: Logger;
  readonly clock: Pick<Clock, "monotonic">;
  readonly random?: Pick<Random, "uuid">;
  readonly routes: readonly Route[];
  /** Origins ("https://shop.example") whose pages may call the routes marked `browser`. */
  readonly allowedOrigins?: readonly string[];
  /** Bytes; default 1 MB. */
  readonly bodyLimit?: number;
  /** Proxies in front that append the address they were called from to X-Forwarded-For; default 0: the peer is the caller. */
  readonly trustedProxies?: number;
};

const CORRELATION_ID = /^[A-Za-z0-9_.:/-]{1,128}$/;

export function createServer(options: ServerOptions): Express {
  const { random = systemRandom } = options;
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("query parser", "simple");
  app.set("trust proxy", options.trustedProxies ?? 0);
  app.use((request, response, next) => {
    const given = request.header("x-correlation-id");
    const requestId = random.uuid();
    const correlationId = given !== undefined && CORRELATION_ID.test(given) ? given : requestId;
    response.setHeader("x-correlation-id", correlationId);
    response.setHeader("cache-control", "no-store");
    response.setHeader("x-content-type-options", "nosniff");
    withRequest({ requestId, correlationId }, () => next());
  });
  const parserFor = (limit: number) => express.json({ limit, type: () => true, strict: false });
  const parseBody = parserFor(options.bodyLimit ?? 1_000_000);
  for (const route of options.routes) {
    if (route.browser) {
      const cors = crossOrigin(options.allowedOrigins ?? [], route.method);
      app.options(route.path, cors);
      app[route.method](route.path, cors);
    }
    const parseJson = route.bodyLimit === undefined ? parseBody : parserFor(route.bodyLimit);
    app[route.method](route.path, (request, response) => serve(route, request, response, parseJson, options));
  }
  app.use((_request, response) => {
    response.status(404).json({ error: { code: "notFound", message: "no such address" } });
  });
  // Reached only by what Express itself refuses, such as a path with broken percent-encoding.
  app.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    options.logger.warn({ error, correlationId: currentRequest()?.correlationId }, "request-refused");
    response.status(400).json({ error: { code: "unreadable", message: "the request cannot be read" } });
  });
  return app;
}

type ParseJson = ReturnType<typeof express.json>;

async function serve(route: Route, request: Request, response: Response, parseJson: ParseJson, options: ServerOptions) {
  const { clock, logger, random = systemRandom } = options;
  const startedAt = clock.monotonic();
  const context: RequestContext = currentRequest() ?? { requestId: random.uuid(), correlationId: random.uuid() };
  let outcome: Outcome;
  let body: unknown;
  try {
    for (const guard of route.guards) await guard(request);
    const verifiedAt = clock.monotonic();
    body = await readBody(request, response, parseJson);
    const { params, query } = request;
    outcome = await route.handle({ body, params, query, caller: context.caller, since: startedAt, verifiedAt });
  } catch (error) {
    outcome = { kind: "failed", error };
  }
  outcome = await reportUnreadable(route, outcome, body);
  const answer = replyFor(route.kind, outcome, route.policy?.() ?? "open", route.undecided?.());
  logRequest(logger, route, { request, context, outcome, answer, durationMs: clock.monotonic() - startedAt });
  send(response, answer);
}

async function reportUnreadable(route: Route, outcome: Outcome, body: unknown): Promise<Outcome> {
  const message =
    outcome.kind === "unreadable"
      ? outcome.message
      : outcome.kind === "failed" && outcome.error instanceof UnreadableError
        ? outcome.error.message
        : undefined;
  if (message === undefined || route.onUnreadable === undefined) return outcome;
  try {
    await route.onUnreadable(message, body);
    return outcome;
  } catch (error) {
    // What could not be journaled must not be acknowledged.
    return { kind: "failed", error };
  }
}

function readBody(request: Request, response: Response, parseJson: ParseJson): Promise<unknown> {
  return new Promise((resolve, reject) => {
    parseJson(request, response, (error?: unknown) => {
      // The parser makes an empty object of an empty body, which no caller sent.
      if (error === undefined) resolve(request.headers["content-length"] === "0" ? undefined : request.body);
      else reject(new UnreadableError(unreadableMessage(error), { cause: error }));
    });
  });
}

function unreadableMessage(error: unknown): string {
  const type = (error as { type?: unknown }).type;
  if (type === "entity.too.large") return "the body is larger than this endpoint takes";
  if (type === "entity.parse.failed") return "the body is not JSON";
  return "the body could not be read";
}

type RequestRecord = {
  request: Request;
  context: RequestContext;
  outcome: Outcome;
  answer: Reply;
  durationMs: number;
};

function logRequest(logger: Logger, route: Route, record: RequestRecord): void {
  const { request, context, outcome, answer, durationMs } = record;
  const failed = outcome.kind === "failed";
  if (route.quiet && !failed && answer.status < 400) return;
  const fields = {
    method: request.method,
    // The pattern, not the address: identifiers and query values stay out of the log.
    path: route.path,
    status: answer.status,
    durationMs: Math.round(durationMs),
    requestId: context.requestId,
    correlationId: context.correlationId,
    outcome: failed ? failureKind(outcome.error) : outcome.kind,
    ...(failed ? { error: outcome.error } : {}),
    ...(answer.alert ? { alert: true } : {}),
  };
  if (answer.alert) logger.error(fields, "request");
  else if (failed || answer.status >= 400) logger.warn(fields, "request");
  else logger.info(fields, "request");
}

function send(response: Response, answer: Reply): void {
  if (response.destroyed || response.headersSent) return;
  response.status(answer.status);
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  if (answer.body === undefined) response.end();
  else response.json(answer.body);
}

export type ListenOptions = {
  /** 0 picks a free one. */
  readonly port: number;
  /** Address to bind; the container of a deployment needs 0.0.0.0, everything else 127.0.0.1. */
  readonly host: string;
  readonly logger: Logger;
  /** How long requests in flight may take to finish after SIGTERM; default 5 s. */
  readonly graceMs?: number;
  /** False leaves SIGTERM and SIGINT to the caller; default true. */
  readonly signals?: boolean;
  /** When the last request is answered, which may need all that the app holds: what it left to be written, leases to be given back. */
  readonly afterClose?: () => Promise<void>;
};

export type Listening = {
  readonly port: number;
  /** "http://127.0.0.1:1234" */
  readonly url: string;
  /**
   * Stops accepting, lets requests in flight finish within the grace, then cuts. Repeated calls share one shutdown. On a signal,
   * connections that are open are served for another second, so that a request that is on its way to an idle one is answered.
   */
  close(): Promise<void>;
};

/** Starts to listen; rejects when the port is taken. SIGTERM and SIGINT close it and end the process. */
export async function listen(app: Express, options: ListenOptions): Promise<Listening> {
  const server = createHttpServer(app);
  // A caller that trickles its headers or body must not hold a socket for ever.
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  // What stands before us keeps idle connections for up to ten minutes (Google's load balancers: documented) and sends into them without
  // asking: one that we have closed would lose a checkout its answer.
  server.keepAliveTimeout = 620_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = (lingerMs = 0) => {
    closing ??= shutDown(server, options, lingerMs).finally(() => {
      process.off("SIGTERM", onSignal);
      process.off("SIGINT", onSignal);
    });
    return closing;
  };
  const onSignal = (signal: NodeJS.Signals) => {
    options.logger.info({ signal }, "shutdown-begins");
    close(LINGER_MS).then(
      () => {
        options.logger.info({ signal }, "shutdown-done");
        process.exit(0);
      },
      (error: unknown) => {
        options.logger.error({ signal, error }, "shutdown-failed");
        process.exit(1);
      },
    );
  };
  if (options.signals ?? true) {
    process.on("SIGTERM", onSignal);
    process.on("SIGINT", onSignal);
  }
  options.logger.info({ port, host: options.host }, "listening");
  return { port, url: `http://${options.host}:${port}`, close: () => close() };
}

const LINGER_MS = 1000;
const SWEEP_MS = 50;

async function shutDown(server: Server, options: ListenOptions, lingerMs: number): Promise<void> {
  const graceMs = options.graceMs ?? 5000;
  // Whoever is answered from now on asks somebody else next: a kept-alive socket that closes between two requests loses the second.
  server.prependListener("request", (_request, response) => response.setHeader("connection", "close"));
  // Of `node:net`, because that of `node:http` ends idle connections at once, with whatever their callers have just sent.
  const closed = new Promise<void>((resolve, reject) => {
    NetServer.prototype.close.call(server, (error) => (error ? reject(error) : resolve()));
  });
  if (lingerMs === 0) server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  const lingersUntil = performance.now() + lingerMs;
  // Kept-alive sockets become idle one by one while their last request finishes.
  const sweep = setInterval(() => {
    if (performance.now() >= lingersUntil) server.closeIdleConnections();
  }, SWEEP_MS);
  try {
    await closed;
    await options.afterClose?.();
  } finally {
    clearTimeout(cut);
    clearInterval(sweep);
  }
}
