import { z } from "zod";
import type { IfsConnection } from "../ifs/client.ts";

const ifsSchema = z.object({
  baseUrl: z.url(),
  tokenUrl: z.url(),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
});

const keys = {
  baseUrl: "IFS_BASE_URL",
  tokenUrl: "IFS_TOKEN_URL",
  clientId: "IFS_CLIENT_ID",
  clientSecret: "IFS_CLIENT_SECRET",
} as const;

/** IFS as the environment names it, else the running sandbox's (`announcement`: text of `.sandbox.json`); else undefined. */
export function chooseIfs(
  env: Readonly<Record<string, string | undefined>>,
  announcement: string | undefined,
): IfsConnection | undefined {
  const given = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, env[key]]));
  const named = ifsSchema.safeParse(given);
  if (named.success) return named.data;
  // A project named by the environment must not be compared with the sandbox's IFS.
  if (env.CTP_PROJECT_KEY || Object.values(given).some(Boolean) || announcement === undefined) return undefined;
  const announced = z
    .object({ ifs: z.url(), ifsClient: ifsSchema.omit({ baseUrl: true }) })
    .safeParse(readJson(announcement));
  return announced.success ? { baseUrl: announced.data.ifs, ...announced.data.ifsClient } : undefined;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
