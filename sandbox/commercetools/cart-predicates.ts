import { refuse } from "./errors.ts";
import { type Doc, valuesAt } from "./json.ts";
import { fractionDigits } from "./money.ts";
import { PredicateSyntaxError, type Token, tokenize } from "./predicate-lexer.ts";

/**
 * The predicates of discounts, another language than query predicates: dotted paths, money literals (`"10.00 EUR"`), and
 * `lineItemCount(…)`, `lineItemTotal(…)`, `lineItemExists(…)` over the lines.
 */
export type Subject = { fields: Doc; lines: { fields: Doc; quantity: number; cents: number }[]; currency: string };
export type DiscountTest = (subject: Subject) => boolean;

type Cursor = { tokens: Token[]; index: number };
type Operand = (subject: Subject) => unknown[];

export function parseDiscountPredicate(source: string, field: string): DiscountTest {
  try {
    const cursor = { tokens: tokenize(source), index: 0 };
    const test = parseOr(cursor);
    if (peek(cursor).kind !== "end") throw unexpected(peek(cursor));
    return test;
  } catch (error) {
    if (!(error instanceof PredicateSyntaxError)) throw error;
    throw refuse("InvalidField", `Syntax error in '${field}': ${error.message}.`, { field, invalidValue: source });
  }
}

function parseOr(cursor: Cursor): DiscountTest {
  let left = parseAnd(cursor);
  while (takeName(cursor, "or")) {
    const [a, b] = [left, parseAnd(cursor)];
    left = (subject) => a(subject) || b(subject);
  }
  return left;
}

function parseAnd(cursor: Cursor): DiscountTest {
  let left = parseTerm(cursor);
  while (takeName(cursor, "and")) {
    const [a, b] = [left, parseTerm(cursor)];
    left = (subject) => a(subject) && b(subject);
  }
  return left;
}

function parseTerm(cursor: Cursor): DiscountTest {
  if (takeSign(cursor, "(")) {
    const inner = parseOr(cursor);
    needSign(cursor, ")");
    return inner;
  }
  if (takeName(cursor, "not")) {
    const inner = parseTerm(cursor);
    return (subject) => !inner(subject);
  }
  if (takeName(cursor, "true")) return () => true;
  return parseComparison(cursor);
}

function parseComparison(cursor: Cursor): DiscountTest {
  const start = peek(cursor);
  const left = parseLeft(cursor);
  const token = peek(cursor);
  if (start.kind === "name" && start.text === "lineItemExists" && token.kind !== "sign") return truthy(left);
  if (takeName(cursor, "in")) return isIn(left, parseList(cursor));
  if (takeName(cursor, "contains")) {
    const every = takeName(cursor, "all");
    if (!every && !takeName(cursor, "any")) throw unexpected(peek(cursor));
    return contains(left, parseList(cursor), every);
  }
  if (takeName(cursor, "is")) return parseDefined(cursor, left);
  if (token.kind !== "sign") throw unexpected(token);
  cursor.index += 1;
  return comparison(left, token, literal(cursor));
}

function truthy(left: Operand): DiscountTest {
  return (subject) => left(subject)[0] === true;
}

function isIn(left: Operand, wanted: unknown[]): DiscountTest {
  return (subject) => left(subject).some((value) => wanted.includes(value));
}

function contains(left: Operand, wanted: unknown[], every: boolean): DiscountTest {
  return (subject) => {
    const have = left(subject);
    return every ? wanted.every((value) => have.includes(value)) : wanted.some((value) => have.includes(value));
  };
}

function parseDefined(cursor: Cursor, left: Operand): DiscountTest {
  const negated = takeName(cursor, "not");
  if (!takeName(cursor, "defined")) throw unexpected(peek(cursor));
  return (subject) => left(subject).length > 0 !== negated;
}

function comparison(left: Operand, token: Token & { kind: "sign" }, right: unknown): DiscountTest {
  const operator = token.text === "<>" ? "!=" : token.text;
  if (!["=", "!=", "<", ">", "<=", ">="].includes(operator)) throw unexpected(token);
  return (subject) => {
    const values = left(subject);
    if (operator === "!=") return values.every((value) => value !== comparable(value, right, subject));
    return values.some((value) => holds(value, operator, comparable(value, right, subject)));
  };
}

/** A money literal is compared in minor units of the cart's currency; another currency never matches. */
function comparable(left: unknown, right: unknown, subject: Subject): unknown {
  if (typeof left !== "number" || typeof right !== "string") return right;
  const money = /^(-?\d+(?:\.\d+)?) ([A-Z]{3})$/.exec(right);
  if (!money || money[2] !== subject.currency) return undefined;
  const digits = fractionDigits(subject.currency);
  const [whole = "0", decimals = ""] = (money[1] ?? "0").split(".");
  return Number(whole + decimals.padEnd(digits, "0").slice(0, digits));
}

function holds(left: unknown, operator: string, right: unknown): boolean {
  if (operator === "=") return left === right;
  if (typeof left !== typeof right || (typeof left !== "number" && typeof left !== "string")) return false;
  const other = right as typeof left;
  if (operator === "<") return left < other;
  if (operator === ">") return left > other;
  return operator === "<=" ? left <= other : left >= other;
}

function parseLeft(cursor: Cursor): Operand {
  const token = next(cursor);
  if (token.kind === "number") return () => [token.value];
  if (token.kind !== "name") throw unexpected(token);
  if (["lineItemCount", "lineItemTotal", "lineItemExists"].includes(token.text))
    return parseOverLines(cursor, token.text);
  const path = [token.text];
  while (takeSign(cursor, ".")) {
    const part = next(cursor);
    if (part.kind !== "name") throw unexpected(part);
    path.push(part.text);
  }
  return (subject) => valuesAt(subject.fields, path);
}

function parseOverLines(cursor: Cursor, what: string): Operand {
  needSign(cursor, "(");
  const test = parseOr(cursor);
  needSign(cursor, ")");
  return (subject) => {
    const matching = subject.lines.filter((line) => test({ ...subject, fields: line.fields }));
    if (what === "lineItemExists") return [matching.length > 0];
    const measure = (line: { quantity: number; cents: number }) =>
      what === "lineItemCount" ? line.quantity : line.cents;
    return [matching.reduce((sum, line) => sum + measure(line), 0)];
  };
}

function parseList(cursor: Cursor): unknown[] {
  needSign(cursor, "(");
  const list = [literal(cursor)];
  while (takeSign(cursor, ",")) list.push(literal(cursor));
  needSign(cursor, ")");
  return list;
}

function literal(cursor: Cursor): unknown {
  const token = next(cursor);
  if (token.kind === "string") return token.text;
  if (token.kind === "number") return token.value;
  if (token.kind === "name" && (token.text === "true" || token.text === "false")) return token.text === "true";
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

function takeName(cursor: Cursor, name: string): boolean {
  const token = peek(cursor);
  if (token.kind !== "name" || token.quoted || token.text !== name) return false;
  cursor.index += 1;
  return true;
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
  return new PredicateSyntaxError(
    `unexpected ${token.kind === "end" ? "end of input" : "symbol"} at position ${token.at}`,
  );
}
