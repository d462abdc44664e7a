import {
  AuthenticationError,
  ConflictError,
  RefusedError,
  TransientError,
  UnknownOutcomeError,
} from "../domain/failure.ts";

export type Failure = AuthenticationError | ConflictError | RefusedError | TransientError | UnknownOutcomeError;

export type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure };

const failures = [AuthenticationError, ConflictError, RefusedError, TransientError, UnknownOutcomeError];

/** Here a failure is what was looked for, so it becomes a value. Defects are thrown on. */
export async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (failures.some((kind) => error instanceof kind)) return { ok: false, error: error as Failure };
    throw error;
  }
}
