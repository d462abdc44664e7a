/** What the doctor says: findings for the people who can repair them, and what was looked at. */
import type { Owner } from "../domain/failure.ts";

/** `error`: a flow does not work. `warning`: it works and will surprise somebody. `info`: good to know. */
export type Severity = "error" | "warning" | "info";

export type Finding = {
  /** Stable name of the check, such as `ifs.field`. */
  readonly check: string;
  readonly severity: Severity;
  /** The thing that was looked at: `shipment.trackingNumber`, `site 101`, `subscription ifs-connector-orders`. */
  readonly subject: string;
  readonly message: string;
  /** Who can repair it, and how. */
  readonly owner: Owner;
  readonly action: string;
  /** The name that was probably meant. */
  readonly proposal?: string;
};

export type Diagnosis = {
  readonly findings: readonly Finding[];
  /** One line per thing that was looked at, with what was seen: a diagnosis that looked at nothing finds nothing. */
  readonly seen: readonly string[];
};

export type Report = Diagnosis & {
  /** ISO 8601. */
  readonly at: string;
  readonly projectKey: string;
  readonly configuration: string;
  /** Teams or addresses of the configuration, by owner class. */
  readonly owners: Readonly<Record<string, string>>;
  readonly errors: number;
  readonly warnings: number;
};

/** What the other side said, as the end of a sentence of ours. */
export const said = (text: string): string => `${text.trim().replace(/\.+$/, "")}.`;

/** `1 list`, `2 lists`. */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

export const joined = (...parts: readonly Diagnosis[]): Diagnosis => ({
  findings: parts.flatMap(({ findings }) => findings),
  seen: parts.flatMap(({ seen }) => seen),
});

const order: Record<Severity, number> = { error: 0, warning: 1, info: 2 };

/** The worst first; findings of one severity keep their order. */
export const worstFirst = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted((a, b) => order[a.severity] - order[b.severity]);

/** The findings counted and in order. */
export function reportOf(
  about: Omit<Report, keyof Diagnosis | "errors" | "warnings">,
  { findings, seen }: Diagnosis,
): Report {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length;
  return { ...about, errors: count("error"), warnings: count("warning"), findings: worstFirst(findings), seen };
}
