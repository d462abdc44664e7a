/**
 * What should be looked at before its turn. What an IFS event may tell: keys of rows that may have changed, nothing else. A hint chooses nothing that is written; it only
 * says where to look first. The body is text that IFS fills in (`&NEW:ORDER_NO`), so it may be anything.
 */
import { z } from "zod";
import {
  type Contract,
  contractSchema,
  type OrderNo,
  orderNoSchema,
  type PartNo,
  partNoSchema,
  type Sku,
  skuSchema,
} from "./ids.ts";
import { parseKeyref } from "./keyref.ts";
import { err, ok, type Result } from "./result.ts";

const toldSchema = z.discriminatedUnion("object", [
  z.object({ object: z.literal("order"), orderNo: orderNoSchema }),
  z.object({ object: z.literal("stock"), contract: contractSchema, partNo: partNoSchema }),
]);
export const hintSchema = z.discriminatedUnion("object", [
  ...toldSchema.options,
  z.object({ object: z.literal("sku"), sku: skuSchema }),
]);
export type Hint =
  | ToldHint
  /** The check at checkout found less in IFS than the shop shows. */
  | { readonly object: "sku"; readonly sku: Sku };
/** What IFS may tell. */
export type ToldHint =
  | { readonly object: "order"; readonly orderNo: OrderNo }
  | { readonly object: "stock"; readonly contract: Contract; readonly partNo: PartNo };

/** Keys of one request. */
export const MOST_KEYS = 100;

/** Longer than any IFS key column; what is longer is not a key. */
const MOST_CHARACTERS = 100;

const bodySchema = z.object({
  object: z.string(),
  keys: z.array(z.union([z.record(z.string(), z.unknown()), z.string()])).min(1),
});

/** Columns of IFS's own key text, by our names. */
const columns = {
  order: { orderNo: "ORDER_NO" },
  stock: { contract: "CONTRACT", partNo: "PART_NO" },
} as const satisfies Record<ToldHint["object"], Readonly<Record<string, string>>>;

/**
 * `{"object":"order","keys":[{"orderNo":"1001"}]}`, `{"object":"stock","keys":["CONTRACT=101^PART_NO=P1^"]}`, or a list of such
 * objects. Each hint once; the error is a sentence for the administrator who wrote the template.
 */
export function parseHints(body: unknown): Result<ToldHint[], string> {
  const told = Array.isArray(body) ? body.map((group, index) => toldIn(group, `[${index}].`)) : [toldIn(body, "")];
  const hints = new Map<string, ToldHint>();
  let count = 0;
  for (const group of told) {
    if (!group.ok) return group;
    count += group.value.length;
    if (count > MOST_KEYS) return err(`more than ${MOST_KEYS} keys in one request`);
    for (const key of group.value) {
      const hint = parseHint(key);
      if (!hint.ok) return hint;
      hints.set(hintId(hint.value), hint.value);
    }
  }
  return hints.size > 0 ? ok([...hints.values()]) : err("the body names no keys");
}

type ToldKey = {
  readonly object: ToldHint["object"];
  readonly key: Readonly<Record<string, unknown>> | string;
  /** For messages, such as `[0].keys[2]`. */
  readonly where: string;
};

function toldIn(group: unknown, where: string): Result<ToldKey[], string> {
  const parsed = bodySchema.safeParse(group);
  if (!parsed.success) return err(`${where}${missingIn(parsed.error)}`);
  const { object, keys } = parsed.data;
  if (object !== "order" && object !== "stock") {
    return err(`${where}object is "${short(object)}"; known are "order" and "stock"`);
  }
  return ok(keys.map((key, position) => ({ object, key, where: `${where}keys[${position}]` })));
}

/** One text per hint, injectively: what is told twice is one hint. */
export const hintId = (hint: Hint): string =>
  JSON.stringify(
    hint.object === "order"
      ? [hint.object, hint.orderNo]
      : hint.object === "sku"
        ? [hint.object, hint.sku]
        : [hint.object, hint.contract, hint.partNo],
  );

function parseHint({ object, key, where }: ToldKey): Result<ToldHint, string> {
  const values = typeof key === "string" ? parseKeyref(key) : undefined;
  if (typeof key === "string" && values === undefined) {
    return err(`${where} is no IFS key text such as "ORDER_NO=1001^": "${short(key)}"`);
  }
  const given: Record<string, unknown> = { object };
  for (const [name, column] of Object.entries<string>(columns[object])) {
    const value = typeof key === "string" ? values?.get(column) : key[name];
    const field = typeof key === "string" ? column : name;
    const text = usable(value);
    if (!text.ok) return err(`${where}: ${field} ${text.error}`);
    given[name] = text.value;
  }
  const hint = toldSchema.safeParse(given);
  return hint.success ? ok(hint.data) : err(`${where} cannot be used`);
}

function usable(value: unknown): Result<string, string> {
  // A number that JSON cannot hold, or that is written with an exponent, would name another row.
  if (typeof value === "number" && (!Number.isSafeInteger(value) || value < 0)) {
    return err("is no key as a number: put the value in quotes");
  }
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") return err("is missing");
  const trimmed = text.trim();
  if (trimmed === "") return err("is empty: the event had no value to put there");
  if (/&(NEW|OLD):/i.test(trimmed)) return err(`was not substituted by IFS: "${short(trimmed)}"`);
  if (trimmed.length > MOST_CHARACTERS || /[\p{Cc}\p{Cs}^]/u.test(trimmed))
    return err(`is no key: "${short(trimmed)}"`);
  return ok(trimmed);
}

const missingIn = (error: z.ZodError): string => {
  const [issue] = error.issues;
  const path = issue?.path.join(".") || "the body";
  return `${path} is not as expected; write {"object":"order","keys":[{"orderNo":"1001"}]}`;
};

/** For messages: never a payload. */
const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text);
