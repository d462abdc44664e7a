import { malformed, notImplemented } from "../errors.ts";
import type { Kind, Scalar } from "../schema.ts";
import type { Operand } from "./operand.ts";

type FunctionDef = { takes: readonly (readonly Kind[])[]; gives: Kind; run: (...args: string[]) => Scalar };

const TEXT: readonly Kind[] = ["str"];
const NUMBER: readonly Kind[] = ["num"];
const DAY: readonly Kind[] = ["date", "ts"];
const TIME: readonly Kind[] = ["ts"];

const part = (from: number, to: number) => (value: string) => String(Number(value.slice(from, to)));

/** The functions that the provider has, with the types they take. */
const functions: Record<string, FunctionDef> = {
  contains: { takes: [TEXT, TEXT], gives: "bool", run: (text = "", piece = "") => text.includes(piece) },
  startswith: { takes: [TEXT, TEXT], gives: "bool", run: (text = "", piece = "") => text.startsWith(piece) },
  endswith: { takes: [TEXT, TEXT], gives: "bool", run: (text = "", piece = "") => text.endsWith(piece) },
  tolower: { takes: [TEXT], gives: "str", run: (text = "") => text.toLowerCase() },
  toupper: { takes: [TEXT], gives: "str", run: (text = "") => text.toUpperCase() },
  trim: { takes: [TEXT], gives: "str", run: (text = "") => text.trim() },
  concat: { takes: [TEXT, TEXT], gives: "str", run: (a = "", b = "") => a + b },
  length: { takes: [TEXT], gives: "num", run: (text = "") => String(text.length) },
  indexof: { takes: [TEXT, TEXT], gives: "num", run: (text = "", piece = "") => String(text.indexOf(piece)) },
  substring: { takes: [TEXT, NUMBER, NUMBER], gives: "str", run: substring },
  year: { takes: [DAY], gives: "num", run: part(0, 4) },
  month: { takes: [DAY], gives: "num", run: part(5, 7) },
  day: { takes: [DAY], gives: "num", run: part(8, 10) },
  hour: { takes: [TIME], gives: "num", run: part(11, 13) },
  minute: { takes: [TIME], gives: "num", run: part(14, 16) },
  second: { takes: [TIME], gives: "num", run: part(17, 19) },
};

function substring(text = "", from = "0", length?: string): string {
  const start = Number(from);
  return length === undefined ? text.slice(start) : text.slice(start, start + Number(length));
}

export function compileCall(name: string, args: Operand[]): Operand {
  const def = functions[name];
  if (!def) throw notImplemented(`The function '${name}' is not supported.`);
  const fewest = name === "substring" ? 2 : def.takes.length;
  if (args.length < fewest || args.length > def.takes.length) {
    throw malformed(`The function '${name}' does not take ${args.length} arguments.`);
  }
  args.forEach((arg, index) => {
    const takes = def.takes[index] ?? [];
    if (arg.kind === undefined || !takes.includes(arg.kind)) {
      throw malformed(`Argument ${index + 1} of the function '${name}' has the wrong type.`);
    }
  });
  return {
    kind: def.gives,
    literal: args.every((arg) => arg.literal),
    read(row) {
      const values = args.map((arg) => arg.read(row));
      return values.includes(null) ? null : def.run(...(values as string[]));
    },
  };
}
