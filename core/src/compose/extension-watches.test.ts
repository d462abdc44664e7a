import { expect, test } from "vitest";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform, refusal } from "../ct/testing/platform.ts";
import { connectorConfigSchema } from "../domain/config.ts";
import { systemClock } from "../runtime/clock.ts";
import { createExtensionWatches } from "./extension-watches.ts";

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
const silent = { info: () => {}, warn: () => {}, error: () => {} };

function project() {
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  let elapsed = 0;
  const clock = { ...systemClock, monotonic: () => elapsed };
  const watch = createExtensionWatches({ clock });
  const deps = { ct, clock, logger: silent, store: createStore(ct, clock) };
  /** How many requests a tick sends, so many seconds after the one before. */
  const tick = async (seconds: number, extension: "off" | "armed" = "off") => {
    elapsed += 1000 * seconds;
    const before = platform.calls.length;
    await watch(deps, { config: configOf(extension) });
    return platform.calls.length - before;
  };
  return { platform, tick };
}

test("what is not armed is looked at twice a minute, what is armed with each tick", async () => {
  const { tick } = project();
  const unarmed = [await tick(0), await tick(4), await tick(25.999), await tick(0.001), await tick(60)];
  expect(unarmed.map((requests) => requests > 0)).toEqual([true, false, false, true, true]);
  const armed = [await tick(4, "armed"), await tick(4, "armed")];
  expect(armed.map((requests) => requests > 0)).toEqual([true, true]);
});

test("the first look after the check was disarmed is not waited for", async () => {
  const { tick } = project();
  await tick(0);
  await tick(4, "armed");
  expect([(await tick(4)) > 0, (await tick(4)) > 0]).toEqual([true, false]);
});

test("a look that failed is taken by the next tick", async () => {
  const { platform, tick } = project();
  platform.intercept = ({ method }) => (method === "GET" ? refusal(400, "InvalidInput", "not now") : undefined);
  await expect(tick(0)).rejects.toThrow("not now");
  platform.intercept = () => undefined;
  expect((await tick(4)) > 0).toBe(true);
});
