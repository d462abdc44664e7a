import { json, type SandboxResponse } from "../../kernel/types.ts";
import type { OdataError } from "../errors.ts";

type Statuses = {
  /** Under which refusals of business rules travel. */
  business: number;
  /** Under which ODP_NOT_IMPLEMENTED travels. */
  notImplemented: number;
};

export function errorAnswer(error: OdataError, statuses: Statuses): SandboxResponse {
  const body: Record<string, unknown> = { code: error.code, message: error.message };
  if (error.details.length > 0) body.details = error.details;
  const status = error.code === "ODP_NOT_IMPLEMENTED" ? statuses.notImplemented : error.status;
  return json(error.business ? statuses.business : status, { error: body });
}
