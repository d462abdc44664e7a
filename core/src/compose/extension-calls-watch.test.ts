import { expect, test } from "vitest";
import { hourOf } from "../ct/atp-metrics.ts";
import { extensionKey, setArmed } from "../ct/resources-extension.ts";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import { type ExtensionCalls, newAtpMetrics } from "../domain/atp-metrics.ts";
import { connectorConfigSchema } from "../domain/config.ts";
import { systemClock } from "../runtime/clock.ts";
import { watchExtensionCalls } from "./extension-calls-watch.ts";

const NOW = Date.parse("2026-11-02T10:00:30Z");
const MINUTE = 60_000;

const configOf = (extension: "off" | "armed") =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      { name: "all", company: "10", site: "101", orderType: "WEB", coordinator: "C", customerNo: "W", addressNo: "1" },
    ],
    sites: [{ site: "101", company: "10", timeZone: "Europe/Berlin" }],
    atp: { extension },
  });

/** A project whose replicas have counted calls; `installed`: as the Extension is. */
async function project(installed: "armed" | "parked" | "nothing" = "armed") {
  let now = NOW;
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  const clock = { ...systemClock, now: () => now };
  const store = createStore(ct, clock);
  if (installed !== "nothing") {
    platform.seed("extensions", {
      ...{ key: extensionKey, timeoutInMs: 2000, triggers: [] },
      destination: { type: "HTTP", url: "https://service.test/service/extension" },
    });
    await setArmed(ct, configOf("armed").atp, installed === "armed");
  }
  const logged: string[] = [];
  const log = (fields: object, event: string) => logged.push("alert" in fields ? `${event} (alert)` : event);
  const logger = { info: log, warn: log, error: log };
  return {
    ...{ logged, writes: platform.writes },
    count: (replica: string, calls: Partial<ExtensionCalls>, at = now) =>
      store.atpMetrics.write(replica, hourOf(at), {
        ...newAtpMetrics(),
        extensionCalls: { refused: 0, refusedAt: 0, rightAt: 0, ...calls },
      }),
    later(ms: number) {
      now += ms;
    },
    tick: (extension: "off" | "armed" = "armed") =>
      watchExtensionCalls({ ct, store, clock, logger }, { config: configOf(extension) }),
    told: async () => (await store.exceptions.list(10)).rows.map(({ code, message }) => `${code}: ${message}`),
  };
}

test("refused calls after the last right one are told, with their number and that call, and close with the next right one", async () => {
  const { count, tick, told, logged, later, writes } = await project();
  await tick();
  expect(await told()).toEqual([]);
  const hourBefore = NOW - 10 * MINUTE;
  await count("one", { refused: 3, refusedAt: NOW - MINUTE, rightAt: hourBefore }, hourBefore);
  await count("two", { refused: 2, refusedAt: NOW });
  await tick();
  expect(await told()).toEqual([
    "extensionRefused: 5 calls at the check of order creation came without its secret, or with a wrong one, in this hour and the last; the latest: 2026-11-02T10:00:30.000Z. The last with the right one: 2026-11-02T09:50:30.000Z. If they are commercetools', each order fails.",
  ]);
  const before = writes();
  await tick();
  expect(writes()).toBe(before);
  later(MINUTE);
  await count("two", { refused: 9, refusedAt: NOW + MINUTE });
  await tick();
  expect(await told()).toEqual([expect.stringMatching(/^extensionRefused: 12 calls/)]);
  later(MINUTE);
  await count("one", { rightAt: NOW + 2 * MINUTE });
  await tick();
  expect([await told(), logged]).toEqual([[], ["extension-refused (alert)", "extension-believed"]]);
});

test("a stranger's scan between orders is nothing to tell", async () => {
  const { count, tick, told } = await project();
  await count("one", { refused: 500, refusedAt: NOW - 1, rightAt: NOW });
  await tick();
  expect(await told()).toEqual([]);
});

test("where no right call is known it says so", async () => {
  const { count, tick, told } = await project();
  await count("one", { refused: 1, refusedAt: NOW });
  await tick();
  expect(await told()).toEqual([expect.stringContaining("None with the right one is known of.")]);
});

test.each(["parked", "nothing"] as const)(
  "where the Extension is %s, commercetools did not call",
  async (installed) => {
    const { count, tick, told } = await project(installed);
    await count("one", { refused: 5, refusedAt: NOW });
    await tick();
    expect(await told()).toEqual([]);
  },
);

test("what is open stays open while nobody calls, and ends where the check is not armed any more", async () => {
  const { count, tick, told, later } = await project();
  await count("one", { refused: 5, refusedAt: NOW });
  await tick();
  later(5 * 60 * MINUTE);
  await tick();
  expect(await told()).toHaveLength(1);
  await tick("off");
  expect(await told()).toEqual([]);
});
