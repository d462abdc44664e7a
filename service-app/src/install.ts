import type { Surroundings } from "core/compose/connector.ts";
import { createIfsCheck, scriptClient } from "core/compose/install.ts";
import { serviceDeploySettings } from "core/compose/settings.ts";
import { installCheckout } from "core/ct/resources.ts";
import type { z } from "zod";
import { configSchema } from "./config.ts";

/** The application's own settings, and the public URL that Connect tells the script. */
export const installSchema = configSchema.extend(serviceDeploySettings.shape);

/** What the post-deploy script does. */
export function install(settings: z.infer<typeof installSchema>, surroundings: Surroundings) {
  const ct = scriptClient(settings, surroundings);
  const { clock, random, fetch } = surroundings;
  return installCheckout(ct, {
    checkIfs: createIfsCheck(ct, settings, surroundings),
    serviceUrl: settings.CONNECT_SERVICE_URL,
    extensionHeader: settings.ATP_EXTENSION_SECRET[0] as string,
    extensionPath: "/extension",
    clock,
    random,
    fetch,
  });
}
