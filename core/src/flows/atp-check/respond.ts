/** A decision -> the answer of a door: what commercetools accepts from an API Extension, or what a caller is told. */
import { type AtpDoors, type DoorTexts, shippedTexts, textOf } from "../../domain/atp-door-config.ts";
import type { Alternative, AvailabilityDecision, LineDecision } from "./decide.ts";
import type { AvailabilityRequest, QuestionCaller, RequestLine } from "./parse.ts";

type Words = Pick<AtpDoors, "languages" | "texts">;

export type LineRefusal = {
  readonly code: "InvalidInput";
  readonly message: string;
  readonly localizedMessage: Readonly<Record<string, string>>;
  /** Enough for a storefront to write its own message. */
  readonly extensionExtraInfo: {
    readonly sku: string;
    readonly supplyChannel: string | null;
    readonly requested: number;
    readonly available: number | null;
    readonly reason: LineDecision["reason"];
    /** Whose figure decided: `shop`, `ifs`, or the fail policy. */
    readonly source: LineDecision["source"];
    /** Age of that figure in milliseconds; null where no figure decided. */
    readonly ageMs: number | null;
    /** Day ("2026-01-31") from which more can be had, where the inventory entry tells one. */
    readonly earliestDate: string | null;
    readonly lineItemIds: readonly string[];
    /** What other supply channels have, where the route names any. */
    readonly alternatives?: readonly Alternative[];
  };
};

export type ExtensionResponse =
  | { readonly status: 200; readonly body: Readonly<Record<string, never>> }
  | { readonly status: 400; readonly body: { readonly errors: readonly LineRefusal[] } };

/** One error per SKU and channel that can't be ordered. */
export function toExtensionResponse(decision: AvailabilityDecision, words: Words): ExtensionResponse {
  const failing = decision.lines.filter(({ passes }) => !passes);
  if (failing.length === 0) return { status: 200, body: {} };
  const groups = Map.groupBy(failing, ({ sku, supplyChannel }) => JSON.stringify([sku, supplyChannel ?? null]));
  return { status: 400, body: { errors: [...groups.values()].map((lines) => toError(lines, words)) } };
}

function toError(lines: readonly LineDecision[], words: Words): LineRefusal {
  const first = lines[0] as LineDecision;
  const localizedMessage = messagesOf(first, words);
  const { sku, supplyChannel, requested, available, reason, source, ageMs, earliestDate, alternatives } = first;
  return {
    code: "InvalidInput",
    message: Object.values(localizedMessage)[0] ?? reason,
    localizedMessage,
    extensionExtraInfo: {
      sku,
      supplyChannel: supplyChannel ?? null,
      requested,
      available,
      reason,
      source,
      ageMs: ageMs ?? null,
      earliestDate: earliestDate ?? null,
      lineItemIds: lines.map(({ ref }) => ref),
      ...(alternatives && { alternatives }),
    },
  };
}

export type Undecided = {
  readonly code: "InvalidOperation";
  readonly message: string;
  readonly localizedMessage: Readonly<Record<string, string>>;
  readonly extensionExtraInfo: { readonly reason: "undecided"; readonly source: "policy" };
};

/** Nothing of the request could be judged, and the policy is closed. */
export function toUndecided(words: Words): Undecided {
  const said = words.languages.flatMap((language) => {
    const text = textOf(words, language, "undecided");
    return text === undefined ? [] : [[language, text] as const];
  });
  const localizedMessage = said.length > 0 ? Object.fromEntries(said) : { en: shippedTexts.en?.undecided ?? "" };
  const message = Object.values(localizedMessage)[0] ?? "";
  return {
    code: "InvalidOperation",
    message,
    localizedMessage,
    extensionExtraInfo: { reason: "undecided", source: "policy" },
  };
}

/** A line as callers are told that may see figures. Its threshold tells what is sold in a day: that is for servers. */
export type ShownLine = Omit<LineDecision, "supplyChannel" | "earliestDate"> & {
  readonly supplyChannel: string | null;
  readonly earliestDate: string | null;
  /** Why not, for the buyer; only where the line does not pass. */
  readonly localizedMessage?: Readonly<Record<string, string>>;
};

/** And as the others are: nothing that they did not say themselves, but for the answer. */
export type BareLine = Pick<LineDecision, "ref" | "sku" | "passes"> & { readonly supplyChannel: string | null };

export type Answer = { readonly accepted: boolean; readonly lines: readonly (ShownLine | BareLine)[] };

/** The answer to a question, as much of it as its caller may see. */
export function toAnswer(request: AvailabilityRequest, decision: AvailabilityDecision, doors: AtpDoors): Answer {
  const { accepted, lines } = decision;
  const isShown = figuresOf(request.caller, doors) === "shown";
  const isServer = request.caller?.kind === "client";
  return {
    accepted,
    lines: lines.map(({ threshold, ...line }, index) =>
      isShown
        ? { ...shownLine(line, doors), ...(isServer && threshold && { threshold }) }
        : bareLine(line, request.lines[index]),
    ),
  };
}

/** Does the answer to this request show figures? commercetools is told why it is to refuse an order. */
export const mayBeTold = ({ purpose, caller }: AvailabilityRequest, doors: AtpDoors): boolean =>
  purpose !== "question" || figuresOf(caller, doors) === "shown";

function figuresOf(caller: QuestionCaller | undefined, { figures }: AtpDoors): "shown" | "hidden" {
  if (caller === undefined) return "hidden";
  return caller.kind === "client" ? "shown" : figures[caller.kind];
}

function shownLine(line: LineDecision, words: Words): ShownLine {
  const { supplyChannel, earliestDate, ...rest } = line;
  return {
    ...rest,
    supplyChannel: supplyChannel ?? null,
    earliestDate: earliestDate ?? null,
    ...(!line.passes && { localizedMessage: messagesOf(line, words) }),
  };
}

/** The channel is the one that was asked for, not the one that was found: the key of a single pool is nobody's business. */
const bareLine = ({ ref, sku, passes }: LineDecision, asked: RequestLine | undefined): BareLine => ({
  ref,
  sku,
  supplyChannel: asked?.supplyChannel?.value ?? null,
  passes,
});

/** In the configured languages and their order. */
function messagesOf(line: LineDecision, words: Words): Record<string, string> {
  return Object.fromEntries(words.languages.map((language) => [language, messageOf(line, words, language)]));
}

function messageOf(line: LineDecision, words: Words, language: string): string {
  const { sku, requested, available, earliestDate } = line;
  const say = (kind: keyof DoorTexts, values: Readonly<Record<string, string>>) =>
    (textOf(words, language, kind) ?? "").replace(/\{(\w+)\}/g, (found, name: string) => values[name] ?? found);
  if (available === null) return say("unchecked", { sku });
  const counts = { sku, requested: String(requested), available: String(available) };
  const text = say(available === 0 ? "soldOut" : "partly", counts);
  return earliestDate === undefined ? text : `${text} ${say("expected", { date: dayIn(language, earliestDate) })}`;
}

/** A day as people of the language write it. It has no time, so no zone may move it. */
const dayIn = (language: string, day: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
