import { json, type SandboxResponse } from "../../kernel/types.ts";
import type { OdataError } from "../errors.ts";

type Statuses = {
  /** Under which refusals of business rules travel. */
  business: number;
  /** Under which ODP_NOT_IMPLEMENTED travels. */
  notImplemented: number;
  /** `status CODE` by the model's code. */
  others: Record<string, string>;
};

export function errorAnswer(error: OdataError, statuses: Statuses): SandboxResponse {
  const [otherStatus, code = error.code] = statuses.others[error.code]?.split(" ") ?? [];
  const body: Record<string, unknown> = { code, message: error.message };
  if (error.details.length > 0) body.details = error.details.map(({ message }) => ({ code, message }));
  const usual = error.code === "ODP_NOT_IMPLEMENTED" ? statuses.notImplemented : error.status;
  const status = otherStatus === undefined ? (error.business ? statuses.business : usual) : Number(otherStatus);
  return json(status, { error: body }, error.headers);
}
