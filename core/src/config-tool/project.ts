import { z } from "zod";
import { err, ok, type Result } from "../domain/result.ts";

/** The commercetools project whose configuration is meant. */
export const projectSchema = z.object({
  apiUrl: z.url(),
  authUrl: z.url(),
  projectKey: z.string().min(2),
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
});
export type Project = z.infer<typeof projectSchema>;

const keys: Readonly<Record<keyof Project, string>> = {
  apiUrl: "CTP_API_URL",
  authUrl: "CTP_AUTH_URL",
  projectKey: "CTP_PROJECT_KEY",
  clientId: "CTP_CLIENT_ID",
  clientSecret: "CTP_CLIENT_SECRET",
};

/**
 * The project named by the environment, else that of the running sandbox (`announcement`: text of `.sandbox.json`, undefined
 * where there is none). The error says what to set; no value is quoted, because one of them is a secret.
 */
export function chooseProject(
  env: Readonly<Record<string, string | undefined>>,
  announcement: string | undefined,
): Result<Project, string> {
  if (env.CTP_PROJECT_KEY) return fromEnvironment(env);
  if (announcement === undefined) {
    return err(`which project? Set ${Object.values(keys).join(", ")}, or start the sandbox with npm start`);
  }
  const parsed = z.object({ commercetools: projectSchema }).safeParse(readJson(announcement));
  return parsed.success ? ok(parsed.data.commercetools) : err(".sandbox.json does not describe a running sandbox");
}

function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Result<Project, string> {
  const given = Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, env[key] || undefined]));
  const parsed = projectSchema.safeParse(given);
  if (parsed.success) return ok(parsed.data);
  const wrong = new Set(parsed.error.issues.map((issue) => keys[issue.path[0] as keyof Project]));
  return err(`missing or not usable: ${[...wrong].join(", ")}`);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
