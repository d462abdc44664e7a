import { createIfsCheck, runScript, scriptClient } from "core/compose/install.ts";
import { serverSettings } from "core/compose/settings.ts";
import { installJobs } from "core/ct/resources.ts";

process.exitCode = await runScript(serverSettings, process.env, (settings) => {
  const ct = scriptClient(settings);
  return installJobs(ct, { checkIfs: createIfsCheck(ct, settings) });
});
