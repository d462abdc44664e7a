/** `atp.doors`: who may ask the availability check, what each kind of caller learns and how often, and in which words it is told. */
import { z } from "zod";

/** Scopes as commercetools spells them, without the project key that follows them in a token. */
const scope = z.string().regex(/^[a-z0-9_]+$/, "the name of a scope without project key, such as view_products");
const requests = z.int().min(1).max(1_000_000);
const figures = z.enum(["shown", "hidden"]);

/** What a text may name; anything else in braces would reach the buyer as it stands. */
const placeholders = {
  soldOut: ["sku"],
  partly: ["sku", "requested", "available"],
  unchecked: ["sku"],
  expected: ["date"],
  undecided: [],
};

/** What a language has to say before buyers can be told in it. */
const needed = ["soldOut", "partly", "unchecked", "expected"] as const;

const sentence = (names: readonly string[]) =>
  z
    .string()
    .min(1)
    .max(500)
    .refine(
      (text) => [...text.matchAll(/\{([^{}]*)\}/g)].every(([, name]) => names.includes(name ?? "")),
      `a text whose only placeholders are ${names.map((name) => `{${name}}`).join(", ")}`,
    );

const textsSchema = z.strictObject({
  soldOut: sentence(placeholders.soldOut).optional().describe("None can be had. Placeholder: {sku}."),
  partly: sentence(placeholders.partly)
    .optional()
    .describe("Some can be had. Placeholders: {sku}, {requested}, {available}."),
  unchecked: sentence(placeholders.unchecked).optional().describe("Nobody could tell. Placeholder: {sku}."),
  expected: sentence(placeholders.expected)
    .optional()
    .describe("Follows the first two where IFS tells a day. Placeholder: {date}."),
  undecided: sentence(placeholders.undecided)
    .optional()
    .describe("Nothing of the order could be judged; where a language lacks it, the others tell it. No placeholder."),
});
export type DoorTexts = z.infer<typeof textsSchema>;

/** Languages whose texts the connector brings along. */
export const shippedTexts: Readonly<Record<string, Readonly<Required<DoorTexts>>>> = {
  en: {
    soldOut: "{sku} is sold out.",
    partly: "Only {available} of {requested} pieces of {sku} are available.",
    unchecked: "The availability of {sku} could not be checked. Please try again later.",
    expected: "More are expected from {date}.",
    undecided: "The availability of the goods could not be confirmed. Please try again in a moment.",
  },
  de: {
    soldOut: "{sku} ist ausverkauft.",
    partly: "Von {sku} sind nur {available} von {requested} Stück verfügbar.",
    unchecked: "Die Verfügbarkeit von {sku} konnte nicht geprüft werden. Bitte versuchen Sie es später erneut.",
    expected: "Nachschub wird ab {date} erwartet.",
    undecided: "Die Verfügbarkeit der Waren konnte nicht bestätigt werden. Bitte versuchen Sie es gleich noch einmal.",
  },
};

/** Names of languages that were right: asking costs as much as the rest of a configuration, which is read every few seconds. */
const languages = new Set<string>();

function isLanguage(name: string): boolean {
  if (languages.has(name)) return true;
  try {
    if (Intl.getCanonicalLocales(name)[0] !== name) return false;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
  languages.add(name);
  return true;
}

const language = z.string().max(35).refine(isLanguage, "a language as IETF BCP 47 spells it, such as de or de-CH");

type Words = { readonly languages: readonly string[]; readonly texts: Readonly<Record<string, DoorTexts>> };

/** A text in a language: the merchant's own, else the shipped one, else those of the language that it is a variant of. */
export function textOf({ texts }: Pick<Words, "texts">, name: string, kind: keyof DoorTexts): string | undefined {
  const [kin = name] = name.split("-");
  return texts[name]?.[kind] ?? shippedTexts[name]?.[kind] ?? texts[kin]?.[kind] ?? shippedTexts[kin]?.[kind];
}

const hasAllTexts = (words: Words, name: string): boolean =>
  needed.every((kind) => textOf(words, name, kind) !== undefined);

export const atpDoorsSchema = z
  .strictObject({
    tokenScopes: z
      .array(scope)
      .default([])
      .describe(
        "An OAuth 2 token may ask with one of these scopes (without project key, such as view_products). Empty: with any scope of the project.",
      ),
    holdScopes: z
      .array(scope)
      .min(1)
      .default(["manage_orders", "manage_project"])
      .describe(
        "With one of these, a token without customer is one of your servers: it may name any cart and hold goods for it. Choose scopes that no page has.",
      ),
    figures: z
      .strictObject({
        session: figures.default("shown"),
        shopper: figures
          .default("shown")
          .describe("Tokens of customers and visitors, or without a scope of `holdScopes`."),
        key: figures.default("hidden").describe("Storefront keys, which everybody can read out of a page."),
      })
      .prefault({})
      .describe("`hidden`: such a caller is told whether lines pass, and no quantity, reason, source or date."),
    keyMaxQuantity: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .default(100)
      .describe(
        "Pieces of one SKU that a storefront key may ask for: by many questions it finds out as much, and no more.",
      ),
    requestsPer10Seconds: z
      .strictObject({
        session: requests.default(60).describe("Of one checkout session."),
        shopper: requests.default(60).describe("Of one customer or visitor."),
        client: requests.default(5000).describe("Of one API client, its customers and visitors included."),
        key: requests.default(5000).describe("Of one storefront key, from everywhere."),
        keyAddress: requests.default(100).describe("Of one storefront key, from one address."),
        refused: requests
          .default(300)
          .describe("Refused sessions and tokens from one address; then commercetools is not asked about new ones."),
      })
      .prefault({})
      .describe("Each process counts its own. commercetools' own calls (the API Extension) are never limited."),
    languages: z
      .array(language)
      .min(1)
      .max(50)
      .default(["en", "de"])
      .describe("Languages of the messages; the first is also the plain `message`."),
    texts: z
      .record(language, textsSchema)
      .default({})
      .describe("Your own words, by language. English and German are shipped; any other language needs all four."),
  })
  .superRefine((doors, context) => {
    doors.languages.forEach((name, index) => {
      if (!isLanguage(name) || hasAllTexts(doors, name)) return;
      context.addIssue({
        code: "custom",
        path: ["languages", index],
        message: `there are no texts in ${name}: give soldOut, partly, unchecked and expected under texts.${name}`,
      });
    });
  });
export type AtpDoors = z.infer<typeof atpDoorsSchema>;
