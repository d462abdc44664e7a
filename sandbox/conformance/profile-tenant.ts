import { defaultSettings } from "../ifs/settings.ts";
import type { IfsProfile } from "../profiles.ts";
import type { Tenant } from "./names.ts";

/** Zones of the company's sites where a profile names no other. */
const zones = { "101": "Europe/Berlin", "102": "Europe/Berlin", "201": "Europe/Stockholm" };

/** Everything there is to know of a sandbox tenant of this kind. */
export function tenantOfProfile(profile: IfsProfile): Tenant {
  return {
    ...defaultSettings,
    ...profile.settings,
    siteTimeZones: { ...zones, ...profile.settings.siteTimeZones },
    grants: { projections: profile.grants?.projections ?? "all" },
  };
}
