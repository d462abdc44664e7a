import type { z } from "zod";
import { err, ok, type Result } from "../domain/result.ts";

/** A setting that cannot be used. `received` is absent for secrets. */
export type EnvFinding = {
  readonly key: string;
  /** What the setting must be, in plain words. */
  readonly expects: string;
  readonly received?: string;
};

/** Keys whose values must never be shown, by name; a schema can add others with `.meta({ secret: true })`. */
const SECRET_KEY = /secret|password|token|credential|private|api_?key|auth(?!_url|_mode)/i;

/**
 * Parses the environment once, at start. Empty strings count as absent, because a deployment hands unset optional
 * settings over as empty text. All findings are returned together, so that one look repairs all.
 */
export function readEnv<S extends z.ZodObject>(
  schema: S,
  env: Readonly<Record<string, string | undefined>>,
): Result<z.infer<S>, EnvFinding[]> {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ""),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return ok(parsed.data);
  const findings = new Map<string, EnvFinding>();
  for (const issue of parsed.error.issues) {
    const key = String(issue.path[0] ?? "environment");
    if (!findings.has(key)) findings.set(key, finding(schema, key, given[key], issue.message));
  }
  return err([...findings.values()]);
}

function finding(schema: z.ZodObject, key: string, received: string | undefined, message: string): EnvFinding {
  const field = schema.shape[key] as z.ZodType | undefined;
  const description = field?.description;
  // zod may quote the value in its message ("Invalid option: …" does not, a custom refinement could), so secrets get none.
  const secret = SECRET_KEY.test(key) || field?.meta()?.secret === true;
  const problem = received === undefined ? "is required" : secret ? "is not acceptable" : message;
  const expects = description ? `${problem}; expected: ${description}` : problem;
  return received === undefined || secret ? { key, expects } : { key, expects, received: received.slice(0, 200) };
}

/** One line per finding, for people. */
export const describeFindings = (findings: readonly EnvFinding[]): string =>
  findings
    .map(({ key, expects, received }) =>
      received === undefined ? `${key}: ${expects}` : `${key}: ${expects} (received "${received}")`,
    )
    .join("\n");

/** Prints every finding to standard error and ends the process with status 1: a wrong setting does not start. */
export function failStart(findings: readonly EnvFinding[]): never {
  process.stderr.write(`Cannot start, ${findings.length} setting(s) to correct:\n${describeFindings(findings)}\n`);
  process.exit(1);
}
