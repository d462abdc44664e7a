/** One value of the merchant's mapping: a constant, a field of the views, or an expression; compiled once, read per order. */
import { decimal } from "../../domain/decimal.ts";
import { localDateOf, localTimeOf } from "../../domain/local-date.ts";
import { err, ok, type Result } from "../../domain/result.ts";
import type { MappedValue, ValueType } from "../../domain/route-config.ts";
import { compileExpression, firstLine, type ResultType, type Scope } from "./expression.ts";
import { addressFields, chargeFields, lineFields, orderFields, type View, type Views } from "./order-view.ts";

/** A value as it goes into a body: texts (dates and timestamps too), booleans, exact numbers. Undefined: there is none. */
export type Ready = string | boolean | { readonly decimal: ReturnType<typeof decimal> } | undefined;

export type Compiled = {
  readonly type: ValueType;
  /** What the merchant wrote, for messages. */
  readonly source: string;
  /** The value, or in words why there is none. `timeZone`: of the site. */
  readonly read: (views: Views, timeZone: string) => Result<Ready, string>;
};

/** In words, what keeps the value from being used. `expected`: what the IFS field takes, where that is known. */
export function compileValue(
  value: MappedValue,
  { scope, expected }: { readonly scope: Scope; readonly expected?: ValueType },
): Result<Compiled, string> {
  if (typeof value !== "object") return constantOf(value, expected);
  const source = "field" in value ? value.field : value.expression;
  const raw = "field" in value ? fieldOf(value.field, scope) : expressionOf(value.expression, scope);
  if (!raw.ok) return raw;
  const type = typeOf(raw.value.type, value.type ?? expected);
  if (!type.ok) return type;
  if (expected !== undefined && expected !== type.value)
    return err(`it gives a ${type.value}, the IFS field takes a ${expected}`);
  const { read } = raw.value;
  return ok({
    type: type.value,
    source,
    read: (views, timeZone) => {
      const found = read(views);
      return found.ok ? converted(found.value, type.value, timeZone) : found;
    },
  });
}

function constantOf(value: string | number | boolean, expected: ValueType | undefined): Result<Compiled, string> {
  const type = typeof value === "string" ? (expected ?? "text") : typeof value === "number" ? "number" : "boolean";
  if (expected !== undefined && expected !== type) return err(`it is a ${type}, the IFS field takes a ${expected}`);
  const ready = converted(value, type, "UTC");
  return ready.ok ? ok({ type, source: String(value), read: () => ready }) : ready;
}

type Raw = { readonly type: ResultType; readonly read: (views: Views) => Result<unknown, string> };

function expressionOf(text: string, scope: Scope): Result<Raw, string> {
  const compiled = compileExpression(text, scope);
  if (!compiled.ok) return compiled;
  const { type, evaluate } = compiled.value;
  return ok({ type, read: (views) => attempt(() => evaluate(views)) });
}

/** What a value of the order makes of an expression is a problem of the data, whatever the library calls it. */
function attempt(evaluate: () => unknown): Result<unknown, string> {
  try {
    return ok(evaluate());
  } catch (error) {
    if (error instanceof Error) return err(firstLine(error.message));
    throw error;
  }
}

const fieldsOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  order: orderFields,
  line: lineFields,
  charge: chargeFields,
  Address: addressFields,
};
const fieldTypes: Readonly<Record<string, ResultType>> = {
  string: "text",
  int: "wholeNumber",
  bool: "boolean",
  "list<string>": "text",
  dyn: "any",
};

function fieldOf(path: string, scope: Scope): Result<Raw, string> {
  const [root = "", ...rest] = path.split(".");
  if (root !== "order" && root !== scope) return err(`"${path}" begins with neither order nor ${scope}`);
  let type: string = root;
  for (const name of rest) {
    const custom = type === "map<string, dyn>";
    const known: string | undefined = custom ? "dyn" : own(fieldsOf[type] ?? {}, name);
    if (known === undefined) return err(`"${path}": there is no ${name}`);
    type = known;
  }
  const result = fieldTypes[type];
  return result === undefined
    ? err(`"${path}" is no single value`)
    : ok({ type: result, read: (views) => ok(valueAt(views, [root, ...rest])) });
}

const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

function valueAt(views: Views, path: readonly string[]): unknown {
  let value: unknown = views;
  for (const name of path) {
    value = typeof value === "object" && value !== null ? own(value as View, name) : undefined;
  }
  return value;
}

const fits: Readonly<Record<ResultType, readonly ValueType[]>> = {
  text: ["text", "number", "date", "timestamp"],
  wholeNumber: ["number", "text"],
  boolean: ["boolean"],
  timestamp: ["timestamp", "date"],
  any: ["text", "number", "boolean", "date", "timestamp"],
};

function typeOf(given: ResultType, declared: ValueType | undefined): Result<ValueType, string> {
  const possible = fits[given];
  if (declared !== undefined) {
    return possible.includes(declared) ? ok(declared) : err(`it gives a ${given}, which is no ${declared}`);
  }
  const [first] = possible;
  return given === "any" || first === undefined
    ? err("what it gives only the order decides: say which `type` it has")
    : ok(first);
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const MOMENT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const DECIMAL = /^-?\d{1,40}(\.\d{1,40})?$/;

/** Empty texts, empty lists and what is not there are no value. */
function converted(value: unknown, type: ValueType, timeZone: string): Result<Ready, string> {
  const single = Array.isArray(value) ? value.map(String).join(", ") : value;
  if (single === undefined || single === null || single === "") return ok(undefined);
  const wrong = err(`it gives ${inWords(single)}, which is no ${type}`);
  switch (type) {
    case "text":
      return typeof single === "string" ? ok(single) : typeof single === "bigint" ? ok(String(single)) : wrong;
    case "boolean":
      return typeof single === "boolean" ? ok(single) : wrong;
    case "number":
      return isNumber(single) ? ok({ decimal: decimal(single) }) : wrong;
    case "date":
    case "timestamp":
      return momentOf(single, type, timeZone) ?? wrong;
  }
}

const isNumber = (value: unknown): value is string | bigint | number =>
  typeof value === "bigint" ||
  (typeof value === "number" && Number.isFinite(value)) ||
  (typeof value === "string" && DECIMAL.test(value));

function momentOf(value: unknown, type: "date" | "timestamp", timeZone: string): Result<string, string> | undefined {
  if (typeof value === "string" && DATE.test(value)) {
    if (!isDay(value)) return undefined;
    return ok(type === "date" ? value : `${value}T00:00:00Z`);
  }
  const moment =
    value instanceof Date
      ? value.getTime()
      : typeof value === "string" && MOMENT.test(value)
        ? Date.parse(value)
        : Number.NaN;
  if (!Number.isFinite(moment)) return undefined;
  return ok(type === "date" ? localDateOf(moment, timeZone) : `${localTimeOf(moment, timeZone)}Z`);
}

const isDay = (day: string): boolean => {
  const parsed = new Date(`${day}T00:00:00Z`);
  return Number.isFinite(parsed.getTime()) && parsed.toISOString().startsWith(day);
};

/** Never the text itself: it may be personal. */
function inWords(value: unknown): string {
  if (typeof value === "string") return `a text of ${value.length} characters`;
  if (value instanceof Date) return "a timestamp";
  if (typeof value === "bigint") return "a whole number";
  return `a ${typeof value}`;
}
