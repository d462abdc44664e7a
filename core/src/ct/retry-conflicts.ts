import { ConflictError } from "../domain/failure.ts";

const ATTEMPTS = 5;

/** Repeats a step that reads what it writes, while somebody else writes first; the fifth ConflictError is thrown. */
export async function retryConflicts<T>(step: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt >= ATTEMPTS) throw error;
    }
  }
}
