import type { Surroundings } from "core/compose/connector.ts";
import { createIfsCheck, scriptClient } from "core/compose/install.ts";
import { eventDeploySettings } from "core/compose/settings.ts";
import { installOrders } from "core/ct/resources.ts";
import type { Config } from "./config.ts";

/** What the post-deploy script does; `env` says where Connect wants the events. */
export async function install(
  settings: Config,
  env: Readonly<Record<string, string | undefined>>,
  surroundings: Surroundings,
) {
  const destination = eventDeploySettings.safeParse(env);
  if (!destination.success) {
    throw new Error(
      "CONNECT_SUBSCRIPTION_DESTINATION must be GoogleCloudPubSub (with CONNECT_GCP_PROJECT_ID and CONNECT_GCP_TOPIC_NAME) or SNS (with CONNECT_AWS_TOPIC_ARN); Connect sets them for event applications",
    );
  }
  const ct = scriptClient(settings, surroundings);
  const checkIfs = createIfsCheck(ct, settings, surroundings);
  return installOrders(ct, destination.data, { checkIfs, clock: surroundings.clock });
}
