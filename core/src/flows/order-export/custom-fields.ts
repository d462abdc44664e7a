/** Values of custom fields as mappings see them. */
import { decimal } from "../../domain/decimal.ts";
import type { RawCustom } from "./order-schema.ts";
import type { CustomFields, CustomValue } from "./shop-order.ts";

/** Fields without value, or of a form that no IFS field could hold, are left out: a mapping that needs them finds none. */
export function customFields(custom: RawCustom, locale: string | undefined): CustomFields {
  const fields = Object.entries(custom?.fields ?? {}).flatMap(([name, value]): [string, CustomValue][] => {
    const read = customValue(value, locale);
    return read === undefined ? [] : [[name, read]];
  });
  return Object.fromEntries(fields);
}

function customValue(value: unknown, locale: string | undefined): CustomValue | undefined {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : finite(value);
  if (Array.isArray(value)) return value.flatMap((one) => customValue(one, locale) ?? []);
  if (typeof value !== "object" || value === null) return undefined;
  return objectValue(value as Readonly<Record<string, unknown>>, locale);
}

/** Beyond the safe integers a number is not what was stored any more. */
const finite = (value: number): string | undefined =>
  Number.isFinite(value) && Math.abs(value) < Number.MAX_SAFE_INTEGER ? decimal(value) : undefined;

/** A reference is its id, an amount its decimal, an enumeration its key, a text in several languages the order's own. */
function objectValue(value: Readonly<Record<string, unknown>>, locale: string | undefined): CustomValue | undefined {
  if (typeof value.typeId === "string") return stringOf(value.id) ?? stringOf(value.key);
  if (typeof value.currencyCode === "string") return amountOf(value);
  if (typeof value.key === "string" && "label" in value) return value.key;
  const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  if (texts.length === 0 || texts.length !== Object.keys(value).length) return undefined;
  const language = locale?.split("-")[0];
  const found = [locale, language].map((wanted) => texts.find(([key]) => key === wanted)).find((one) => one);
  return (found ?? texts[0])?.[1];
}

const stringOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

function amountOf({
  preciseAmount,
  centAmount,
  fractionDigits,
}: Readonly<Record<string, unknown>>): string | undefined {
  const amount = preciseAmount ?? centAmount;
  if (!Number.isSafeInteger(amount) || !Number.isSafeInteger(fractionDigits)) return undefined;
  return decimal(`${String(amount)}e-${String(fractionDigits)}`);
}
