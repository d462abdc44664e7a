/** Node's own HTTP server over a pair of streams instead of a socket: an application cannot tell the difference. */
import { createServer, request as httpRequest, type IncomingMessage, type RequestListener } from "node:http";
import { type Duplex, duplexPair } from "node:stream";
import type { Handler, SandboxRequest, SandboxResponse } from "../sandbox/kernel/types.ts";

export type InProcessServer = {
  readonly handle: Handler;
  /** Ends what is still open: the runtime keeps a connection whose request nobody answers. */
  close(): void;
};

/** `moved` is told whenever bytes have begun to move, or have arrived somewhere. */
export function inProcessHttp(listener: RequestListener, moved: () => void): InProcessServer {
  const server = createServer((request, response) => {
    moved();
    request.once("end", moved);
    response.once("prefinish", moved);
    listener(request, response);
  });
  const open = new Set<Duplex>();
  const handle: Handler = (request) =>
    new Promise((resolve, reject) => {
      moved();
      const [near, far] = duplexPair();
      open.add(far);
      far.once("close", () => open.delete(far));
      server.emit("connection", far);
      const call = httpRequest(
        { createConnection: () => near, method: request.method, path: request.path, headers: headersOf(request) },
        (response) => {
          moved();
          collect(response).then(resolve, reject);
        },
      );
      call.on("error", reject);
      call.end(request.body);
    });
  return {
    handle,
    close() {
      for (const connection of open) connection.destroy();
    },
  };
}

const headersOf = ({ headers, body }: SandboxRequest): Record<string, string> => ({
  ...headers,
  host: headers.host ?? "in-process",
  "content-length": String(body.length),
  connection: "close",
});

async function collect(response: IncomingMessage): Promise<SandboxResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    // The Date of a real clock would tell two runs apart.
    if (value !== undefined && name !== "date") headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) };
}
