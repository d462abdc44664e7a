import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { http } from "./http.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

async function served(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("method, headers and body arrive as they are, and so do status, headers and text of the answer", async () => {
  const url = await served((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const seen = {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: String(Buffer.concat(chunks)),
      };
      response.writeHead(201, { "X-Seen": "yes" }).end(JSON.stringify(seen));
    });
  });
  const answer = await http(`${url}/a%20b?q=%C3%BC`, { method: "POST", headers: { "X-Name": "1" }, body: "Stück €" });
  expect(answer).toMatchObject({ status: 201, ok: true });
  expect(answer.headers.get("x-SEEN")).toBe("yes");
  expect(answer.headers.get("absent")).toBe(null);
  expect(JSON.parse(await answer.text())).toMatchObject({
    ...{ method: "POST", url: "/a%20b?q=%C3%BC", body: "Stück €" },
    headers: { "x-name": "1", "content-length": "10" },
  });
});

test("a packed answer is unpacked", async () => {
  const url = await served((request, response) => {
    expect(request.headers["accept-encoding"]).toBe("gzip");
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("much ".repeat(10_000)));
  });
  expect((await (await http(url, {})).text()).length).toBe(50_000);
});

test("a packed answer that was cut is no answer", async () => {
  const url = await served((_, response) => {
    const packed = gzipSync("much ".repeat(10_000));
    response.writeHead(200, { "content-encoding": "gzip" }).end(packed.subarray(0, packed.length / 2));
  });
  await expect(http(url, {})).rejects.toThrow("unexpected end of file");
});

test("a redirect is an answer, and not followed", async () => {
  let asked = 0;
  const url = await served((_, response) => {
    asked += 1;
    response.writeHead(302, { location: "/elsewhere" }).end("moved");
  });
  const answer = await http(url, { method: "POST", body: "secret" });
  expect(answer).toMatchObject({ status: 302, ok: false });
  expect(answer.headers.get("location")).toBe("/elsewhere");
  expect(asked).toBe(1);
});

test("what is aborted while it waits ends with the reason, and so does what is aborted in the middle of its answer", async () => {
  const silent = await served(() => {});
  const halting = await served((_, response) => void response.writeHead(200).write("half"));
  for (const url of [silent, halting]) {
    const ending = new AbortController();
    const asked = http(url, { signal: ending.signal });
    setTimeout(() => ending.abort(new DOMException("too late", "TimeoutError")), 30);
    await expect(asked).rejects.toMatchObject({ name: "TimeoutError", message: "too late" });
  }
  await expect(http(silent, { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
});

test("an answer that breaks off is none, and a server that is not there is told by the system's code", async () => {
  const breaking = await served((_, response) => {
    response.writeHead(200, { "content-length": "100" }).write("half");
    setTimeout(() => response.destroy(), 10);
  });
  await expect(http(breaking, {})).rejects.toMatchObject({ code: "ECONNRESET" });
  const gone = await served(() => {});
  const server = servers.pop() as Server;
  await new Promise((closed) => server.close(closed));
  await expect(http(gone, {})).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("the same connection serves one request after the other", async () => {
  const ports = new Set<number | undefined>();
  const url = await served((request, response) => {
    ports.add(request.socket.remotePort);
    response.end("x".repeat(100));
  });
  for (let nth = 0; nth < 5; nth += 1) await http(url, {});
  expect(ports.size).toBe(1);
});
