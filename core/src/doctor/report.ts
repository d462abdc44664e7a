/** A report as text for people, and as an exit status. */
import type { Finding, Report } from "./finding.ts";

const owners: Readonly<Record<Finding["owner"], string>> = {
  merchant: "merchant",
  ifsAdministrator: "IFS administrator",
  operator: "operator",
  developer: "developer",
};

/** `ownerNames`: the teams of the configuration, by owner class. */
export function formatReport(report: Report, ownerNames: Readonly<Record<string, string>> = {}): string {
  const heading = `doctor: project ${report.projectKey}, configuration ${report.configuration}`;
  const seen = report.seen.map((line) => `  looked at  ${line}`);
  const findings = report.findings.map((finding) => formatFinding(finding, ownerNames));
  return [heading, ...seen, "", ...findings, verdict(report)].join("\n");
}

function formatFinding(finding: Finding, ownerNames: Readonly<Record<string, string>>): string {
  const { check, severity, subject, message, owner, action, proposal } = finding;
  const who = ownerNames[owner] ?? owners[owner];
  return [
    `${severity.toUpperCase()}  ${check}  ${subject}`,
    `  ${message}`,
    ...(proposal === undefined ? [] : [`  Probably meant: ${proposal}`]),
    `  ${who}: ${action}`,
    "",
  ].join("\n");
}

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

const verdict = ({ errors, warnings, findings, seen }: Report): string =>
  `${plural(errors, "error")}, ${plural(warnings, "warning")}, ${plural(findings.length - errors - warnings, "note")}; ${plural(seen.length, "look")}`;

/** 0: nothing stops a flow. 1: something does. */
export const exitStatus = ({ errors }: Report): number => (errors > 0 ? 1 : 0);
