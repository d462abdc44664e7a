import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { describeFindings, readEnv } from "./env.ts";

const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe("port to listen on, 0 to 65535"),
  BASE_URL: z.url().describe("address without path"),
  CLIENT_SECRET: z.string().min(16).describe("secret of the client"),
  EXTENSION_HEADER: z.string().min(16).meta({ secret: true, description: "header value of the extension" }),
  NOTE: z.string().optional(),
});

const good = {
  BASE_URL: "https://ifs.example",
  CLIENT_SECRET: "sandbox-secret-0123456789",
  EXTENSION_HEADER: "Bearer sandbox-0123456789",
};

describe("settings", () => {
  test("parsed values, defaults, unknown keys dropped, empty text counts as absent", () => {
    expect(readEnv(schema, { ...good, NOTE: "", HOME: "/home/x" })).toEqual({
      ok: true,
      value: { ...good, PORT: 8080 },
    });
  });

  test("all findings at once; each names its key and what it expects, secrets never their value", () => {
    const result = readEnv(schema, {
      PORT: "99999",
      BASE_URL: " ",
      CLIENT_SECRET: "short-secret",
      EXTENSION_HEADER: "short-header",
    });
    expect(result).toEqual({
      ok: false,
      error: [
        {
          key: "PORT",
          expects: "Too big: expected number to be <=65535; expected: port to listen on, 0 to 65535",
          received: "99999",
        },
        { key: "BASE_URL", expects: "is required; expected: address without path" },
        { key: "CLIENT_SECRET", expects: "is not acceptable; expected: secret of the client" },
        { key: "EXTENSION_HEADER", expects: "is not acceptable; expected: header value of the extension" },
      ],
    });
    if (result.ok) throw new Error("unreachable");
    expect(describeFindings(result.error)).not.toMatch(/short/);
  });

  test("a wrong setting does not start: findings on standard error, exit status 1", () => {
    const script = `
      import { failStart } from ${JSON.stringify(new URL("./env.ts", import.meta.url).href)};
      failStart([{ key: "PORT", expects: "is required; expected: a port" }, { key: "URL", expects: "must be a URL", received: "x" }]);
    `;
    const { status, stderr, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
      encoding: "utf8",
    });
    expect({ status, stderr, stdout }).toEqual({
      status: 1,
      stderr:
        'Cannot start, 2 setting(s) to correct:\nPORT: is required; expected: a port\nURL: must be a URL (received "x")\n',
      stdout: "",
    });
  });
});
