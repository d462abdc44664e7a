/** The scopes that Connect gives to the connector's API client: the world gives it no more. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

const file = fileURLToPath(new URL("../connect.yaml", import.meta.url));

const declared = parse(readFileSync(file, "utf8")) as { inheritAs: { apiClient: { scopes: string[] } } };

export const declaredScopes = (): string[] => [...declared.inheritAs.apiClient.scopes];
