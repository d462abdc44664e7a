import type { SandboxResponse } from "../kernel/types.ts";
import { json } from "../kernel/types.ts";
import type { Doc } from "./json.ts";

export type ErrorItem = Doc & { code: string; message: string };

/** A refusal in the platform's error model: `{statusCode, message, errors: [{code, message, …}]}`. */
export class PlatformError extends Error {
  readonly status: number;
  readonly errors: ErrorItem[];
  readonly headers: Record<string, string>;

  constructor(status: number, errors: ErrorItem[], headers: Record<string, string> = {}) {
    super(errors[0]?.message ?? "error");
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

export function refuse(code: string, message: string, extra: Doc = {}): PlatformError {
  return new PlatformError(400, [{ code, message, ...extra }]);
}

/** The part of the world that says how refusals look. */
type ShopSettings = { readonly settings: { readonly businessErrorStatus: number } };

/** A refusal for reasons of the shop (stock, price, limits, taxes); its status is a setting. */
export function businessError(world: ShopSettings, code: string, message: string, extra: Doc = {}): PlatformError {
  return new PlatformError(world.settings.businessErrorStatus, [{ code, message, ...extra }]);
}

export function invalidInput(message: string): PlatformError {
  return refuse("InvalidInput", message);
}

export function invalidOperation(message: string): PlatformError {
  return refuse("InvalidOperation", message);
}

export function invalidJson(detail: string): PlatformError {
  return refuse("InvalidJsonInput", "Request body does not contain valid JSON.", { detailedErrorMessage: detail });
}

export function requiredField(field: string): PlatformError {
  return refuse("RequiredField", `A value is required for field '${field}'.`, { field });
}

export function invalidField(field: string, invalidValue: unknown, allowedValues?: unknown[]): PlatformError {
  return refuse("InvalidField", `The value '${JSON.stringify(invalidValue)}' is not valid for field '${field}'.`, {
    field,
    invalidValue,
    ...(allowedValues ? { allowedValues } : {}),
  });
}

export function duplicateField(field: string, duplicateValue: unknown, extra: Doc = {}): PlatformError {
  const shown = typeof duplicateValue === "string" ? duplicateValue : JSON.stringify(duplicateValue);
  return refuse("DuplicateField", `A duplicate value '"${shown}"' exists for field '${field}'.`, {
    field,
    duplicateValue,
    ...extra,
  });
}

export function notFound(message: string): PlatformError {
  return new PlatformError(404, [{ code: "ResourceNotFound", message }]);
}

export function resourceNotFound(typeId: string, idOrKey: string): PlatformError {
  return notFound(`The Resource with ID '${idOrKey}' was not found (${typeId}).`);
}

export function referencedNotFound(typeId: string, by: { id?: string; key?: string }): PlatformError {
  const shown = by.id !== undefined ? `identifier '${by.id}'` : `key '${by.key}'`;
  return refuse(
    "ReferencedResourceNotFound",
    `The referenced object of type '${typeId}' with ${shown} was not found.`,
    {
      typeId,
      ...by,
    },
  );
}

export function concurrentModification(sent: number, currentVersion: number): PlatformError {
  const message = `Version mismatch. Concurrent modification. Expected: ${sent}. Current: ${currentVersion}.`;
  return new PlatformError(409, [{ code: "ConcurrentModification", message, currentVersion }]);
}

export function unknownAction(name: string, known: string[]): PlatformError {
  return invalidJson(`actions: Invalid type value '${name}'. Valid values: [${known.join(", ")}]`);
}

export function toResponse(error: PlatformError): SandboxResponse {
  const body: Doc = { statusCode: error.status, message: error.message, errors: error.errors };
  if (error.status === 401 || error.status === 403) {
    body.error = error.errors[0]?.code;
    body.error_description = error.message;
  }
  return json(error.status, body, error.headers);
}
