/** The inbox: open exceptions with what is known of their kind, counted by kind, and links to both systems. Pure. */
import type { ConnectorConfig } from "../domain/config.ts";
import { exceptionType, type Severity } from "../domain/exception-types.ts";
import type { ExceptionRecord, IgnoredException } from "../domain/records.ts";

export type ListedException = ExceptionRecord & {
  /** The class of `owner`, whose team or address the configuration names. */
  readonly ownerClass: string;
  readonly severity: Severity;
  readonly cure: string;
  readonly ageSeconds: number;
  readonly links: { readonly merchantCenter: string | null; readonly ifs: string | null };
};

export type ExceptionList = {
  /** Of all open ones, before any filter; up to the bound of a read. */
  readonly total: number;
  readonly counts: readonly { readonly code: string; readonly severity: Severity; readonly count: number }[];
  /** Of those that match the filter: what one cure would close, most frequent first. */
  readonly causes: readonly { readonly cause: string; readonly code: string; readonly count: number }[];
  /** Matching the filter. */
  readonly matching: number;
  readonly rows: readonly ListedException[];
  readonly ignored: readonly IgnoredException[];
};

export type ExceptionFilter = {
  readonly code?: string | undefined;
  readonly cause?: string | undefined;
  readonly flow?: string | undefined;
  readonly owner?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly limit: number;
  readonly offset: number;
};

const URGENCY: readonly Severity[] = ["critical", "error", "notice"];

/** Critical ones first, then the oldest. */
export function listExceptions(
  facts: {
    readonly rows: readonly ExceptionRecord[];
    readonly ignored: readonly IgnoredException[];
    readonly config: Pick<ConnectorConfig, "owners" | "links"> | undefined;
    readonly projectKey: string;
    readonly now: number;
  },
  filter: ExceptionFilter,
): ExceptionList {
  const listed = facts.rows.map((row): ListedException => {
    const { severity, cure } = exceptionType(row.code);
    return {
      ...row,
      owner: facts.config?.owners[row.owner] ?? row.owner,
      ownerClass: row.owner,
      severity,
      cure,
      ageSeconds: Math.max(0, Math.round((facts.now - Date.parse(row.firstSeenAt)) / 1000)),
      links: linksOf(row, facts.projectKey, facts.config?.links.ifsOrder),
    };
  });
  const matching = listed.filter(
    (row) =>
      (filter.code === undefined || row.code === filter.code) &&
      (filter.cause === undefined || (row.cause ?? row.code) === filter.cause) &&
      (filter.flow === undefined || row.flow === filter.flow) &&
      (filter.owner === undefined || row.ownerClass === filter.owner) &&
      (filter.severity === undefined || row.severity === filter.severity),
  );
  matching.sort((a, b) => URGENCY.indexOf(a.severity) - URGENCY.indexOf(b.severity) || b.ageSeconds - a.ageSeconds);
  return {
    total: listed.length,
    counts: countsOf(listed),
    causes: causesOf(matching),
    matching: matching.length,
    rows: matching.slice(filter.offset, filter.offset + filter.limit),
    ignored: facts.ignored,
  };
}

function countsOf(rows: readonly ListedException[]): ExceptionList["counts"] {
  const byCode = Map.groupBy(rows, ({ code }) => code);
  return [...byCode]
    .map(([code, { length }]) => ({ code, severity: exceptionType(code).severity, count: length }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}

/** Rows of earlier versions have none until they are met again. */
function causesOf(rows: readonly ListedException[]): ExceptionList["causes"] {
  const byCause = Map.groupBy(rows, ({ code, cause }) => cause ?? code);
  return [...byCause]
    .map(([cause, same]) => ({ cause, code: same[0]?.code ?? cause, count: same.length }))
    .sort((a, b) => b.count - a.count || (a.cause < b.cause ? -1 : 1))
    .slice(0, MOST_CAUSES);
}
const MOST_CAUSES = 100;

const pages: Readonly<Partial<Record<ExceptionRecord["recordType"], string>>> = {
  order: "orders",
  customer: "customers",
};

/** The Merchant Center's own addresses begin at its root, in whatever Region it is opened. */
function linksOf(
  { recordType, recordId, ifsOrderNo }: ExceptionRecord,
  projectKey: string,
  template: string | undefined,
): ListedException["links"] {
  const page = pages[recordType];
  return {
    merchantCenter: page ? `/${encodeURIComponent(projectKey)}/${page}/${encodeURIComponent(recordId)}/general` : null,
    ifs: template && ifsOrderNo ? template.replaceAll("{orderNo}", encodeURIComponent(ifsOrderNo)) : null,
  };
}
