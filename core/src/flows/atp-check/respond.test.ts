import { describe, expect, it } from "vitest";
import { type AtpDoors, atpDoorsSchema } from "../../domain/atp-door-config.ts";
import type { Sku } from "../../domain/ids.ts";
import type { AvailabilityDecision, LineDecision } from "./decide.ts";
import type { AvailabilityRequest, QuestionCaller } from "./parse.ts";
import { toAnswer, toExtensionResponse, toUndecided } from "./respond.ts";

const line = (given: Partial<LineDecision> = {}): LineDecision => ({
  ref: "l1",
  sku: "BOLT" as Sku,
  supplyChannel: "web",
  requested: 5,
  outcome: "partial",
  source: "ifs",
  available: 3,
  reason: "partlyAvailable",
  policy: null,
  passes: false,
  ...given,
});
const decisionOf = (...lines: LineDecision[]): AvailabilityDecision => ({
  purpose: "question",
  accepted: lines.every(({ passes }) => passes),
  lines,
  corrections: [{ sku: "BOLT" as Sku, supplyChannel: "web" }],
});
const requestOf = (caller: QuestionCaller | undefined, supplyChannel?: string): AvailabilityRequest => ({
  purpose: "question",
  lines: [
    {
      ref: "l1",
      sku: "BOLT" as Sku,
      quantity: 5,
      supplyChannel: supplyChannel === undefined ? undefined : { by: "key", value: supplyChannel },
      ownReserved: 0,
    },
  ],
  ...(caller && { caller }),
});
const doorsWith = (given: object = {}): AtpDoors => atpDoorsSchema.parse(given);

describe("a refusal of what could not be judged", () => {
  const fr = { soldOut: "a", partly: "b", unchecked: "c", expected: "d" };
  const english = "The availability of the goods could not be confirmed. Please try again in a moment.";
  const german =
    "Die Verfügbarkeit der Waren konnte nicht bestätigt werden. Bitte versuchen Sie es gleich noch einmal.";

  it.each<[string, object, Record<string, string>]>([
    ["as delivered", {}, { en: english, de: german }],
    [
      "in a variant, and in words of their own",
      { languages: ["de-CH", "en"], texts: { en: { undecided: "Sorry." } } },
      { "de-CH": german, en: "Sorry." },
    ],
    ["where a language lacks the text, in the others", { languages: ["fr", "de"], texts: { fr } }, { de: german }],
    ["where all lack it, in English", { languages: ["fr"], texts: { fr } }, { en: english }],
  ])("is told %s", (_name, doors, localizedMessage) => {
    expect(toUndecided(doorsWith(doors))).toEqual({
      code: "InvalidOperation",
      message: Object.values(localizedMessage)[0],
      localizedMessage,
      extensionExtraInfo: { reason: "undecided", source: "policy" },
    });
  });
});

describe("the messages of a refusal", () => {
  const messageOf = (given: Partial<LineDecision>, doors: AtpDoors) => {
    const response = toExtensionResponse(decisionOf(line(given)), doors);
    return response.status === 400 ? response.body.errors[0] : undefined;
  };

  it("are the shipped ones, the first language's as the plain one", () => {
    expect(messageOf({}, doorsWith({ languages: ["de", "en"] }))).toMatchObject({
      message: "Von BOLT sind nur 3 von 5 Stück verfügbar.",
      localizedMessage: {
        de: "Von BOLT sind nur 3 von 5 Stück verfügbar.",
        en: "Only 3 of 5 pieces of BOLT are available.",
      },
    });
  });

  it.each<[string, Partial<LineDecision>, string]>([
    ["sold out", { available: 0, outcome: "refuse", reason: "outOfStock" }, "BOLT is sold out."],
    [
      "nobody could tell",
      { available: null, reason: "deadline" },
      "The availability of BOLT could not be checked. Please try again later.",
    ],
    [
      "more will come",
      { available: 0, earliestDate: "2026-03-01" },
      "BOLT is sold out. More are expected from Mar 1, 2026.",
    ],
  ])("%s", (_name, given, message) => {
    expect(messageOf(given, doorsWith())?.message).toBe(message);
  });

  it("are the merchant's own where there are some, with dates as people of the language write them", () => {
    const texts = { "de-CH": { soldOut: "{sku} isch weg." } };
    const refused = messageOf({ available: 0, earliestDate: "2026-03-01" }, doorsWith({ languages: ["de-CH"], texts }));
    expect(refused?.localizedMessage).toEqual({ "de-CH": "BOLT isch weg. Nachschub wird ab 01.03.2026 erwartet." });
    expect(refused?.extensionExtraInfo).toEqual({
      sku: "BOLT",
      supplyChannel: "web",
      requested: 5,
      available: 0,
      reason: "partlyAvailable",
      source: "ifs",
      ageMs: null,
      earliestDate: "2026-03-01",
      lineItemIds: ["l1"],
    });
  });

  it("do not read a SKU as a placeholder or a pattern", () => {
    expect(messageOf({ sku: "{available}$&" as Sku, available: 0 }, doorsWith())?.message).toBe(
      "{available}$& is sold out.",
    );
  });
});

