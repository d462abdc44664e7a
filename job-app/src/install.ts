import type { Surroundings } from "core/compose/connector.ts";
import { createIfsCheck, scriptClient } from "core/compose/install.ts";
import { installJobs } from "core/ct/resources.ts";
import type { Config } from "./config.ts";

/** What the post-deploy script does. */
export function install(settings: Config, surroundings: Surroundings) {
  const ct = scriptClient(settings, surroundings);
  const checkIfs = createIfsCheck(ct, settings, surroundings);
  return installJobs(ct, { checkIfs, clock: surroundings.clock });
}
