import { Decimal } from "../decimal.ts";
import { malformed, notImplemented } from "../errors.ts";
import type { Kind, Scalar } from "../schema.ts";
import type { Row } from "../store.ts";
import { utcTimestamp } from "../time.ts";
import type { World } from "../world.ts";
import type { Comparison, Expression, Literal } from "./expression.ts";
import { compileCall } from "./filter-functions.ts";
import type { Operand } from "./operand.ts";
import { readerOf, type View } from "./view.ts";

/** True, false or (with a NULL in it) neither. */
export type Truth = boolean | null;

export type FilterScope = { view: View; world: World; aware: boolean };

/** Turns a filter into a test of one row. Throws "Malformed Request." for unknown properties and types that do not fit. */
export function compileFilter(expression: Expression, scope: FilterScope): (row: Row) => Truth {
  switch (expression.kind) {
    case "logic":
      return logic(expression.op, compileFilter(expression.left, scope), compileFilter(expression.right, scope));
    case "not": {
      const inner = compileFilter(expression.operand, scope);
      return (row) => {
        const truth = inner(row);
        return truth === null ? null : !truth;
      };
    }
    case "compare":
      return comparison(
        expression.op,
        compileOperand(expression.left, scope),
        compileOperand(expression.right, scope),
        scope,
      );
    case "in":
      return membership(expression.left, expression.items, scope);
    default: {
      const operand = compileOperand(expression, scope);
      if (operand.kind !== "bool") throw malformed("The filter is not a boolean expression.");
      return (row) => operand.read(row) as Truth;
    }
  }
}

function logic(op: "and" | "or", left: (row: Row) => Truth, right: (row: Row) => Truth): (row: Row) => Truth {
  const decisive = op === "or";
  return (row) => {
    const first = left(row);
    if (first === decisive) return decisive;
    const second = right(row);
    if (second === decisive) return decisive;
    return first === null || second === null ? null : !decisive;
  };
}

function membership(left: Expression, items: Literal[], scope: FilterScope): (row: Row) => Truth {
  if (scope.world.settings.inOperator === "refuse") throw notImplemented("The operator 'in' is not supported.");
  const tests = items.map((item) => comparison("eq", compileOperand(left, scope), compileOperand(item, scope), scope));
  return tests.reduce(
    (all, next) => logic("or", all, next),
    () => false as Truth,
  );
}

export function compileOperand(expression: Expression, scope: FilterScope): Operand {
  switch (expression.kind) {
    case "literal":
      return literal(expression, scope);
    case "property":
      return property(expression.path, scope);
    case "call":
      return compileCall(
        expression.name,
        expression.args.map((arg) => compileOperand(arg, scope)),
      );
    case "arithmetic":
      return arithmetic(expression.op, compileOperand(expression.left, scope), compileOperand(expression.right, scope));
    default: {
      const test = compileFilter(expression, scope);
      return { kind: "bool", literal: false, read: test };
    }
  }
}

const literalKinds = { string: "str", number: "num", date: "date", timestamp: "ts", boolean: "bool" } as const;

function literal(expression: Literal, scope: FilterScope): Operand {
  switch (expression.type) {
    case "null":
      return { kind: undefined, literal: true, read: () => null };
    case "enum":
      return enumLiteral(expression.enumType, expression.value, scope);
    case "timestamp": {
      const ms = Date.parse(expression.value);
      if (Number.isNaN(ms)) throw malformed(`'${expression.value}' is no time.`);
      const digits = utcTimestamp(ms);
      return { kind: "ts", literal: true, read: () => digits };
    }
    default: {
      const { value } = expression;
      if (scope.world.settings.refusedFilterValues.includes(String(value))) {
        throw malformed(`The value '${value}', used in a query expression, is not accepted.`);
      }
      return { kind: literalKinds[expression.type], literal: true, read: () => value };
    }
  }
}

function enumLiteral(enumType: string, member: string, scope: FilterScope): Operand {
  const prefix = `IfsApp.${scope.view.projection}.`;
  if (!enumType.startsWith(prefix)) throw malformed(`The type '${enumType}' is not defined in this projection.`);
  const enumName = enumType.slice(prefix.length);
  const stored = scope.world.storedMember(enumName, member);
  if (stored === undefined) throw malformed(`The enumeration '${enumType}' has no member '${member}'.`);
  return { kind: "enum", enumName, literal: true, read: () => stored };
}

