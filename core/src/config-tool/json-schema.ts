import { z } from "zod";
import { connectorConfigSchema } from "../domain/config.ts";
import type { Segment } from "./path.ts";

/** The parts of a JSON Schema that this tool reads. */
export type SchemaNode = {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
};

/** JSON Schema (2020-12) of what a person writes: defaults may be left out. Editors check a file against it while typing. */
export function configurationJsonSchema(): SchemaNode & { readonly $schema?: string } {
  return {
    ...(z.toJSONSchema(connectorConfigSchema, { io: "input" }) as SchemaNode),
    title: "Configuration of the IFS Cloud connector for commercetools",
  } as SchemaNode;
}

/** The text of docs/configuration.schema.json. */
export const configurationSchemaText = (): string => `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`;

/** The part of the schema that describes a path; undefined for a path that the schema does not know. */
export function schemaAt(root: SchemaNode, path: readonly Segment[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = root;
  for (const segment of path) {
    if (node === undefined) return undefined;
    node = typeof segment === "number" ? node.items : (node.properties?.[segment] ?? additional(node));
  }
  return node;
}

const additional = (node: SchemaNode): SchemaNode | undefined =>
  typeof node.additionalProperties === "object" ? node.additionalProperties : undefined;
