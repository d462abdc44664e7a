import { describe, expect, test } from "vitest";
import { connectorClient } from "./ifs/connector-client.ts";
import { createIfsModel } from "./ifs/model.ts";
import { startIfs } from "./ifs/server.ts";
import { parseSettings } from "./ifs/settings.ts";
import { NOW } from "./ifs/testing/harness.ts";
import { seededRandom } from "./kernel/types.ts";
import { ifsProfile, ifsProfiles } from "./profiles.ts";

const clock = { now: () => NOW };

test("the five kinds of tenant have names, and an unknown name lists them", () => {
  const names = ["standard", "renamed", "missing-grants", "no-change-sets", "other-time-zone"];
  expect(ifsProfiles.map(({ name }) => name)).toEqual(names);
  expect(() => ifsProfile("nope")).toThrow(`there is no IFS profile "nope": ${names.join(", ")}`);
});

describe.each(ifsProfiles)("IFS profile $name", ({ settings }) => {
  test("has settings that the control endpoint would take", () => {
    expect(parseSettings(settings)).toEqual(settings);
  });

  test("renames, retypes and hides only what the tenant has: each change shows in the metadata", async () => {
    const model = createIfsModel({ clock, random: seededRandom(7), settings });
    const usual = createIfsModel({ clock, random: seededRandom(7) });
    const { renames = {}, propertyTypes = {}, hiddenProperties = [], memberNames = {} } = settings;
    for (const [path, name] of Object.entries(renames)) {
      const projection = path.split("/")[0] ?? "";
      const edmx = await metadataOf(model, renames[projection] ?? projection);
      expect(edmx, path).toMatch(new RegExp(`Name(space)?="(IfsApp\\.)?${name}"`));
    }
    for (const path of Object.keys(propertyTypes)) {
      const [projection = "", , property = ""] = path.split("/");
      const line = (edmx: string, named: string) => new RegExp(`<Property Name="${named}" [^>]*>`).exec(edmx)?.[0];
      const now = line(await metadataOf(model, renames[projection] ?? projection), renames[path] ?? property);
      expect(now, path).toBeDefined();
      expect(now?.replace(renames[path] ?? property, property), path).not.toBe(
        line(await metadataOf(usual, projection), property),
      );
    }
    for (const path of hiddenProperties) {
      const [projection = "", , property = ""] = path.split("/");
      expect(await metadataOf(usual, projection), path).toContain(`Name="${property}"`);
      expect(await metadataOf(model, renames[projection] ?? projection), path).not.toContain(`Name="${property}"`);
    }
    for (const [path, name] of Object.entries(memberNames)) {
      const [enumName = "", member = ""] = path.split("/");
      expect(model.world().members(enumName), path).toContain(name);
      expect(usual.world().members(enumName), path).toContain(member);
    }
  });
});

async function metadataOf(model: ReturnType<typeof createIfsModel>, projection: string): Promise<string> {
  const path = `/main/ifsapplications/projection/v1/${projection}.svc/$metadata`;
  const answer = await model.handle({ method: "GET", path, headers: {}, body: Buffer.alloc(0) });
  return answer.body.toString();
}

async function ask(profileName: string, path: string) {
  const server = await startIfs({ port: 0, clock, random: seededRandom(7), profile: ifsProfile(profileName) });
  try {
    const token = await fetch(`${server.url}/auth/realms/sandbox/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: connectorClient.clientId,
        client_secret: connectorClient.clientSecret,
      }),
    });
    const { access_token } = (await token.json()) as { access_token: string };
    const answer = await fetch(`${server.url}/main/ifsapplications/projection/v1/${path.replaceAll(" ", "%20")}`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    const { value } = (await answer.json()) as { value?: Record<string, unknown>[] };
    return { status: answer.status, rows: value?.map(({ "@odata.etag": _tag, ...row }) => row) };
  } finally {
    await server.close();
  }
}

test("a started server is the tenant of its profile", async () => {
  const sites = "SitesHandling.svc/Reference_CompanySite?$select=Contract";
  expect(await ask("standard", sites)).toEqual({
    status: 200,
    rows: [{ Contract: "101" }, { Contract: "102" }, { Contract: "201" }],
  });
  expect(await ask("missing-grants", sites)).toEqual({ status: 200, rows: [{ Contract: "101" }] });
  expect((await ask("missing-grants", "HistoryLogHandling.svc/HistoryLogOverviewSet")).status).toBe(403);
  expect((await ask("renamed", "CStockHandling.svc/CStockSet?$select=QtyOnHand,FreezeFlag&$top=1")).rows).toEqual([
    { QtyOnHand: expect.any(Number), FreezeFlag: "FALSE" },
  ]);
  const zones = "CompanySiteHandling.svc/SiteSet?$select=TimeZone";
  expect((await ask("other-time-zone", zones)).rows).toEqual([
    { TimeZone: "America/Los_Angeles" },
    { TimeZone: "America/St_Johns" },
    { TimeZone: "Asia/Kolkata" },
  ]);
});