function property(path: string, scope: FilterScope): Operand {
  const column = scope.view.columns.get(path);
  if (!column) {
    const type = `IfsApp.${scope.view.projection}.${scope.view.def.entity}`;
    throw malformed(`The property '${path}', used in a query expression, is not defined in type '${type}'.`);
  }
  return {
    kind: column.kind,
    enumName: column.enumName,
    literal: false,
    read: readerOf(scope.view, column, scope.world, scope.aware),
  };
}

function arithmetic(op: "add" | "sub" | "mul" | "div", left: Operand, right: Operand): Operand {
  if (left.kind !== "num" || right.kind !== "num") throw malformed(`The operator '${op}' needs numbers.`);
  return {
    kind: "num",
    literal: left.literal && right.literal,
    read(row) {
      const a = left.read(row);
      const b = right.read(row);
      if (a === null || b === null) return null;
      return new Decimal(a as string)[op](b as string).toFixed();
    },
  };
}

function comparison(op: Comparison, left: Operand, right: Operand, scope: FilterScope): (row: Row) => Truth {
  const plain = memberOfText(left, right, scope);
  if (plain) return comparison(op, left, plain, scope);
  requireComparable(left, right);
  const kind = left.kind ?? right.kind ?? "str";
  const { read: a } = left;
  const { read: b } = right;
  if (left.kind === undefined || right.kind === undefined) return nullTest(op, a, b);
  const nulls = scope.world.settings.nullComparison;
  return (row) => {
    const x = a(row);
    const y = b(row);
    if (x === null || y === null) return nulls === "sql" ? null : holdsWithNull(op, x === y);
    return holds(op, compareScalars(kind, x, y));
  };
}

/** A text beside an enumeration as its member, where the tenant takes that. */
function memberOfText(left: Operand, right: Operand, scope: FilterScope): Operand | undefined {
  const isPlain = left.kind === "enum" && right.kind === "str" && right.literal;
  if (!isPlain || scope.world.settings.enumAsText === "refuse") return undefined;
  const enumName = left.enumName ?? "";
  const stored = scope.world.storedMember(enumName, String(right.read({ values: {}, objid: "", objversion: "" })));
  if (stored === undefined) throw malformed(`The enumeration '${enumName}' has no such member.`);
  return { kind: "enum", enumName, literal: true, read: () => stored };
}

function requireComparable(left: Operand, right: Operand) {
  const same = left.kind === right.kind && left.enumName === right.enumName;
  if (same || left.kind === undefined || right.kind === undefined) return;
  throw malformed(`The types '${typeName(left)}' and '${typeName(right)}' are not compatible.`);
}

const edmNames: Record<Exclude<Kind, "enum">, string> = {
  str: "Edm.String",
  num: "Edm.Decimal",
  bool: "Edm.Boolean",
  date: "Edm.Date",
  ts: "Edm.DateTimeOffset",
};

function typeName(operand: Operand): string {
  if (operand.kind === undefined) return "null";
  return operand.kind === "enum" ? (operand.enumName ?? "enum") : edmNames[operand.kind];
}

/** `eq null` and `ne null` ask for absence whatever the setting says. */
function nullTest(op: Comparison, a: (row: Row) => Scalar, b: (row: Row) => Scalar): (row: Row) => Truth {
  if (op !== "eq" && op !== "ne") return () => null;
  return (row) => (a(row) === b(row)) === (op === "eq");
}

function holdsWithNull(op: Comparison, bothNull: boolean): Truth {
  if (op === "eq") return bothNull;
  return op === "ne" ? !bothNull : false;
}

function holds(op: Comparison, order: number): boolean {
  switch (op) {
    case "eq":
      return order === 0;
    case "ne":
      return order !== 0;
    case "gt":
      return order > 0;
    case "ge":
      return order >= 0;
    case "lt":
      return order < 0;
    case "le":
      return order <= 0;
  }
}

export function compareScalars(kind: Kind, a: Scalar, b: Scalar): number {
  if (a === b) return 0;
  if (kind === "num") return compareNumbers(a as string, b as string);
  if (kind === "bool") return Number(a) - Number(b);
  return (a as string) < (b as string) ? -1 : 1;
}

/**
 * Decimal texts of up to 15 characters keep their order as doubles, so a scan of many rows need not build a Decimal for
 * each; nothing is computed with the doubles.
 */
function compareNumbers(a: string, b: string): number {
  if (a.length <= 15 && b.length <= 15) return Number(a) - Number(b);
  return new Decimal(a).cmp(b);
}
