import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { describe, expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import { currentRequest } from "./context.ts";
import { CallerRefusedError } from "./respond.ts";
import type { Call, Route } from "./server.ts";
import { serveRoutes } from "./testing/serve.ts";

const echo: Route = {
  method: "post",
  path: "/echo",
  kind: "service",
  guards: [],
  handle: async ({ body }: Call) => ({
    kind: "done",
    body: { got: body ?? null, id: currentRequest()?.correlationId },
  }),
};
const failing = (error: unknown): Route => ({
  ...echo,
  path: "/fail",
  handle: async () => {
    throw error;
  },
});
const post = (url: string, body: string | undefined, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", body, headers: { "content-type": "application/json", ...headers } });

describe("a route", () => {
  test("gets parsed JSON and the caller's correlation id, and the answer carries it", async () => {
    const { url } = await serveRoutes([echo]);
    const response = await post(`${url}/echo`, '{"a":1}', { "x-correlation-id": "cid-1/2:3" });
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 200,
      body: { got: { a: 1 }, id: "cid-1/2:3" },
    });
    const { headers } = response;
    expect({
      id: headers.get("x-correlation-id"),
      powered: headers.get("x-powered-by"),
      cache: headers.get("cache-control"),
      sniff: headers.get("x-content-type-options"),
    }).toEqual({ id: "cid-1/2:3", powered: null, cache: "no-store", sniff: "nosniff" });
  });

  test.each([["<script>"], ["a".repeat(129)], [""]])("replaces the correlation id %j", async (given) => {
    const { url } = await serveRoutes([echo]);
    const response = await post(`${url}/echo`, "{}", { "x-correlation-id": given });
    expect(response.headers.get("x-correlation-id")).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });

  test.each([
    ["broken JSON", "{", "the body is not JSON"],
    ["too large a body", JSON.stringify("a".repeat(2000)), "the body is larger than this endpoint takes"],
  ])("refuses %s", async (_name, body, message) => {
    const { url } = await serveRoutes([echo], { bodyLimit: 1000 });
    const response = await post(`${url}/echo`, body);
    expect({ status: response.status, body: await response.json() }).toEqual({
      status: 400,
      body: { error: { code: "unreadable", message } },
    });
  });

  test("takes JSON whatever the content type says, and no body as undefined", async () => {
    const { url } = await serveRoutes([echo]);
    const typed = await post(`${url}/echo`, '{"a":1}', { "content-type": "text/plain" });
    expect(await typed.json()).toMatchObject({ got: { a: 1 } });
    expect(await (await fetch(`${url}/echo`, { method: "POST" })).json()).toMatchObject({ got: null });
  });

  test("an unreadable event is journaled and acknowledged; one that cannot be journaled comes back", async () => {
    const told: unknown[] = [];
    const event: Route = {
      ...echo,
      path: "/event",
      kind: "event",
      onUnreadable: async (message, body) => void told.push(body === undefined ? message : { message, body }),
    };
    const odd: Route = {
      ...event,
      path: "/odd",
      handle: async () => ({ kind: "unreadable", message: "no event" }),
    };
    const broken: Route = {
      ...event,
      path: "/broken",
      onUnreadable: async () => {
        throw new TransientError("the store is down");
      },
    };
    const { url } = await serveRoutes([event, odd, broken]);
    expect((await post(`${url}/event`, "{")).status).toBe(204);
    expect((await post(`${url}/odd`, '{"a":1}')).status).toBe(204);
    expect(told).toEqual(["the body is not JSON", { message: "no event", body: { a: 1 } }]);
    expect((await post(`${url}/broken`, "{")).status).toBe(503);
  });

  test("guards run before the body is read, and the first refusal ends it", async () => {
    const asked: string[] = [];
    const guarded: Route = {
      ...echo,
      guards: [
        async () => {
          asked.push("first");
          throw new CallerRefusedError(401, "no");
        },
        async () => {
          asked.push("second");
        },
      ],
    };
    const { url } = await serveRoutes([guarded]);
    const response = await post(`${url}/echo`, "{");
    expect({ status: response.status, body: await response.json(), asked }).toEqual({
      status: 401,
      body: { error: { code: "unauthorized", message: "no valid credential was given" } },
      asked: ["first"],
    });
  });

  test("a defect shows nothing of itself to the caller and everything to the log", async () => {
    const { url, lines } = await serveRoutes([failing(new Error("private detail"))]);
    const response = await post(`${url}/fail?secret=private`, '{"secret":"private"}');
    const text = await response.text();
    expect({ status: response.status, text }).toEqual({
      status: 500,
      text: '{"error":{"code":"internal","message":"unexpected failure"}}',
    });
    const line = lines.find(({ event }) => event === "request");
    const { requestId, correlationId, durationMs, error, ...fields } = line?.fields ?? {};
    expect({ level: line?.level, fields, message: (error as Error).message }).toEqual({
      level: "error",
      fields: { method: "POST", path: "/fail", status: 500, outcome: "defect", alert: true },
      message: "private detail",
    });
    expect([typeof requestId, typeof correlationId, typeof durationMs]).toEqual(["string", "string", "number"]);
  });

  test("log lines hold the pattern of the path, neither its values nor the payload", async () => {
    const { url, lines } = await serveRoutes([{ ...echo, path: "/orders/:id" }]);
    await post(`${url}/orders/private-1?q=private-2`, '{"x":"private-3"}');
    const written = JSON.stringify(lines.filter(({ event }) => event === "request"));
    expect(written).toContain("/orders/:id");
    expect(written).not.toMatch(/private/);
  });

  test("quiet routes write a line only when they fail", async () => {
    const { url, lines } = await serveRoutes([
      { ...echo, quiet: true },
      { ...failing(new TransientError("down")), quiet: true },
    ]);
    await post(`${url}/echo`, "{}");
    await post(`${url}/fail`, "{}");
    expect(lines.filter(({ event }) => event === "request").map(({ fields }) => fields.path)).toEqual(["/fail"]);
  });
});

