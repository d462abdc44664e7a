import { ConflictError } from "../domain/failure.ts";
import { isRefused } from "./client.ts";

/** One line of what an installation did. `removed`: an optional resource that the configuration no longer wants. */
export type Installed = {
  readonly resource: string;
  readonly done: "created" | "updated" | "unchanged" | "removed";
  readonly detail: string;
};

/** One line of what a removal did. */
export type Removed = {
  readonly resource: string;
  readonly done: "removed" | "kept";
  readonly why: string;
};

const ATTEMPTS = 3;

/**
 * Runs a read-compare-write step; once more when another app's script was at the same resource at the same moment (its
 * create gives DuplicateField, its update a conflict). Post-deploy scripts of one deployment run side by side.
 */
export async function settled<T>(step: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      const concurrent = error instanceof ConflictError || isRefused(error, "DuplicateField");
      if (!concurrent || attempt >= ATTEMPTS) throw error;
    }
  }
}

/** The existing resource can't become what the connector needs; only a person may decide what to do with it. */
export class InstallationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InstallationError";
  }
}
