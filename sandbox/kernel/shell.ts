import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createFaults, type FaultRule, type Faults, realWait } from "./faults.ts";
import { type Handler, json, type SandboxRequest, type SandboxResponse, seededRandom } from "./types.ts";

const MAX_BODY_BYTES = 16 * 1024 * 1024;

export type Shell = { url: string; port: number; faults: Faults; close(): Promise<void> };

export type ShellOptions = {
  handler: Handler;
  /** 0 takes a free port. */
  port: number;
  /** Calls under `/sandbox/…` that are not the shell's own go here: clerk commands, switches, state. */
  control?: Handler;
  faults?: Faults;
};

/**
 * Serves a model on 127.0.0.1. Faults are planned with `POST /sandbox/faults` (a FaultRule), listed with GET, removed with
 * DELETE `/sandbox/faults/{id}` or all with DELETE `/sandbox/faults`; `GET /sandbox/health` answers 200.
 */
export async function startShell(options: ShellOptions): Promise<Shell> {
  const faults = options.faults ?? createFaults(seededRandom(1));
  const server = createServer((request, response) => {
    void serve(options, faults, request, response);
  });
  await listen(server, options.port);
  const port = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    faults,
    close: () => close(server),
  };
}

async function serve(options: ShellOptions, faults: Faults, request: IncomingMessage, response: ServerResponse) {
  try {
    const parsed = await read(request);
    if (parsed.path.startsWith("/sandbox/")) {
      write(response, await controlCall(options, faults, parsed));
      return;
    }
    const fault = faults.take(parsed);
    const answer = fault ? await strike(fault, options.handler, parsed, request.socket) : await options.handler(parsed);
    if (answer === "cut") return;
    if (answer === "stall") {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
      return;
    }
    write(response, answer);
  } catch (error) {
    // A defect of the model itself: loud and unmistakable, never dressed up as an answer of the platform.
    process.stderr.write(`sandbox defect: ${error instanceof Error ? error.stack : String(error)}\n`);
    if (!response.headersSent) write(response, json(599, { sandboxDefect: String(error) }));
  }
}

async function strike(
  fault: FaultRule,
  handler: Handler,
  request: SandboxRequest,
  socket: Socket,
): Promise<SandboxResponse | "cut" | "stall"> {
  switch (fault.kind) {
    case "latency":
      await realWait(fault.delayMs ?? 0);
      return handler(request);
    case "status":
      await realWait(fault.delayMs ?? 0);
      return json(fault.status ?? 503, fault.responseBody ?? { message: "planned fault" }, fault.headers);
    case "loseResponse":
      await handler(request);
      await realWait(fault.delayMs ?? 0);
      socket.resetAndDestroy();
      return "cut";
    case "lateCommit":
      setTimeout(() => void handler(request), fault.delayMs ?? 0);
      socket.resetAndDestroy();
      return "cut";
    case "reset":
      socket.resetAndDestroy();
      return "cut";
    case "stall":
      return "stall";
  }
}

async function controlCall(options: ShellOptions, faults: Faults, request: SandboxRequest): Promise<SandboxResponse> {
  const path = request.path.split("?")[0] ?? "";
  if (path === "/sandbox/health") return json(200, { status: "UP" });
  const ofFaults = faultControl(faults, request);
  if (ofFaults) return ofFaults;
  return options.control ? options.control(request) : json(404, { message: `no sandbox control at ${path}` });
}

/** Calls under `/sandbox/faults`; undefined for any other. */
export function faultControl(faults: Faults, request: SandboxRequest): SandboxResponse | undefined {
  const path = request.path.split("?")[0] ?? "";
  if (path === "/sandbox/faults") {
    if (request.method === "GET") return json(200, faults.list());
    if (request.method === "DELETE") {
      faults.clear();
      return json(200, []);
    }
    if (request.method === "POST") {
      return json(201, { id: faults.add(JSON.parse(request.body.toString("utf8")) as FaultRule) });
    }
  }
  if (path.startsWith("/sandbox/faults/") && request.method === "DELETE") {
    faults.remove(decodeURIComponent(path.slice("/sandbox/faults/".length)));
    return json(200, faults.list());
  }
  return undefined;
}

async function read(request: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) throw new Error("request body above 16 MB");
    chunks.push(chunk as Buffer);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return { method: request.method ?? "GET", path: request.url ?? "/", headers, body: Buffer.concat(chunks) };
}

function write(response: ServerResponse, answer: SandboxResponse) {
  const body = Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(answer.body, "utf8");
  response.writeHead(answer.status, { ...answer.headers, "content-length": String(body.length) });
  response.end(answer.status === 204 || answer.status === 304 ? undefined : body);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", () => done());
  });
}

function close(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
