import { createIfsCheck, runScript, scriptClient } from "core/compose/install.ts";
import { serviceDeploySettings } from "core/compose/settings.ts";
import { installCheckout } from "core/ct/resources.ts";
import { configSchema } from "./config.ts";

const schema = configSchema.extend(serviceDeploySettings.shape);

process.exitCode = await runScript(schema, process.env, (settings) => {
  const ct = scriptClient(settings);
  return installCheckout(ct, {
    checkIfs: createIfsCheck(ct, settings),
    serviceUrl: settings.CONNECT_SERVICE_URL,
    extensionHeader: settings.ATP_EXTENSION_SECRET,
    extensionPath: "/extension",
  });
});
