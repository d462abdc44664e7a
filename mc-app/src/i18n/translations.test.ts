import { parse, TYPE } from "@formatjs/icu-messageformat-parser";
import { expect, it } from "vitest";
import german from "./data/de.json";
import english from "./data/en.json";

const texts = (file: Record<string, string>) => Object.entries(file);

it("German has the texts that English has", () => {
  expect(Object.keys(german)).toEqual(Object.keys(english));
});

it("German uses the values that English uses", () => {
  expect(texts(german).map(([id, text]) => [id, argumentsOf(text)])).toEqual(
    texts(english).map(([id, text]) => [id, argumentsOf(text)]),
  );
});

/** Names of the values a text needs, plural branches included. */
function argumentsOf(text: string): string[] {
  const names = new Set<string>();
  const walk = (elements: ReturnType<typeof parse>) => {
    for (const element of elements) {
      if (element.type !== TYPE.literal && element.type !== TYPE.pound) names.add(element.value);
      if (element.type === TYPE.plural) for (const option of Object.values(element.options)) walk(option.value);
    }
  };
  walk(parse(text));
  return [...names].sort();
}
