import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument, type YAMLError } from "yaml";
import type { z } from "zod";
import { type ConnectorConfig, connectorConfigSchema } from "../domain/config.ts";
import { configInconsistencies } from "../domain/config-findings.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { customerFieldFindings } from "../flows/customer-sync/view.ts";
import { mappingFindings } from "../flows/order-export/check-mapping.ts";
import { resolveBinding } from "../ifs/binding.ts";
import { objectDefaults } from "../ifs/binding-defaults.ts";
import { configurationJsonSchema, schemaAt } from "./json-schema.ts";
import { formatPath, parsePath, type Segment } from "./path.ts";

/** Something that a person must change before the document can be pushed. */
export type Finding = {
  /** "routes[0].site"; empty for the document as a whole. */
  readonly path: string;
  /** What is wrong and what is expected. */
  readonly message: string;
  /** From 1; absent where the text gives no position. */
  readonly line?: number;
  readonly column?: number;
};

/**
 * Reads a configuration written in YAML (or JSON, which is YAML). All findings are returned together, in the order of the
 * text. A document that is not YAML at all has only findings about that.
 */
export function parseConfiguration(text: string): Result<ConnectorConfig, Finding[]> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  if (document.errors.length > 0) return err(document.errors.map(syntaxFinding));
  const plain = toPlain(document);
  if (!plain.ok) return plain;
  const parsed = connectorConfigSchema.safeParse(plain.value);
  if (!parsed.success) {
    return err(inTextOrder(parsed.error.issues.flatMap((issue) => issueFindings(issue, document, lines))));
  }
  const binding = resolveBinding(parsed.data.ifs.binding);
  const wrongNames = binding.ok
    ? []
    : binding.error.map((one) => ({ ...one, path: ["ifs.binding", one.path].filter(Boolean).join(".") }));
  const { order, orderLine, orderCharge, customer } = binding.ok ? binding.value : objectDefaults;
  const wrongMappings = mappingFindings(parsed.data, {
    header: order.fields,
    line: orderLine.fields,
    charge: orderCharge.fields,
  });
  const wrongPaths = customerFieldFindings(parsed.data, customer.fields);
  const findings = [...configInconsistencies(parsed.data), ...wrongNames, ...wrongMappings, ...wrongPaths].map(
    ({ path, message }) => ({
      path,
      message,
      ...positionOf(document, lines, parsePath(path)),
    }),
  );
  return findings.length > 0 ? err(inTextOrder(findings)) : ok(parsed.data);
}

/** Aliases are followed here: one without anchor, or a tree of them that would explode, is a finding like any other. */
function toPlain(document: Document): Result<unknown, Finding[]> {
  try {
    return ok(document.toJS({ maxAliasCount: 100 }));
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    return err([{ path: "", message: `not readable as YAML: ${error.message}` }]);
  }
}

/** "configuration.yaml:12:5: routes[0].site: site "99" is not listed under sites". */
export function formatFinding(file: string, { path, message, line, column }: Finding): string {
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  return `${place}: ${path === "" ? "" : `${path}: `}${message}`;
}

function syntaxFinding({ message, linePos }: YAMLError): Finding {
  const [start] = linePos ?? [];
  // The library appends the position and a picture of the text; the position is in the finding already.
  const sentence = message.split(" at line ")[0] ?? message;
  return {
    path: "",
    message: `not readable as YAML: ${sentence}`,
    ...(start && { line: start.line, column: start.col }),
  };
}

function issueFindings(issue: z.core.$ZodIssue, document: Document, lines: LineCounter): Finding[] {
  const path = issue.path.map((segment) => (typeof segment === "number" ? segment : String(segment)));
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: formatPath([...path, key]),
      message: unknownKey(key, path),
      ...positionOf(document, lines, [...path, key]),
    }));
  }
  const given = nodeAt(document, path);
  const message = given === undefined ? missing(path) : `${issue.message}${quotingHint(issue, given)}${meaning(path)}`;
  return [{ path: formatPath(path), message, ...positionOf(document, lines, path) }];
}

function missing(path: readonly Segment[]): string {
  return `is missing and has no default${meaning(path)}`;
}

/** What the setting is for, from the schema. */
function meaning(path: readonly Segment[]): string {
  const node = schemaAt(configurationJsonSchema(), path);
  return node?.description ? ` (${node.description})` : "";
}

/** ERP numbers look like numbers to YAML, and a leading zero would be lost: site 01 is the text "01". */
function quotingHint(issue: z.core.$ZodIssue, given: Node): string {
  if (issue.code !== "invalid_type" || issue.expected !== "string" || !isScalar(given)) return "";
  return `: write it in quotes, "${given.source ?? String(given.value)}"`;
}

function unknownKey(key: string, path: readonly Segment[]): string {
  const known = Object.keys(schemaAt(configurationJsonSchema(), path)?.properties ?? {});
  const near = known.find((name) => distance(name.toLowerCase(), key.toLowerCase()) <= 2);
  const hint = near ? `did you mean "${near}"?` : `known here: ${known.join(", ")}`;
  return `there is no such setting; ${hint}`;
}

/** Edit distance (insert, delete, replace), enough for spelling mistakes in names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function nodeAt(document: Document, path: readonly Segment[]): Node | undefined {
  if (path.length === 0) return document.contents ?? undefined;
  const node = document.getIn(path, true);
  return isNode(node) ? node : undefined;
}

/** Position of the setting's name where it has one, else of the nearest thing around it. */
function positionOf(
  document: Document,
  lines: LineCounter,
  path: readonly Segment[],
): { line?: number; column?: number } {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const offset = nameOffset(document, path.slice(0, depth)) ?? nodeAt(document, path.slice(0, depth))?.range?.[0];
    if (offset !== undefined) {
      const { line, col } = lines.linePos(offset);
      return { line, column: col };
    }
  }
  return {};
}

function nameOffset(document: Document, path: readonly Segment[]): number | undefined {
  const last = path.at(-1);
  const parent = nodeAt(document, path.slice(0, -1));
  if (last === undefined || !isMap(parent)) return undefined;
  const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last));
  return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
}

const inTextOrder = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
