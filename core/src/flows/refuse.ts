import type { Owner, Rejection, RejectionCode } from "../domain/failure.ts";
import { err, type Result } from "../domain/result.ts";

/** A Rejection as a Result: what happened, what to do, who can do it. */
export const refuse = (
  code: RejectionCode,
  owner: Owner,
  text: { message: string; action: string; field?: string; value?: string },
): Result<never, Rejection> => err({ code, owner, ...text });
