/**
 * The kinds of tenants that exist, and what a merchant writes into the configuration for each. Nothing else tells the connector
 * which kind it has before it.
 */
import { type IfsProfile, ifsProfile, ifsProfiles } from "../sandbox/profiles.ts";

export type Tenant = {
  readonly name: string;
  readonly profile: IfsProfile;
  /** Over sandbox/connector-config.yaml: objects are merged, everything else is replaced. */
  readonly configuration: Readonly<Record<string, unknown>>;
};

const configurations: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  standard: {},
};

export const tenants: readonly Tenant[] = ifsProfiles.map((profile) => ({
  name: profile.name,
  profile,
  configuration: configurations[profile.name] ?? {},
}));

/** Throws an Error that lists the names there are. */
export function tenantNamed(name: string): Tenant {
  const profile = ifsProfile(name);
  return { name, profile, configuration: configurations[name] ?? {} };
}
