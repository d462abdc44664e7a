/**
 * Expressions of the merchant's mapping: CEL, compiled and type-checked before they are used, without access to anything but
 * the views of order-view.ts. Why CEL, and what is left out of it: docs/adr/0006-expressions-in-the-mapping.md.
 */
import { type ASTNode, Environment, type TypeCheckResult } from "@marcbachmann/cel-js";
import { err, ok, type Result } from "../../domain/result.ts";
import { addressFields, chargeFields, lineFields, orderFields, paymentFields, type Views } from "./order-view.ts";

export type Scope = "header" | "line" | "charge";

/** What an expression gives, as far as it is known before: `any` for values that only the order decides, as custom fields. */
export type ResultType = "text" | "wholeNumber" | "boolean" | "timestamp" | "any";

export type Expression = {
  readonly type: ResultType;
  /** A text, a bigint, a boolean, a Date; anything else is for the caller to refuse. Throws where a value is missing or does not fit. */
  readonly evaluate: (views: Views) => unknown;
};

const limits = { maxAstNodes: 200, maxDepth: 30, maxListElements: 50, maxMapEntries: 20, maxCallArguments: 8 };

const base = new Environment({ limits })
  .registerType({ name: "Address", schema: addressFields })
  .registerType({ name: "Payment", schema: paymentFields })
  .registerType({ name: "Line", schema: lineFields })
  .registerType({ name: "Charge", schema: chargeFields })
  .registerVariable({ name: "order", schema: orderFields });
const environments: Readonly<Record<Scope, Environment>> = {
  header: base.clone(),
  line: base.clone().registerVariable("line", "Line"),
  charge: base.clone().registerVariable("charge", "Charge"),
};

/** The expression, or in words why it is none. */
export function compileExpression(text: string, scope: Scope): Result<Expression, string> {
  const environment = environments[scope];
  const checked: TypeCheckResult = environment.check(text);
  if (!checked.valid) return err(firstLine(checked.error?.message));
  const type = resultTypes[String(checked.type)];
  if (type === undefined)
    return err(`it gives ${String(checked.type)}, not a text, whole number, boolean or timestamp`);
  const parsed = environment.parse(text);
  const refused = whatIsRefused(parsed.ast);
  if (refused !== undefined) return err(refused);
  return ok({ type, evaluate: (views) => parsed(views) });
}

const resultTypes: Readonly<Record<string, ResultType>> = {
  string: "text",
  int: "wholeNumber",
  uint: "wholeNumber",
  bool: "boolean",
  "google.protobuf.Timestamp": "timestamp",
  dyn: "any",
};

/** The message of the library without its picture of the text. */
export const firstLine = (message: string | undefined): string => (message ?? "not understood").split("\n")[0] ?? "";

/**
 * Functions that make money a float, whose cost grows without bound, or that make large texts out of small ones. `matches` runs
 * on a backtracking engine; `bind` and `split` would let an expression double its own result again and again.
 */
const refusedCalls: Readonly<Record<string, string>> = {
  double: "amounts are exact decimals and never become floating-point numbers",
  matches: "regular expressions have no bound on their cost; use startsWith, endsWith, contains",
  bind: "values cannot be bound to a name",
  split: "texts cannot be split",
  bytes: "bytes are no value of an order",
  json: "bytes are no value of an order",
};
const comprehensions = new Set(["map", "filter", "all", "exists", "exists_one"]);

function whatIsRefused(root: ASTNode): string | undefined {
  const calls = nodesOf(root).flatMap((node) =>
    node.op === "call" || node.op === "rcall" ? [String(node.args[0])] : [],
  );
  const refused = calls.find((name) => Object.hasOwn(refusedCalls, name));
  if (refused !== undefined) return `${refused}() is not available: ${refusedCalls[refused]}`;
  if (calls.filter((name) => comprehensions.has(name)).length > 2) {
    return "at most two of map, filter, all, exists and exists_one in one expression";
  }
  if (nodesOf(root).some((node) => node.op === "value" && typeof node.args === "number")) {
    return "a number with decimals is written as a text, because amounts never become floating-point numbers";
  }
  const indexed = nodesOf(root).some((node) => node.op === "[]" && isWholeNumber(node.args[1]));
  return indexed ? "list items are not taken by position; use exists, filter or map" : undefined;
}

const isWholeNumber = (node: ASTNode): boolean => node.op === "value" && typeof node.args === "bigint";

function nodesOf(node: ASTNode): ASTNode[] {
  const nodes: ASTNode[] = [node];
  for (const current of nodes) nodes.push(...childrenOf(current.args));
  return nodes;
}

function childrenOf(args: unknown): ASTNode[] {
  if (isNode(args)) return [args];
  return Array.isArray(args) ? args.flatMap(childrenOf) : [];
}

const isNode = (value: unknown): value is ASTNode => typeof value === "object" && value !== null && "op" in value;
