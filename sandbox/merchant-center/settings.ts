import type { Clock } from "../kernel/types.ts";
import type { Language, PermissionSpelling, UserName } from "./users.ts";

export type MerchantCenterSettings = {
  /** The built application, with its HTML compiled for this port. */
  appDir: string;
  /** Where the commercetools sandbox listens, without a path. */
  commercetoolsUrl: string;
  projectKey: string;
  /** Of the application, as registered. */
  entryPointUriPath: string;
  applicationId: string;
  applicationName: string;
  clock: Clock;
};

/** What a test may change while the Merchant Center runs. */
export type Visit = { user: UserName; language: Language; permissionSpelling: PermissionSpelling };

/** Operations that the page asked for and the sandbox does not know; empty in a good run. */
export type UnknownOperation = { target: string; operationName: string };
