import { runScript, scriptClient } from "core/compose/install.ts";
import { injectedSettings } from "core/compose/settings.ts";
import { uninstallCheckout } from "core/ct/uninstall.ts";

// Only the API client is needed: everything is found by key.
process.exitCode = await runScript(injectedSettings, process.env, (settings) =>
  uninstallCheckout(scriptClient(settings)),
);
