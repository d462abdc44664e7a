import { refused } from "../errors.ts";
import type { Values } from "../schema.ts";
import type { Context } from "./definition.ts";

/** Reading an ungranted site gives nothing; writing to one is refused. */
export function requireSiteGrant(context: Context, lu: string, values: Values): void {
  const { Contract } = values;
  if (typeof Contract === "string" && !context.caller.sites.includes(Contract)) {
    throw refused(
      lu,
      "NOTALLOWEDSITE",
      `User ${context.caller.clientId.toUpperCase()} is not connected to site ${Contract}.`,
    );
  }
}