describe("what a caller is told", () => {
  const shown = {
    accepted: false,
    lines: [
      {
        ...{ ref: "l1", sku: "BOLT", supplyChannel: "web", requested: 5, outcome: "partial", source: "ifs" },
        ...{ available: 3, reason: "partlyAvailable", policy: null, passes: false, earliestDate: null },
        localizedMessage: {
          en: "Only 3 of 5 pieces of BOLT are available.",
          de: "Von BOLT sind nur 3 von 5 Stück verfügbar.",
        },
      },
    ],
  };
  const bare = { accepted: false, lines: [{ ref: "l1", sku: "BOLT", supplyChannel: null, passes: false }] };
  const hidden = { figures: { session: "hidden", shopper: "hidden", key: "hidden" } };

  it.each<[string, QuestionCaller | undefined, object, object]>([
    ["a key: only whether", { kind: "key", id: "k" }, {}, bare],
    ["a key, where the merchant says so", { kind: "key", id: "k" }, { figures: { key: "shown" } }, shown],
    ["a session", { kind: "session", id: "s", cartId: "c" }, {}, shown],
    ["a session, where the merchant says otherwise", { kind: "session", id: "s", cartId: "c" }, hidden, bare],
    ["a shopper", { kind: "shopper", id: "x" }, {}, shown],
    ["a shopper, where the merchant says otherwise", { kind: "shopper", id: "x" }, hidden, bare],
    ["a server, always", { kind: "client", id: "c" }, hidden, shown],
    ["nobody known: only whether", undefined, { figures: { key: "shown" } }, bare],
  ])("%s", (_name, caller, doors, expected) => {
    expect(toAnswer(requestOf(caller), decisionOf(line()), doorsWith(doors))).toEqual(expected);
  });

  it("only a server is told the threshold, for it tells what is sold", () => {
    const threshold = { units: 20, rule: "sku", from: "configuration", days: 2, soldPerDay: 10 } as const;
    const told = (caller: QuestionCaller) => toAnswer(requestOf(caller), decisionOf(line({ threshold })), doorsWith());
    expect(told({ kind: "client", id: "c" }).lines).toMatchObject([{ threshold }]);
    expect(told({ kind: "session", id: "s", cartId: "c" })).toEqual(shown);
    expect(told({ kind: "shopper", id: "x" })).toEqual(shown);
  });

  it("a key cannot tell a SKU that does not exist from one that is sold out, or from one that nobody could ask about", () => {
    const told = (given: Partial<LineDecision>) =>
      toAnswer(requestOf({ kind: "key", id: "k" }, "web"), decisionOf(line(given)), doorsWith());
    const soldOut = told({ outcome: "refuse", available: 0, reason: "outOfStock" });
    expect(soldOut.lines).toEqual([{ ref: "l1", sku: "BOLT", supplyChannel: "web", passes: false }]);
    const unknown = { outcome: "unknown", source: "policy", available: null, policy: "closed" } as const;
    expect(told({ ...unknown, reason: "unmappedSku" })).toEqual(soldOut);
    expect(told({ ...unknown, reason: "noSupplyChannel", supplyChannel: undefined })).toEqual(soldOut);
    expect(told({ ...unknown, reason: "ifsUnavailable" })).toEqual(soldOut);
  });
});
