import { expect, test } from "vitest";
import { type Allowance, addressOf, createCounter, limitRefusals, limitRequests } from "./rate-limit.ts";
import { CallerRefusedError } from "./respond.ts";
import type { Route } from "./server.ts";
import { serveRoutes } from "./testing/serve.ts";

const route: Route = { method: "get", path: "/x", kind: "service", guards: [], handle: async () => ({ kind: "done" }) };

async function statuses(url: string, times: number, headers: Record<string, string> = {}) {
  const answers: number[] = [];
  for (let turn = 0; turn < times; turn += 1) answers.push((await fetch(`${url}/x`, { headers })).status);
  return answers;
}

test("a caller that asks too often is told how long to wait, and nobody else is", async () => {
  const guard = limitRequests(createCounter(), async (request) => [
    { of: String(request.header("x-who")), requests: 2 },
  ]);
  const { url } = await serveRoutes([{ ...route, guards: [guard] }]);
  expect(await statuses(url, 3, { "x-who": "a" })).toEqual([204, 204, 429]);
  const told = await fetch(`${url}/x`, { headers: { "x-who": "a" } });
  expect(Number(told.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  expect(Number(told.headers.get("retry-after"))).toBeLessThanOrEqual(10);
  expect(await told.json()).toMatchObject({ error: { code: "tooManyRequests" } });
  expect(await statuses(url, 1, { "x-who": "b" })).toEqual([204]);
});

test("what the widest allowance refuses is not counted against a narrower one", async () => {
  const counter = createCounter();
  const key: Allowance = { of: "key", requests: 2 };
  const spend = (address: string) => counter.spend([key, { of: address, requests: 1 }]);
  await spend("a");
  await spend("b");
  await expect(spend("c")).rejects.toThrow("more often");
  await counter.spend([{ of: "c", requests: 1 }]);
  await expect(counter.spend([{ of: "a", requests: 1 }])).rejects.toThrow("more often");
});

test("a limit that changes counts at once", async () => {
  const counter = createCounter();
  await counter.spend([{ of: "a", requests: 1 }]);
  await expect(counter.spend([{ of: "a", requests: 1 }])).rejects.toThrow("more often");
  await counter.spend([{ of: "a", requests: 10 }]);
});

test("only refusals count against an address, and then nothing is asked for it", async () => {
  const asked: string[] = [];
  const askAbout = limitRefusals(createCounter(), async () => 2);
  const { url } = await serveRoutes(
    [
      {
        ...route,
        guards: [
          (request) =>
            askAbout(request, async () => {
              const what = request.header("x-what") ?? "";
              asked.push(what);
              if (what === "wrong") throw new CallerRefusedError(401, "no");
              if (what === "outage") throw new Error("away");
            }),
        ],
      },
    ],
    { trustedProxies: 1 },
  );
  const from = (address: string, what: string) => ({ "x-forwarded-for": `9.9.9.9, ${address}`, "x-what": what });
  expect(await statuses(url, 4, from("1.2.3.4", "right"))).toEqual([204, 204, 204, 204]);
  expect(await statuses(url, 3, from("1.2.3.4", "outage"))).toEqual([500, 500, 500]);
  expect(await statuses(url, 4, from("1.2.3.4", "wrong"))).toEqual([401, 401, 429, 429]);
  expect(await statuses(url, 1, from("1.2.3.5", "wrong"))).toEqual([401]);
  expect(asked.filter((what) => what === "wrong")).toHaveLength(3);
});

test("an address that the caller writes itself does not count where no proxy is trusted", async () => {
  const guard = limitRequests(createCounter(), async (request) => [{ of: addressOf(request), requests: 1 }]);
  const { url } = await serveRoutes([{ ...route, guards: [guard] }]);
  expect(await statuses(url, 1, { "x-forwarded-for": "1.1.1.1" })).toEqual([204]);
  expect(await statuses(url, 1, { "x-forwarded-for": "2.2.2.2" })).toEqual([429]);
});

test.each([
  ["1.2.3.4", "1.2.3.4"],
  ["::ffff:1.2.3.4", "1.2.3.4"],
  ["2001:db8:1:2:3:4:5:6", "32.1.13.184.0.1.0.2/64"],
  ["2001:db8:1:2:ffff::1", "32.1.13.184.0.1.0.2/64"],
  ["garbage", "unknown"],
  [undefined, "unknown"],
])("the address %s counts as %s", (ip, expected) => {
  expect(addressOf({ ip })).toBe(expected);
});
