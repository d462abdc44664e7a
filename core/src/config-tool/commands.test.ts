import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import { connectorConfigSchema } from "../domain/config.ts";
import { configurationText, runConfigTool, usage } from "./commands.ts";
import { parseConfiguration } from "./parse.ts";
import { chooseProject } from "./project.ts";

const example = await readFile(
  fileURLToPath(new URL("../../../docs/configuration.example.yaml", import.meta.url)),
  "utf8",
);

function tool(files: Record<string, string>) {
  const platform = createPlatform();
  const { config } = createStore(clientOf(platform).ct, { now: () => 0 });
  const printed: string[] = [];
  const run = async (...args: string[]): Promise<{ code: number; lines: string[] }> => {
    printed.length = 0;
    const code = await runConfigTool(args, {
      readFile: async (path) => files[path] ?? Promise.reject(new Error(`there is no file ${path}`)),
      writeFile: async (path, text) => {
        files[path] = text;
      },
      print: (line) => printed.push(line),
      store: async () => config,
    });
    return { code, lines: [...printed] };
  };
  return { run, files, platform, config };
}

describe("commands", () => {
  test("a version is pushed, changed, compared, rolled back", async () => {
    const { run, files } = tool({
      "a.yaml": example,
      "b.yaml": example.replace("maxChangePercent: 50", "maxChangePercent: 30"),
    });
    expect(await run("push", "a.yaml")).toEqual({
      code: 0,
      lines: ["no version is active yet: everything would be new", "version 1 is active"],
    });
    expect(await run("diff", "b.yaml")).toEqual({
      code: 0,
      lines: ["against version 1:", "~ prices.maxChangePercent: 50 -> 30"],
    });
    expect((await run("push", "b.yaml")).lines.at(-1)).toBe("version 2 is active");
    expect(await run("push", "b.yaml")).toEqual({ code: 0, lines: ["equal to version 2", "nothing to push"] });
    expect(await run("activate", "1")).toEqual({
      code: 0,
      lines: ["against version 2:", "~ prices.maxChangePercent: 30 -> 50", "version 1 is active"],
    });
    expect((await run("list")).lines.map((line) => line.slice(0, 3))).toEqual(["  2", "* 1"]);
    expect((await run("pull", "c.yaml")).lines).toEqual(["version 1 written to c.yaml"]);
    expect(parseConfiguration(files["c.yaml"] ?? "")).toEqual(parseConfiguration(example));
  });

  test("a file with findings is not pushed", async () => {
    const { run, platform } = tool({ "configuration.yaml": example.replace("orderType: WEB", "orderTyp: WEB") });
    const result = await run("push");
    expect([result.code, result.lines.length, platform.calls]).toEqual([1, 3, []]);
    expect(result.lines.at(-1)).toBe("2 findings");
  });

  test("validate needs no project", async () => {
    const { run, platform } = tool({ "configuration.yaml": example });
    expect(await run("validate")).toEqual({
      code: 0,
      lines: ["configuration.yaml is valid: 2 routes, 3 sites, 2 stock pools, 1 price lists"],
    });
    expect(platform.tokenRequests).toBe(0);
  });

  test("what is not understood is answered with the usage, what does not exist with a sentence", async () => {
    const { run } = tool({});
    expect(await run()).toEqual({ code: 2, lines: [usage] });
    expect(await run("activate", "x")).toEqual({
      code: 2,
      lines: ["activate needs the number of a version: npm run config -- activate 3"],
    });
    expect(await run("activate", "7")).toEqual({ code: 1, lines: ["there is no version 7"] });
    expect(await run("pull")).toEqual({ code: 1, lines: ["no version is active yet"] });
    await expect(run("validate", "none.yaml")).rejects.toThrow("there is no file none.yaml");
  });

  test("a pulled text keeps texts that look like numbers", () => {
    const parsed = parseConfiguration(example);
    if (!parsed.ok) throw new Error("example");
    const odd = connectorConfigSchema.parse({
      ...parsed.value,
      owners: { merchant: "0010", operator: "1e5", developer: "no" },
    });
    expect(parseConfiguration(configurationText(odd))).toEqual({ ok: true, value: odd });
  });
});

describe("project", () => {
  const sandbox = {
    apiUrl: "http://127.0.0.1:4020",
    authUrl: "http://127.0.0.1:4020",
    projectKey: "sandbox-shop",
    clientId: "connector",
    clientSecret: "sandbox-secret",
  };
  const env = {
    CTP_API_URL: "https://api.test",
    CTP_AUTH_URL: "https://auth.test",
    CTP_PROJECT_KEY: "shop",
    CTP_CLIENT_ID: "id",
    CTP_CLIENT_SECRET: "sandbox-secret",
  };

  test("the environment wins over a running sandbox", () => {
    const announcement = JSON.stringify({ commercetools: sandbox, service: "x" });
    expect(chooseProject(env, announcement)).toEqual({
      ok: true,
      value: {
        apiUrl: "https://api.test",
        authUrl: "https://auth.test",
        projectKey: "shop",
        clientId: "id",
        clientSecret: "sandbox-secret",
      },
    });
    expect(chooseProject({}, announcement)).toEqual({ ok: true, value: sandbox });
  });

  test("what is missing is named, values never", () => {
    expect(chooseProject({ ...env, CTP_API_URL: "sandbox-secret", CTP_CLIENT_ID: "" }, undefined)).toEqual({
      ok: false,
      error: "missing or not usable: CTP_API_URL, CTP_CLIENT_ID",
    });
    expect(chooseProject({}, undefined)).toEqual({
      ok: false,
      error:
        "which project? Set CTP_API_URL, CTP_AUTH_URL, CTP_PROJECT_KEY, CTP_CLIENT_ID, CTP_CLIENT_SECRET, or start the sandbox with npm start",
    });
    expect(chooseProject({}, "{")).toEqual({ ok: false, error: ".sandbox.json does not describe a running sandbox" });
  });
});
