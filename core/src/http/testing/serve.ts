/** Starts a real server on a free loopback port for one test file and closes all of them at its end. */
import { createServer as createHttpServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll } from "vitest";
import { systemClock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import { createServer, listen, type Route, type ServerOptions } from "../server.ts";

export type LogLine = { level: "info" | "warn" | "error"; event: string; fields: Record<string, unknown> };

export function recordingLogger(): { logger: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine["level"]) => (fields: object, event: string) => {
    lines.push({ level, event, fields: fields as Record<string, unknown> });
  };
  return { logger: { info: at("info"), warn: at("warn"), error: at("error") }, lines };
}

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

/** The connector's server with these routes. */
export async function serveRoutes(routes: readonly Route[], options: Partial<ServerOptions> = {}) {
  const { logger, lines } = recordingLogger();
  const app = createServer({ logger, clock: systemClock, routes, ...options });
  const server = await listen(app, { port: 0, host: "127.0.0.1", logger, graceMs: 500, signals: false });
  closers.push(() => server.close());
  return { ...server, lines };
}

/** A stand-in for another system. */
export async function serveRaw(listener: RequestListener): Promise<string> {
  const server = createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