test("unknown and broken addresses", async () => {
  const { url } = await serveRoutes([echo]);
  const unknown = await fetch(`${url}/nothing`);
  expect({ status: unknown.status, body: await unknown.json() }).toEqual({
    status: 404,
    body: { error: { code: "notFound", message: "no such address" } },
  });
  expect((await fetch(`${url}/%E0%A4%A`)).status).toBe(404);
  const broken = await serveRoutes([{ ...echo, path: "/orders/:id" }]);
  const response = await post(`${broken.url}/orders/%E0%A4%A`, "{}");
  expect({ status: response.status, text: await response.text() }).toEqual({
    status: 400,
    text: '{"error":{"code":"unreadable","message":"the request cannot be read"}}',
  });
});

describe("calls from pages", () => {
  const preflight = (url: string, origin: string) =>
    fetch(`${url}/echo`, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });

  test("only configured origins, only marked routes", async () => {
    const shop = "https://shop.example";
    const { url } = await serveRoutes(
      [
        { ...echo, browser: true },
        { ...echo, path: "/closed" },
      ],
      { allowedOrigins: [shop] },
    );
    const allowed = await preflight(url, shop);
    expect({
      status: allowed.status,
      origin: allowed.headers.get("access-control-allow-origin"),
      methods: allowed.headers.get("access-control-allow-methods"),
      headers: allowed.headers.get("access-control-allow-headers"),
    }).toEqual({
      status: 204,
      origin: shop,
      methods: "POST",
      headers: "authorization, content-type, x-session-id, x-storefront-key, x-correlation-id",
    });
    expect((await preflight(url, "https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
    const answered = await post(`${url}/echo`, "{}", { origin: shop });
    expect(answered.headers.get("access-control-allow-origin")).toBe(shop);
    const closed = await post(`${url}/closed`, "{}", { origin: shop });
    expect(closed.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("SIGTERM", () => {
  /** A process of its own: the handler ends it. */
  async function start(
    handleMs: number,
    graceMs: number,
  ): Promise<{ child: ChildProcess; url: string; output: () => string }> {
    const script = `
      import { createServer, listen } from ${JSON.stringify(new URL("./server.ts", import.meta.url).href)};
      import { systemClock } from ${JSON.stringify(new URL("../runtime/clock.ts", import.meta.url).href)};
      const out = (fields, event) => process.stdout.write(JSON.stringify({ event, ...fields }) + "\\n");
      const logger = { info: out, warn: out, error: out };
      const app = createServer({ logger, clock: systemClock, routes: [{
        method: "post", path: "/slow", kind: "service", guards: [],
        handle: async () => { out({}, "begun"); await systemClock.sleep(${handleMs}); out({}, "answered"); return { kind: "done", body: { done: true } }; },
      }] });
      await listen(app, { port: 0, host: "127.0.0.1", logger, graceMs: ${graceMs}, afterClose: async () => out({}, "released") });
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    const port = await new Promise<number>((resolve) => {
      child.stdout?.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        const found = /"port":(\d+)/.exec(text);
        if (found) resolve(Number(found[1]));
      });
    });
    return { child, url: `http://127.0.0.1:${port}`, output: () => text };
  }
  const until = async (condition: () => boolean) => {
    for (let turn = 0; turn < 200 && !condition(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(condition()).toBe(true);
  };

  test("the request in flight is answered, new ones are not accepted, the process ends with 0", async () => {
    const { child, url, output } = await start(400, 5000);
    const inFlight = fetch(`${url}/slow`, { method: "POST" });
    await until(() => output().includes("begun"));
    child.kill("SIGTERM");
    await until(() => output().includes("shutdown-begins"));
    await expect(fetch(`${url}/slow`, { method: "POST" })).rejects.toThrow();
    const response = await inFlight;
    expect({ status: response.status, body: await response.json() }).toEqual({ status: 200, body: { done: true } });
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
    // The request may need what is held: places in the budget of IFS.
    const told = [...output().matchAll(/"event":"(answered|released|shutdown-done)"/g)].map(([, event]) => event);
    expect(told).toEqual(["answered", "released", "shutdown-done"]);
  });

  test("under load no answer is lost: all that was begun is answered, the rest is refused, and nobody is held up", async () => {
    const { child, url, output } = await start(30, 5000);
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    const ask = () =>
      new Promise<{ status: number; keeps: boolean } | "refused">((done) => {
        const sent = request(`${url}/slow`, { method: "POST", agent }, (response) => {
          let text = "";
          response.on("data", (chunk: Buffer) => {
            text += chunk.toString();
          });
          response.on("end", () => {
            const whole = response.complete && text === '{"done":true}';
            done({ status: whole ? (response.statusCode ?? 0) : 0, keeps: response.headers.connection !== "close" });
          });
        });
        sent.on("error", () => done("refused"));
        sent.end();
      });
    const answers: { status: number; keeps: boolean }[] = [];
    const one = async () => {
      for (;;) {
        const answer = await ask();
        if (answer === "refused") return;
        answers.push(answer);
      }
    };
    const loop = Promise.all(Array.from({ length: 16 }, one));
    await until(() => answers.length > 100);
    child.kill("SIGTERM");
    const ended = once(child, "exit");
    await loop;
    const [code] = await ended;
    agent.destroy();
    const begun = output().match(/"event":"begun"/g)?.length ?? 0;
    expect({ code, begun, others: answers.filter(({ status }) => status !== 200) }).toEqual({
      code: 0,
      begun: answers.length,
      others: [],
    });
    // The last answers say that the connection ends.
    expect(answers.at(-1)?.keeps).toBe(false);
  });

  test("a request that is on its way to an idle connection when the process is told to end is answered, and its connection ends", async () => {
    const { child, url, output } = await start(10, 5000);
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const ask = () =>
      new Promise<string>((done) => {
        const sent = request(`${url}/slow`, { method: "POST", agent }, (response) => {
          response.resume();
          response.on("end", () => done(`${response.statusCode} ${response.headers.connection}`));
        });
        sent.on("error", ({ message }) => done(message));
        sent.end();
      });
    const four = () => Promise.all(Array.from({ length: 4 }, ask));
    expect(await four()).toEqual(Array.from({ length: 4 }, () => "200 keep-alive"));
    child.kill("SIGTERM");
    await until(() => output().includes("shutdown-begins"));
    await expect(fetch(`${url}/slow`, { method: "POST" })).rejects.toThrow();
    expect(await four()).toEqual(Array.from({ length: 4 }, () => "200 close"));
    const [code] = await once(child, "exit");
    agent.destroy();
    expect(code).toBe(0);
  });

  test("idle connections are kept for longer than load balancers keep them", async () => {
    const { url, child } = await start(10, 5000);
    const response = await fetch(`${url}/slow`, { method: "POST" });
    expect(response.headers.get("keep-alive")).toBe("timeout=620");
    child.kill("SIGTERM");
    await once(child, "exit");
  });

  test("idle connections do not keep a process alive for long", async () => {
    const { child, url } = await start(10, 5000);
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((done) => {
      const sent = request(`${url}/slow`, { method: "POST", agent }, (response) => response.resume().on("end", done));
      sent.end();
    });
    const startedAt = performance.now();
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    agent.destroy();
    expect(code).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  test("what does not finish within the grace is cut", async () => {
    const { child, url, output } = await start(20_000, 200);
    const inFlight = fetch(`${url}/slow`, { method: "POST" });
    inFlight.catch(() => {});
    await until(() => output().includes("begun"));
    const startedAt = performance.now();
    child.kill("SIGTERM");
    await expect(inFlight).rejects.toThrow();
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});
