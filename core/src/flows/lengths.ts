/** Texts of the shop against the columns of IFS: what is too long is refused here, before a part of it stands in IFS. */
import type { ConnectorConfig } from "../domain/config.ts";
import type { Rejection } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import { refuse } from "./refuse.ts";

type Setting = keyof ConnectorConfig["orders"]["maxLengths"];

/** What the columns hold, which of them may cut, and, once an order is mapped, what was cut. */
export type Lengths = {
  readonly max: ConnectorConfig["orders"]["maxLengths"];
  readonly shorten: ReadonlySet<Setting>;
  /** Sentences for the journal, without the texts themselves; grows while one order is mapped. */
  readonly cut: string[];
};

export const lengthsOf = ({ maxLengths, shorten }: ConnectorConfig["orders"]): Lengths => ({
  max: maxLengths,
  shorten: new Set(shorten),
  cut: [],
});

/**
 * The text, or what of it the column holds where `orders.shorten` names the column. Rejection `invalidInput` naming the
 * commercetools field, its length and the maximum (`orders.maxLengths.<setting>`).
 */
export function fitting(
  text: string,
  given: { readonly field: string; readonly setting: Setting; readonly lengths: Lengths },
): Result<string, Rejection> {
  const max = given.lengths.max[given.setting];
  if (text.length <= max) return ok(text);
  if (!given.lengths.shorten.has(given.setting)) return tooLong(given, text, max);
  given.lengths.cut.push(cutSentence(given.field, text, max));
  return ok(shortened(text, max));
}

export const cutSentence = (field: string, text: string, max: number): string =>
  `${field}: ${text.length} characters cut to ${max}`;

/** The same for a text that may take several lines; `max` is what they hold together. */
export const tooLong = (
  { field, setting }: { readonly field: string; readonly setting: Setting },
  text: string,
  max: number,
): Result<never, Rejection> =>
  refuse("invalidInput", "merchant", {
    message: `${field} has ${text.length} characters ("${shortened(text, 60)}"); IFS holds ${max}.`,
    action: `Shorten it in commercetools. If the column of your IFS is longer, correct \`orders.maxLengths.${setting}\`.`,
    field,
    value: String(text.length),
  });

/** For texts that only inform: cut, with a mark that something is missing. */
export function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  // Half of a surrogate pair is no character.
  const kept = text.slice(0, Math.max(0, max - 1)).replace(/[\uD800-\uDBFF]$/, "");
  return max < 1 ? "" : `${kept.trimEnd()}…`;
}

/** As many whole words as one line holds, and the rest; a long word is divided behind a hyphen of its own. Undefined: none fits. */
export function firstLine(text: string, max: number): { readonly line: string; readonly rest: string } | undefined {
  if (text.length <= max) return { line: text, rest: "" };
  const end = text.lastIndexOf(" ", max);
  if (end > 0) return { line: text.slice(0, end).trimEnd(), rest: text.slice(end).trim() };
  const hyphen = text.lastIndexOf("-", max - 1);
  return hyphen < 1 ? undefined : { line: text.slice(0, hyphen + 1), rest: text.slice(hyphen + 1).trim() };
}
