import { expect, test } from "vitest";
import { systemClock } from "../runtime/clock.ts";
import { createHealth, type HealthCheck, healthRoutes } from "./health.ts";
import { recordingLogger, serveRoutes } from "./testing/serve.ts";

const up: HealthCheck = { name: "ifs", check: async () => {} };
const down: HealthCheck = {
  name: "commercetools",
  check: async () => {
    throw new Error("private detail");
  },
};
const hangs: HealthCheck = { name: "commercetools", check: () => new Promise(() => {}) };

const setup = (checks: HealthCheck[], now = { value: 0 }) => {
  const { logger, lines } = recordingLogger();
  const health = createHealth({
    checks,
    clock: { ...systemClock, monotonic: () => now.value },
    logger,
    timeoutMs: 50,
    cacheMs: 1000,
  });
  return { health, lines };
};

test.each([
  ["all pass", [up], "up", ["up"]],
  ["one fails", [up, down], "degraded", ["up", "down"]],
  ["one hangs", [up, hangs], "degraded", ["up", "down"]],
  ["all fail", [down], "down", ["down"]],
  ["nothing to check", [], "up", []],
])("%s", async (_name, checks, status, each) => {
  const state = await setup(checks).health();
  expect({ status: state.status, each: state.checks.map((check) => check.status) }).toEqual({ status, each });
});

test("checks are asked once per period, however many ask", async () => {
  let asked = 0;
  const counting: HealthCheck = {
    name: "ifs",
    check: async () => {
      asked += 1;
    },
  };
  const now = { value: 0 };
  const { health } = setup([counting], now);
  await Promise.all([health(), health(), health()]);
  now.value = 999;
  await health();
  expect(asked).toBe(1);
  now.value = 1000;
  await health();
  expect(asked).toBe(2);
});

test("alive while everything else is down; ready only when something can be reached; nothing of the reason is shown", async () => {
  const { health, lines } = setup([down]);
  const { url } = await serveRoutes(healthRoutes("/service/health", health));
  const alive = await fetch(`${url}/service/health`);
  expect({ status: alive.status, body: await alive.json() }).toEqual({ status: 200, body: { status: "up" } });
  const ready = await fetch(`${url}/service/health/ready`);
  expect({ status: ready.status, text: await ready.text() }).toEqual({
    status: 503,
    text: '{"error":{"code":"unavailable","message":"try again later"}}',
  });
  expect(lines.map(({ event, fields }) => [event, fields.check])).toEqual([["health-check-failed", "commercetools"]]);
  const degraded = await serveRoutes(healthRoutes("/health", setup([up, down]).health));
  const response = await fetch(`${degraded.url}/health/ready`);
  expect({ status: response.status, body: await response.json() }).toEqual({
    status: 200,
    body: {
      status: "degraded",
      checks: [
        { name: "ifs", status: "up" },
        { name: "commercetools", status: "down" },
      ],
    },
  });
});
