import { json, type SandboxResponse } from "../../kernel/types.ts";
import type { OdataError } from "../errors.ts";

/** `businessStatus`: the status under which refusals of business rules travel. */
export function errorAnswer(error: OdataError, businessStatus: number): SandboxResponse {
  const body: Record<string, unknown> = { code: error.code, message: error.message };
  if (error.details.length > 0) body.details = error.details;
  return json(error.business ? businessStatus : error.status, { error: body });
}
