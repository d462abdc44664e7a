/** Whole numbers from the command line: `--rows 1000 --page 500`, or `--rows=1000`. */
import { parseArgs } from "node:util";

/** Throws a RangeError that names what is wrong. Unknown options are refused; `--json` is always allowed. */
export function numbers<K extends string>(
  args: readonly string[],
  defaults: Readonly<Record<K, number>>,
): Record<K, number> {
  const names = Object.keys(defaults) as K[];
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean" },
      ...Object.fromEntries(names.map((name) => [name, { type: "string" as const }])),
    },
  });
  const given = values as Readonly<Record<string, string | boolean | undefined>>;
  return Object.fromEntries(
    names.map((name) => {
      const text = given[name];
      const value = text === undefined ? defaults[name] : Number(text);
      if (!Number.isInteger(value) || value < 0)
        throw new RangeError(`--${name} must be a whole number, not "${text}"`);
      return [name, value];
    }),
  ) as Record<K, number>;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

export const chunksOf = <T>(values: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, nth) => values.slice(nth * size, (nth + 1) * size));
