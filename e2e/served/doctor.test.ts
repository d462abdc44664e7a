/** The doctor on a sound installation, and as a command. */
import { spawn } from "node:child_process";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createCt } from "../../core/src/ct/client.ts";
import { createStore } from "../../core/src/ct/store.ts";
import { connectorScopes } from "../../core/src/doctor/ct-check.ts";
import { systemClock } from "../../core/src/runtime/clock.ts";
import { SHOP_PROJECT_KEY } from "../../sandbox/seed/commercetools-shop.ts";
import {
  access,
  closeSandboxes,
  connection,
  declaredScopes,
  diagnose,
  named,
  openSandboxes,
  resetIfs,
  root,
  SECRET,
  shop,
} from "./doctor-fixture.ts";

const logger = { info: () => {}, warn: () => {}, error: () => {} };

beforeAll(openSandboxes);
afterAll(closeSandboxes);
beforeEach(resetIfs);

test("a sound installation gives no error and no warning, and everything was looked at", async () => {
  const report = await diagnose();
  expect(named(report)).toEqual([]);
  expect(named(report, "warning")).toEqual([]);
  expect(report).toMatchObject({ configuration: "version 1", projectKey: SHOP_PROJECT_KEY, errors: 0, warnings: 0 });
  const looks = report.seen.map((line) => line.replace(/\d+ ms/g, "n ms").replace(/active since .*/, "active"));
  expect(looks).toEqual(
    expect.arrayContaining([
      "IFS token: accepted, lives 180 s",
      "IFS sites shown: 101, 102, 201",
      "orderLine: CustomerOrderHandling/CustomerOrderLineSet has its key and 68 bound fields looked at",
      "customerAddressType: CustomerHandling/AddressTypes has its key and 4 bound fields looked at",
      "historyLogAttribute: HistoryLogHandling/HistoryLogAttributeArray has its key and 5 bound fields looked at",
      "binding: states, constants, actions and arrays compared with the metadata",
      "read stock: 3 lists, 3 with rows",
      "time zone of order: real UTC with the header",
      "time zone of stock: digits are the site's own",
      "commercetools channels: 6 looked at",
      "connector: active",
      "subscription: Healthy, destination GoogleCloudPubSub",
    ]),
  );
});

test("the scopes looked for are those of connect.yaml", () => {
  expect([...connectorScopes].sort()).toEqual([...declaredScopes].sort());
});

test("nothing is written in IFS, and nothing but reads is sent to commercetools", async () => {
  const calls: string[] = [];
  const counting: typeof fetch = (input, init) => {
    const isQuery = String(input).endsWith("/graphql") && String(init?.body).startsWith('{"query":"query ');
    calls.push(`${isQuery ? "GET" : (init?.method ?? "GET")} ${String(input).replace(/\?.*/, "")}`);
    return fetch(input, init);
  };
  await diagnose({ fetch: counting });
  const writes = calls.filter((call) => !call.startsWith("GET "));
  expect(writes.toSorted()).toEqual([`POST ${connection().tokenUrl}`, `POST ${shop.url}/oauth/token`].toSorted());
  expect(calls.length).toBeGreaterThan(50);
});

/** The command as people run it; the sandbox's addresses come from the environment. */
function command(args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ status: number | null; text: string }> {
  const { baseUrl, tokenUrl, clientId, clientSecret } = connection();
  const child = spawn(process.execPath, ["scripts/doctor.ts", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      CTP_API_URL: shop.url,
      CTP_AUTH_URL: shop.url,
      CTP_PROJECT_KEY: SHOP_PROJECT_KEY,
      CTP_CLIENT_ID: "connector",
      CTP_CLIENT_SECRET: SECRET,
      IFS_BASE_URL: baseUrl,
      IFS_TOKEN_URL: tokenUrl,
      IFS_CLIENT_ID: clientId,
      IFS_CLIENT_SECRET: clientSecret,
      ...env,
    },
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (status) => done({ status, text }));
  });
}

test("the command: 0 and a report, 1 and the finding, 2 where it cannot start; no secret is ever shown", async () => {
  const sound = await command(["--json"]);
  expect([sound.status, JSON.parse(sound.text)]).toMatchObject([0, { errors: 0, configuration: "version 1" }]);
  const refused = await command([], { IFS_CLIENT_SECRET: "planted-secret" });
  expect([refused.status, refused.text.includes("ERROR  ifs.sign-in  IFS Cloud")]).toEqual([1, true]);
  expect(refused.text).not.toContain("planted-secret");
  const lost = await command([], { IFS_BASE_URL: "" });
  expect([lost.status, lost.text.includes("ERROR  ifs.settings")]).toEqual([1, true]);
  expect((await command([], { CTP_CLIENT_SECRET: "" })).status).toBe(2);
  const grants = await command(["--grants", "--json"]);
  expect([grants.status, JSON.parse(grants.text).sites]).toEqual([0, ["101", "102", "201"]]);
});

test("the command --write-probe: nothing without a yes, then the findings, and what was found is kept", async () => {
  const store = createStore(createCt({ ...access(), logger }), systemClock).capabilities;
  const args = ["--write-probe", "--company", "10"];
  const asked = await command(args);
  expect([asked.status, asked.text.includes("one Planned customer order in company 10, site 101")]).toEqual([2, true]);
  expect((await command(["--write-probe", "--yes"])).status).toBe(2);
  const unkept = await command([...args, "--yes", "--no-store", "--json"]);
  expect([unkept.status, JSON.parse(unkept.text).seen.at(-1)]).toEqual([0, "what was found is not kept"]);
  expect(await store.read()).toBeUndefined();
  const done = await command([...args, "--yes"]);
  expect([done.status, done.text.includes("changeSets: yes")]).toEqual([0, true]);
  expect(await store.read()).toMatchObject({ ifsBaseUrl: connection().baseUrl, company: "10", site: "101" });
});
