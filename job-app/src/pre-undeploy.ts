import { runScript, scriptClient } from "core/compose/install.ts";
import { injectedSettings } from "core/compose/settings.ts";
import { uninstallJobs } from "core/ct/uninstall.ts";

const purge = process.argv.includes("--purge");

// Only the API client is needed: everything is found by key.
process.exitCode = await runScript(injectedSettings, process.env, (settings) =>
  uninstallJobs(scriptClient(settings), { purge }),
);
