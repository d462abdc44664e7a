import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { defaultSettings } from "../ifs/settings.ts";
import { ifsProfile } from "../profiles.ts";
import { type Deviation, deviations, noticedSwitches } from "./deviations.ts";
import type { Tenant } from "./names.ts";
import { controlsOf, createProbe } from "./probe.ts";
import { tenantOfProfile } from "./profile-tenant.ts";
import { allChecks, runCheck } from "./run.ts";
import { forms, type Opened, sandboxSubject } from "./testing.ts";

/** A suite that passes on everything proves nothing: each check is shown a server that is not IFS in its one respect. */
describe("what is not IFS is noticed", () => {
  let opened: Opened;
  let tenant: Tenant;
  beforeAll(async () => {
    const standard = ifsProfile("standard");
    opened = await forms[0].open(standard);
    tenant = tenantOfProfile(standard);
  });
  afterEach(() => {
    opened.model.changeSettings(defaultSettings);
  });
  afterAll(() => opened.close());

  async function verdict(id: string, deviation: Deviation) {
    const check = allChecks.find((candidate) => candidate.id === id);
    if (!check) throw new Error(`there is no check ${id}`);
    if ("settings" in deviation) opened.model.changeSettings(deviation.settings);
    const target = { ...opened.target, fetch: distorted(opened.target.fetch, deviation) };
    const probe = createProbe({ target, tenant, subject: sandboxSubject });
    const result = await runCheck(check, { ...probe, controls: () => controlsOf(probe.raw), sandbox: opened.sandbox });
    return result.verdict;
  }

  test("there is a deviation for each check, and none for another", () => {
    expect(Object.keys(deviations).sort()).toEqual(allChecks.map(({ id }) => id).sort());
  });

  test.each(Object.entries(deviations))("%s", async (id, deviation) => {
    expect(await verdict(id, deviation)).toBe("fail");
  });

  test.each(noticedSwitches)("$settings by $check", async ({ settings, check }) => {
    expect(await verdict(check, { settings })).toBe("fail");
  });
});

function distorted(real: typeof fetch, deviation: Deviation): typeof fetch {
  if (!("distort" in deviation)) return real;
  return (input, init = {}) =>
    deviation.distort({ url: String(input), init: { ...init, method: init.method ?? "GET" } }, (sent) =>
      real(sent.url, sent.init),
    );
}
