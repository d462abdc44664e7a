import { malformed, notImplemented } from "../errors.ts";
import { type Token, tokenize } from "./lexer.ts";

export type Literal =
  | { kind: "literal"; type: "string" | "number" | "date" | "timestamp"; value: string }
  | { kind: "literal"; type: "boolean"; value: boolean }
  | { kind: "literal"; type: "null" }
  | { kind: "literal"; type: "enum"; enumType: string; value: string };

export type Comparison = "eq" | "ne" | "gt" | "ge" | "lt" | "le";

export type Expression =
  | Literal
  | { kind: "property"; path: string }
  | { kind: "call"; name: string; args: Expression[] }
  | { kind: "not"; operand: Expression }
  | { kind: "logic"; op: "and" | "or"; left: Expression; right: Expression }
  | { kind: "compare"; op: Comparison; left: Expression; right: Expression }
  | { kind: "arithmetic"; op: "add" | "sub" | "mul" | "div"; left: Expression; right: Expression }
  | { kind: "in"; left: Expression; items: Literal[] };

/** A higher rank binds tighter, as OData orders its operators. */
const ranks: Record<string, number> = {
  or: 1,
  and: 2,
  eq: 3,
  ne: 3,
  has: 4,
  in: 4,
  gt: 4,
  ge: 4,
  lt: 4,
  le: 4,
  add: 5,
  sub: 5,
  mul: 6,
  div: 6,
  mod: 6,
};

type Reader = { tokens: Token[]; at: number };

/** Parses a decoded `$filter` text. Throws "Malformed Request." or, for what the provider leaves out, "Not implemented." */
export function parseExpression(text: string): Expression {
  const reader: Reader = { tokens: tokenize(text), at: 0 };
  const expression = parseRank(reader, 1);
  const rest = reader.tokens[reader.at];
  if (rest) throw malformed(`The expression is not complete before '${show(rest)}'.`);
  return expression;
}

function parseRank(reader: Reader, rank: number): Expression {
  let left = parseOperand(reader);
  for (;;) {
    const op = operatorAt(reader);
    const own = op === undefined ? undefined : ranks[op];
    if (op === undefined || own === undefined || own < rank) return left;
    reader.at += 1;
    left =
      op === "in" ? { kind: "in", left, items: parseItems(reader) } : combine(op, left, parseRank(reader, own + 1));
  }
}

function operatorAt(reader: Reader): string | undefined {
  const token = reader.tokens[reader.at];
  return token?.kind === "word" && token.text in ranks ? token.text : undefined;
}

function combine(op: string, left: Expression, right: Expression): Expression {
  switch (op) {
    case "and":
    case "or":
      return { kind: "logic", op, left, right };
    case "eq":
    case "ne":
    case "gt":
    case "ge":
    case "lt":
    case "le":
      return { kind: "compare", op, left, right };
    case "add":
    case "sub":
    case "mul":
    case "div":
      return { kind: "arithmetic", op, left, right };
    default:
      throw notImplemented(`The operator '${op}' is not supported.`);
  }
}

function parseOperand(reader: Reader): Expression {
  const token = reader.tokens[reader.at];
  reader.at += 1;
  if (!token) throw malformed("The expression ends too early.");
  if (token.kind === "symbol") {
    if (token.text !== "(") throw malformed(`The expression has an unexpected '${token.text}'.`);
    const inner = parseRank(reader, 1);
    expect(reader, ")");
    return inner;
  }
  return token.kind === "word" ? parseWord(reader, token.text) : literalOf(token);
}

function parseWord(reader: Reader, text: string): Expression {
  if (text === "not") return { kind: "not", operand: parseOperand(reader) };
  if (text === "true" || text === "false") return { kind: "literal", type: "boolean", value: text === "true" };
  if (text === "null") return { kind: "literal", type: "null" };
  if (!isSymbol(reader, "(")) return { kind: "property", path: text };
  if (/\/(any|all)$/.test(text)) throw notImplemented("Lambda operators are not supported.");
  reader.at += 1;
  return { kind: "call", name: text, args: parseArguments(reader) };
}

function parseArguments(reader: Reader): Expression[] {
  const args: Expression[] = [];
  if (isSymbol(reader, ")")) {
    reader.at += 1;
    return args;
  }
  for (;;) {
    args.push(parseRank(reader, 1));
    if (isSymbol(reader, ",")) {
      reader.at += 1;
      continue;
    }
    expect(reader, ")");
    return args;
  }
}

function parseItems(reader: Reader): Literal[] {
  expect(reader, "(");
  return parseArguments(reader).map((item) => {
    if (item.kind !== "literal") throw malformed("The operator 'in' takes literals.");
    return item;
  });
}

function literalOf(token: Exclude<Token, { kind: "symbol" | "word" }>): Literal {
  if (token.kind === "enum") return { kind: "literal", type: "enum", enumType: token.type, value: token.member };
  return { kind: "literal", type: token.kind, value: token.value };
}

function isSymbol(reader: Reader, text: string): boolean {
  const token = reader.tokens[reader.at];
  return token?.kind === "symbol" && token.text === text;
}

function expect(reader: Reader, text: string) {
  if (!isSymbol(reader, text)) throw malformed(`The expression lacks a '${text}'.`);
  reader.at += 1;
}

function show(token: Token): string {
  return "text" in token ? token.text : "value" in token ? token.value : token.member;
}

/** One literal alone, as in a key or a function's parameter: `'X'`, `1`, `IfsApp.P.Type'Member'`, `2026-01-02`. */
export function parseLiteral(text: string): Literal {
  const expression = parseExpression(text);
  if (expression.kind !== "literal") throw malformed(`'${text}' is not a literal.`);
  return expression;
}
