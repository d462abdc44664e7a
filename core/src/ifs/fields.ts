/** Zod building blocks for IFS rows: numbers arrive as text (json.ts), empty text means "nothing", as in Oracle. */
import { z } from "zod";
import { type DecimalString, decimal, ZERO } from "../domain/decimal.ts";
import { RefusedError, UNEXPECTED_ANSWER } from "../domain/failure.ts";

/** An exact decimal. */
export const num = z.string().transform((value, context): DecimalString => {
  try {
    return decimal(value);
  } catch {
    context.addIssue({ code: "custom", message: `not a number: "${value}"` });
    return z.NEVER;
  }
});
/** Oracle keeps "no quantity yet" as null. */
export const numOrZero = num.nullish().transform((value) => value ?? ZERO);
export const numOrNull = num.nullish().transform((value) => value ?? null);
/** An id that IFS types as a number: plain digits, so that 19 and 19.0 are one id. */
export const id = num.transform((value): string => value);
export const str = z.string().min(1);
export const strOrEmpty = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
export const strOrNull = z
  .string()
  .nullish()
  .transform((value) => (value ? value : null));
/** A time of whatever zone; what follows from its digits fails for no other row. */
export const timeOrNull = strOrNull.refine(
  (value) => value === null || !Number.isNaN(Date.parse(value)),
  "not a timestamp",
);
/** Date part of a date or of the site's own digits. */
export const dateOrNull = z
  .string()
  .nullish()
  .transform((value) => (value ? value.slice(0, 10) : null));

const TRUE = new Set(["true", "y", "yes"]);
const FALSE = new Set(["false", "n", "no", ""]);
/** IFS spells booleans as JSON booleans, as the texts TRUE and FALSE, and as enumerations. null counts as false. */
export const flag = z
  .union([z.boolean(), z.string()])
  .nullish()
  .transform((value, context): boolean => {
    const spelled = String(value ?? "").toLowerCase();
    if (!TRUE.has(spelled) && !FALSE.has(spelled)) {
      context.addIssue({ code: "custom", message: `not a yes or no: "${value}"` });
      return z.NEVER;
    }
    return TRUE.has(spelled);
  });

/**
 * The bound fields that a schema reads, for `$select`: what is only written need not exist in a read, and what nobody reads
 * is not computed.
 */
export const fieldsOf = <F extends string>(shape: Readonly<Record<F, unknown>>) =>
  (Object.keys(shape) as F[]).filter((field): field is Exclude<F, "etag"> => field !== "etag");

/** Parses logical rows. A row of another shape is a wrong binding: RefusedError `unexpectedAnswer`, naming the field. */
export function parseRows<S extends z.ZodType>(schema: S, rows: readonly unknown[], what: string): z.infer<S>[] {
  return rows.map((row) => {
    const parsed = schema.safeParse(row);
    if (parsed.success) return parsed.data;
    throw unusable(what, parsed.error);
  });
}

/** `what`: "sales part". */
export function unusable(what: string, { issues: [issue] }: z.ZodError): RefusedError {
  return new RefusedError(
    "ifs",
    UNEXPECTED_ANSWER,
    200,
    `${what}: field "${issue?.path.join(".")}" of an answer is not usable (${issue?.message}); check the binding of this object`,
  );
}
