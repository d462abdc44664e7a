import { PredicateSyntaxError, type Token, tokenize } from "./predicate-lexer.ts";

export type Operand = { kind: "literal"; value: string | number | boolean } | { kind: "variable"; name: string };
export type CompareOperator = "=" | "!=" | "<" | ">" | "<=" | ">=";

export type Predicate =
  | { kind: "and" | "or"; left: Predicate; right: Predicate }
  | { kind: "not"; inner: Predicate }
  | { kind: "compare"; field: string; operator: CompareOperator; operand: Operand }
  | { kind: "in"; field: string; negated: boolean; operands: Operand[] }
  | { kind: "contains"; field: string; every: boolean; operands: Operand[] }
  | { kind: "defined"; field: string; negated: boolean }
  | { kind: "empty"; field: string; negated: boolean }
  | { kind: "nested"; field: string; inner: Predicate }
  | { kind: "always" };

type Cursor = { tokens: Token[]; index: number };

/** Parses a query predicate, for example `sku in ("a", :b) and supplyChannel(id="…") and custom is not defined`. */
export function parsePredicate(source: string): Predicate {
  const cursor: Cursor = { tokens: tokenize(source), index: 0 };
  const predicate = parseOr(cursor);
  const rest = peek(cursor);
  if (rest.kind !== "end") throw unexpected(rest);
  return predicate;
}

function parseOr(cursor: Cursor): Predicate {
  let left = parseAnd(cursor);
  while (takeWord(cursor, "or")) left = { kind: "or", left, right: parseAnd(cursor) };
  return left;
}

function parseAnd(cursor: Cursor): Predicate {
  let left = parseTerm(cursor);
  while (takeWord(cursor, "and")) left = { kind: "and", left, right: parseTerm(cursor) };
  return left;
}

function parseTerm(cursor: Cursor): Predicate {
  if (takeSign(cursor, "(")) {
    const inner = parseOr(cursor);
    needSign(cursor, ")");
    return inner;
  }
  const token = next(cursor);
  if (token.kind === "number") return parseAlways(cursor, token.value);
  if (token.kind !== "name") throw unexpected(token);
  if (!token.quoted && token.text === "not") return { kind: "not", inner: parseTerm(cursor) };
  return parseField(cursor, token.text);
}

/** `1 = 1`, which merchants write for "always". */
function parseAlways(cursor: Cursor, left: number): Predicate {
  needSign(cursor, "=");
  const right = next(cursor);
  if (right.kind !== "number" || right.value !== left) throw unexpected(right);
  return { kind: "always" };
}

function parseField(cursor: Cursor, field: string): Predicate {
  const token = next(cursor);
  if (token.kind === "sign") return parseSigned(cursor, field, token);
  if (token.kind !== "name") throw unexpected(token);
  switch (token.text) {
    case "in":
      return { kind: "in", field, negated: false, operands: parseOperands(cursor) };
    case "not":
      needWord(cursor, "in");
      return { kind: "in", field, negated: true, operands: parseOperands(cursor) };
    case "contains":
      return parseContains(cursor, field);
    case "is":
      return parseIs(cursor, field);
    default:
      throw unexpected(token);
  }
}

function parseSigned(cursor: Cursor, field: string, token: Token & { kind: "sign" }): Predicate {
  if (token.text === "(") {
    const inner = parseOr(cursor);
    needSign(cursor, ")");
    return { kind: "nested", field, inner };
  }
  const operator = token.text === "<>" ? "!=" : token.text;
  if (!["=", "!=", "<", ">", "<=", ">="].includes(operator)) throw unexpected(token);
  return { kind: "compare", field, operator: operator as CompareOperator, operand: parseOperand(cursor) };
}

function parseContains(cursor: Cursor, field: string): Predicate {
  const how = next(cursor);
  if (how.kind !== "name" || (how.text !== "any" && how.text !== "all")) throw unexpected(how);
  return { kind: "contains", field, every: how.text === "all", operands: parseOperands(cursor) };
}

function parseIs(cursor: Cursor, field: string): Predicate {
  const negated = takeWord(cursor, "not");
  const what = next(cursor);
  if (what.kind === "name" && what.text === "defined") return { kind: "defined", field, negated };
  if (what.kind === "name" && what.text === "empty") return { kind: "empty", field, negated };
  throw unexpected(what);
}

/** `("a", "b")`, or one variable that may carry several values. */
function parseOperands(cursor: Cursor): Operand[] {
  if (!takeSign(cursor, "(")) {
    const lone = peek(cursor);
    if (lone.kind !== "variable") throw unexpected(lone);
    return [parseOperand(cursor)];
  }
  const operands = [parseOperand(cursor)];
  while (takeSign(cursor, ",")) operands.push(parseOperand(cursor));
  needSign(cursor, ")");
  return operands;
}

function parseOperand(cursor: Cursor): Operand {
  const token = next(cursor);
  if (token.kind === "string") return { kind: "literal", value: token.text };
  if (token.kind === "number") return { kind: "literal", value: token.value };
  if (token.kind === "variable") return { kind: "variable", name: token.name };
  if (token.kind === "name" && !token.quoted && (token.text === "true" || token.text === "false")) {
    return { kind: "literal", value: token.text === "true" };
  }
  throw unexpected(token);
}

function peek(cursor: Cursor): Token {
  return cursor.tokens[cursor.index] ?? { kind: "end", at: 0 };
}

function next(cursor: Cursor): Token {
  const token = peek(cursor);
  cursor.index += 1;
  return token;
}

function takeWord(cursor: Cursor, word: string): boolean {
  const token = peek(cursor);
  if (token.kind !== "name" || token.quoted || token.text !== word) return false;
  cursor.index += 1;
  return true;
}

function needWord(cursor: Cursor, word: string): void {
  if (!takeWord(cursor, word)) throw unexpected(peek(cursor));
}

function takeSign(cursor: Cursor, sign: string): boolean {
  const token = peek(cursor);
  if (token.kind !== "sign" || token.text !== sign) return false;
  cursor.index += 1;
  return true;
}

function needSign(cursor: Cursor, sign: string): void {
  if (!takeSign(cursor, sign)) throw unexpected(peek(cursor));
}

function unexpected(token: Token): PredicateSyntaxError {
  const what = token.kind === "end" ? "end of input" : "symbol";
  return new PredicateSyntaxError(`unexpected ${what} at position ${token.at}`);
}
