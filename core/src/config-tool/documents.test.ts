/** The files under docs/ that belong to the configuration: both must follow the schema. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { configurationJsonSchema, configurationSchemaText, type SchemaNode } from "./json-schema.ts";
import { parseConfiguration } from "./parse.ts";

const read = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url)), "utf8");

test("docs/configuration.schema.json is up to date (else: npm run config -- schema)", async () => {
  expect(await read("configuration.schema.json")).toBe(configurationSchemaText());
});

test("docs/configuration.example.yaml is valid", async () => {
  expect(parseConfiguration(await read("configuration.example.yaml"))).toMatchObject({ ok: true });
});

test("docs/configuration.example.yaml shows every setting", async () => {
  const example: unknown = parse(await read("configuration.example.yaml"));
  expect(missing(configurationJsonSchema(), [example], "")).toEqual([]);
});

/** Settings of the schema that none of the given values has. */
function missing(node: SchemaNode, values: unknown[], path: string): string[] {
  const rows = values.flatMap((value) => (Array.isArray(value) ? value : [value]));
  const objects = rows.filter((value): value is Record<string, unknown> => typeof value === "object" && value !== null);
  if (node.items) return missing(node.items, rows, `${path}[]`);
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const given = objects.map((value) => value[name]).filter((value) => value !== undefined);
    const here = path === "" ? name : `${path}.${name}`;
    return given.length === 0 ? [here] : missing(child, given, here);
  });
}
