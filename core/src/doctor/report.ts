/** A report as text for people, and as an exit status. */
import { counted, type Finding, type Report } from "./finding.ts";

const owners: Readonly<Record<Finding["owner"], string>> = {
  merchant: "merchant",
  ifsAdministrator: "IFS administrator",
  operator: "operator",
  developer: "developer",
};

export function formatReport(report: Report): string {
  const heading = `doctor: project ${report.projectKey}, configuration ${report.configuration}`;
  const seen = report.seen.map((line) => `  looked at  ${line}`);
  const findings = report.findings.map((finding) => formatFinding(finding, report.owners));
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

const verdict = ({ errors, warnings, findings, seen }: Report): string =>
  `${counted(errors, "error")}, ${counted(warnings, "warning")}, ${counted(findings.length - errors - warnings, "note")}; ${counted(seen.length, "look")}`;

/** 0: nothing stops a flow. 1: something does. */
export const exitStatus = ({ errors }: Report): number => (errors > 0 ? 1 : 0);
