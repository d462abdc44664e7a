import { describe, expect, it } from "vitest";
import { atpDoorsSchema, shippedTexts, textOf } from "./atp-door-config.ts";

const french = { soldOut: "{sku} épuisé", partly: "{available} de {requested}", unchecked: "?", expected: "{date}" };

describe("atp.doors", () => {
  it("hides figures from keys, and from nobody else, where nothing is said", () => {
    expect(atpDoorsSchema.parse({}).figures).toEqual({ session: "shown", shopper: "shown", key: "hidden" });
  });

  it.each<[string, object, string[]]>([
    ["a language without texts", { languages: ["en", "fr"] }, ["languages.1"]],
    ["a language with some texts", { languages: ["fr"], texts: { fr: { soldOut: "x" } } }, ["languages.0"]],
    ["a placeholder that the text does not have", { texts: { en: { soldOut: "{sku} {cost}" } } }, ["texts.en.soldOut"]],
    ["a placeholder of another text", { texts: { en: { soldOut: "{available}" } } }, ["texts.en.soldOut"]],
    ["a language that is none", { languages: ["english please"] }, ["languages.0"]],
    ["a language that is spelled otherwise", { languages: ["de-ch"] }, ["languages.0"]],
    ["no language", { languages: [] }, ["languages"]],
    ["a scope with a project", { tokenScopes: ["view_products:shop"] }, ["tokenScopes.0"]],
    ["servers known by no scope", { holdScopes: [] }, ["holdScopes"]],
    ["a limit that lets nobody in", { requestsPer10Seconds: { session: 0 } }, ["requestsPer10Seconds.session"]],
  ])("refuses %s", (_name, doors, paths) => {
    const parsed = atpDoorsSchema.safeParse(doors);
    expect(parsed.error?.issues.map(({ path }) => path.join("."))).toEqual(paths);
  });

  it.each<[string, object]>([
    ["a variant of a shipped language", { languages: ["de-CH"] }],
    ["a language with all texts", { languages: ["fr"], texts: { fr: french } }],
    ["one text of a shipped language", { texts: { de: { soldOut: "weg" } } }],
  ])("takes %s", (_name, doors) => {
    expect(atpDoorsSchema.safeParse(doors).success).toBe(true);
  });

  it("prefers the merchant's words, then the language's, then those of its kin", () => {
    const texts = { de: { soldOut: "weg" } };
    expect(textOf({ texts }, "de", "soldOut")).toBe("weg");
    expect(textOf({ texts }, "de", "expected")).toBe(shippedTexts.de?.expected);
    expect(textOf({ texts }, "de-CH", "soldOut")).toBe("weg");
    expect(textOf({ texts: {} }, "de-CH", "soldOut")).toBe(shippedTexts.de?.soldOut);
    expect(textOf({ texts }, "fr", "soldOut")).toBeUndefined();
  });
});
