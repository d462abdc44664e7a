import { createIfsCheck, runScript, scriptClient } from "core/compose/install.ts";
import { eventDeploySettings, serverSettings } from "core/compose/settings.ts";
import { installOrders } from "core/ct/resources.ts";

process.exitCode = await runScript(serverSettings, process.env, async (settings) => {
  const ct = scriptClient(settings);
  const destination = eventDeploySettings.safeParse(process.env);
  if (!destination.success) {
    throw new Error(
      "CONNECT_SUBSCRIPTION_DESTINATION must be GoogleCloudPubSub (with CONNECT_GCP_PROJECT_ID and CONNECT_GCP_TOPIC_NAME) or SNS (with CONNECT_AWS_TOPIC_ARN); Connect sets them for event applications",
    );
  }
  return installOrders(ct, destination.data, { checkIfs: createIfsCheck(ct, settings) });
});
