/** What `npm run thresholds` is told, parsed. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { MOST_DAYS, MOST_UNITS, MOST_WINDOW_DAYS } from "../domain/threshold-config.ts";

export const THRESHOLDS_USAGE = `npm run thresholds -- simulate [--generated] [--candidates 0,2,5,10,1d] [--risk 0.1] [--out <file.csv|.svg|.html>] [--json]
  orders: --days 28; with --generated also --seed 1 --skus 200 --orders-per-day 2000 --extra-lines 0.8 --extra-pieces 0.4 --evenness 0.5 (poisson: even)
  assumptions: --telephone 0.3 --telephone-pieces 1 --stock-run 60 --lag 10 --unseen 15 --cache 3 --lot-days 14 --sell-out 0.2 --outage-hours 24 --repetitions 10
npm run thresholds -- explain <sku> [--json]
npm run thresholds -- check [--json]
npm run thresholds -- sales [--json]`;

const share = z.coerce.number().min(0).max(1);
const positive = z.coerce.number().positive();
const atLeastZero = z.coerce.number().min(0);
const whole = (most: number) => z.coerce.number().int().min(1).max(most);

const candidate = z.string().transform((text, context) => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(d?)$/.exec(text.trim()) ?? [];
  const amount = Number(number);
  if (number !== undefined && unit === "d" && amount > 0 && amount <= MOST_DAYS)
    return { kind: "days" as const, days: amount };
  if (number !== undefined && unit === "" && Number.isInteger(amount) && amount <= MOST_UNITS) {
    return { kind: "units" as const, units: amount };
  }
  context.addIssue({
    code: "custom",
    message: `"${text}" is no candidate: units such as 5, or days of cover such as 1.5d`,
  });
  return z.NEVER;
});

const simulateSchema = z.object({
  generated: z.boolean().default(false),
  json: z.boolean().default(false),
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  candidates: z
    .string()
    .default("0,1,2,3,5,10,20,50,0.25d,1d")
    .transform((text) => text.split(","))
    .pipe(z.array(candidate).min(1).max(30))
    .refine(
      (list) => new Set(list.map((each) => JSON.stringify(each))).size === list.length,
      "name each candidate once",
    ),
  risk: positive.max(10_000).default(0.1),
  repetitions: whole(200).default(10),
  days: whole(MOST_WINDOW_DAYS).default(28),
  skus: whole(20_000).default(200),
  "orders-per-day": positive.max(1_000_000).default(2000),
  "extra-lines": atLeastZero.max(100).default(0.8),
  "extra-pieces": atLeastZero.max(1000).default(0.4),
  evenness: z
    .literal("poisson")
    .transform(() => Number.POSITIVE_INFINITY)
    .or(positive.min(0.01).max(1000))
    .default(0.5),
  telephone: atLeastZero.max(100).default(0.3),
  "telephone-pieces": atLeastZero.max(1000).default(1),
  "stock-run": positive.max(86_400).optional(),
  lag: atLeastZero.max(86_400).default(10),
  unseen: atLeastZero.max(3600).optional(),
  cache: atLeastZero.max(3600).optional(),
  "lot-days": positive.max(365).default(14),
  "sell-out": share.default(0.2),
  "outage-hours": atLeastZero.max(10_000).default(24),
  out: z
    .string()
    .regex(/\.(csv|svg|html)$/, "the file's name ends in .csv, .svg or .html")
    .optional(),
});
export type SimulateArgs = z.infer<typeof simulateSchema>;

export type ThresholdsArgs =
  | { readonly what: "simulate"; readonly options: SimulateArgs }
  | { readonly what: "explain"; readonly sku: string; readonly json: boolean }
  | { readonly what: "check" | "sales"; readonly json: boolean };

const BOOLEANS = new Set(["generated", "json"]);
const simulateOptions = Object.fromEntries(
  Object.keys(simulateSchema.shape).map((name) => [
    name,
    { type: BOOLEANS.has(name) ? ("boolean" as const) : ("string" as const) },
  ]),
);

/** Or what is wrong with them. */
export function readThresholdsArgs(args: readonly string[]): ThresholdsArgs | string {
  const [what, ...rest] = args;
  try {
    if (what === "simulate") {
      const { values } = parseArgs({ args: rest, options: simulateOptions });
      const parsed = simulateSchema.safeParse(values);
      return parsed.success ? { what, options: parsed.data } : z.prettifyError(parsed.error);
    }
    const { values, positionals } = parseArgs({
      args: rest,
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    const [sku, ...others] = positionals;
    if (what === "explain" && sku && others.length === 0) return { what, sku, json: values.json };
    if ((what === "check" || what === "sales") && positionals.length === 0) return { what, json: values.json };
    return "say what: simulate, explain and one SKU, check, or sales";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
