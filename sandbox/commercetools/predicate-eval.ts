import { invalidInput } from "./errors.ts";
import { type Doc, isDoc } from "./json.ts";
import type { CompareOperator, Operand, Predicate } from "./predicate-parser.ts";

export type Variables = Record<string, string[]>;

export type EvalOptions = {
  variables?: Variables;
  /** Whether `field != "x"` holds for a missing field. */
  notEqualMatchesMissing: boolean;
  /** Called when a compared field is missing; an Extension's condition fails then. */
  onMissing?: (field: string) => void;
};

type Scalar = string | number | boolean;
type Test = (value: Doc) => boolean;

/** Turns a predicate into a test. Operands are resolved once; a variable that was not sent is a 400. */
export function compilePredicate(predicate: Predicate, options: EvalOptions): Test {
  switch (predicate.kind) {
    case "always":
      return () => true;
    case "and":
    case "or":
      return compileJunction(predicate, options);
    case "not": {
      const inner = compilePredicate(predicate.inner, options);
      return (value) => !inner(value);
    }
    case "nested":
      return compileNested(predicate.field, compilePredicate(predicate.inner, options), options);
    case "compare":
      return compileCompare(predicate, options);
    case "in":
      return compileIn(predicate, options);
    case "contains":
      return compileContains(predicate, options);
    case "defined":
      return (value) => isMissing(value[predicate.field]) === predicate.negated;
    case "empty":
      return (value) => isEmpty(value[predicate.field]) !== predicate.negated;
  }
}

function compileJunction(predicate: Predicate & { kind: "and" | "or" }, options: EvalOptions): Test {
  const left = compilePredicate(predicate.left, options);
  const right = compilePredicate(predicate.right, options);
  return predicate.kind === "and" ? (value) => left(value) && right(value) : (value) => left(value) || right(value);
}

function compileNested(field: string, inner: Test, options: EvalOptions): Test {
  return (value) => {
    const found = value[field];
    if (isMissing(found)) options.onMissing?.(field);
    if (Array.isArray(found)) return found.some((item) => isDoc(item) && inner(item));
    return isDoc(found) && inner(found);
  };
}

function compileCompare(predicate: Predicate & { kind: "compare" }, options: EvalOptions): Test {
  const wanted = resolve(predicate.operand, options.variables);
  if (wanted.length !== 1)
    throw invalidInput(`Malformed parameter: where: one value is needed for '${predicate.field}'.`);
  const right = normal(wanted[0] as Scalar);
  const { field, operator } = predicate;
  return (value) => {
    const left = value[field];
    if (isMissing(left)) {
      options.onMissing?.(field);
      return operator === "!=" && options.notEqualMatchesMissing;
    }
    // An array matches when one of its elements does, as with `roles = "OrderExport"`.
    if (Array.isArray(left)) return left.some((item) => compare(item, operator, right));
    return compare(left, operator, right);
  };
}

function compileIn(predicate: Predicate & { kind: "in" }, options: EvalOptions): Test {
  const wanted = new Set(predicate.operands.flatMap((operand) => resolve(operand, options.variables)).map(normal));
  const { field, negated } = predicate;
  return (value) => {
    const left = value[field];
    if (isMissing(left)) {
      options.onMissing?.(field);
      return false;
    }
    const list = Array.isArray(left) ? left : [left];
    return list.some((item) => wanted.has(normal(item)) || wanted.has(String(item))) !== negated;
  };
}

function compileContains(predicate: Predicate & { kind: "contains" }, options: EvalOptions): Test {
  const wanted = predicate.operands.flatMap((operand) => resolve(operand, options.variables)).map(normal);
  const { field, every } = predicate;
  return (value) => {
    const left = value[field];
    if (!Array.isArray(left)) return false;
    const holds = (item: Scalar) => left.some((element) => compare(element, "=", item));
    return every ? wanted.every(holds) : wanted.some(holds);
  };
}

export function resolve(operand: Operand, variables: Variables = {}): Scalar[] {
  if (operand.kind === "literal") return [operand.value];
  const values = variables[operand.name];
  if (!values) throw invalidInput(`Malformed parameter: where: no value given for the variable ':${operand.name}'.`);
  return values;
}

function compare(left: unknown, operator: CompareOperator, right: Scalar): boolean {
  const a = normal(left);
  const b = alike(a, right);
  if (operator === "=") return a === b;
  if (operator === "!=") return a !== b;
  if (typeof a !== typeof b || (typeof a !== "string" && typeof a !== "number")) return false;
  return order(a, operator, b as string | number);
}

function order(a: string | number, operator: CompareOperator, b: string | number): boolean {
  if (operator === "<") return a < b;
  if (operator === ">") return a > b;
  return operator === "<=" ? a <= b : a >= b;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;
const STAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Instants compare by time, whatever their spelling. */
export function normal<T>(value: T): T | string {
  // Stamps of the platform are spelled as they compare: reading them as dates would make windows of time slow.
  if (typeof value !== "string" || STAMP.test(value) || !INSTANT.test(value)) return value;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? value : new Date(ms).toISOString();
}

/** Variables arrive as text; they take the type of the field they are compared with. */
function alike(left: unknown, right: unknown): unknown {
  if (typeof right !== "string") return right;
  if (typeof left === "number" && right.trim() !== "" && Number.isFinite(Number(right))) return Number(right);
  if (typeof left === "boolean" && (right === "true" || right === "false")) return right === "true";
  return right;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isEmpty(value: unknown): boolean {
  return isMissing(value) || (Array.isArray(value) && value.length === 0);
}
