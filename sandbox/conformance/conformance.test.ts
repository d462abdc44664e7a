import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ifsProfiles } from "../profiles.ts";
import { createProbe, type Probe } from "./probe.ts";
import { tenantOfProfile } from "./profile-tenant.ts";
import { allChecks, runCheck } from "./run.ts";
import { forms, type Opened, sandboxSubject } from "./testing.ts";

const cases = forms.flatMap((form) => ifsProfiles.map((profile) => ({ ...form, profile, name: profile.name })));

/** Nothing is skipped: where a tenant turns a behaviour off, its check states the other reading. */
describe.each(cases)("IFS conformance of $name $form", ({ open, profile }) => {
  let opened: Opened;
  let probe: Probe;
  beforeAll(async () => {
    opened = await open(profile);
    const { target, sandbox } = opened;
    probe = createProbe({ target, sandbox, subject: sandboxSubject, tenant: tenantOfProfile(profile) });
  });
  afterAll(() => opened.close());

  test.each(allChecks.map((check) => [check.id, check] as const))("%s", async (_id, check) => {
    const { verdict, seen } = await runCheck(check, probe);
    expect([verdict, seen]).toEqual(["pass", seen]);
  });
});
