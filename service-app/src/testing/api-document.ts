/** docs/atp-api.openapi.yaml, and whether an answer is as it says. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";

export type Media = {
  readonly schema: object;
  readonly examples: Readonly<Record<string, { readonly value: unknown }>>;
};
type Response = { readonly $ref?: string; readonly content?: Readonly<Record<string, Media>> };
export type Operation = {
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, Response>>;
};
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly responses: Readonly<Record<string, Response>>;
    readonly schemas: Readonly<Record<string, { readonly enum?: readonly string[] }>>;
  };
};

const path = fileURLToPath(new URL("../../../docs/atp-api.openapi.yaml", import.meta.url));
export const apiText = readFileSync(path, "utf8");
export const api = parse(apiText) as Document;

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ $id: "api", ...api });

/** References of the document, as seen from a schema that is taken out of it. */
const absolute = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"api#/components/')) as object;

/** What keeps a value from being as the schema says; empty: nothing. */
export function mismatches(schema: object, value: unknown): string[] {
  const validate = ajv.compile(absolute(schema));
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

export const operations = Object.entries(api.paths).flatMap(([address, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${address}`, operation })),
);

/** The documented answer of an operation ("post /atp") with a status. */
export function documented(name: string, status: number): Media | undefined {
  const found = operations.find((one) => one.name === name)?.operation.responses[String(status)];
  const response = found?.$ref === undefined ? found : api.components.responses[found.$ref.split("/").at(-1) ?? ""];
  return response?.content?.["application/json"];
}

/** Why an answer is not as documented; empty: it is. */
export function undocumented(name: string, status: number, body: unknown): string[] {
  const media = documented(name, status);
  return media === undefined ? [`${name} does not document ${status}`] : mismatches(media.schema, body);
}
