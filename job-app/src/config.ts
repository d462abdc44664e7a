import { serverSettings, sharedSettings } from "core/compose/settings.ts";
import type { z } from "zod";

/** Everything that job-app reads from its environment. */
export const configSchema = serverSettings;
export type Config = z.infer<typeof configSchema>;

/** The part of it that connect.yaml declares for this app, global keys included. */
export const declaredKeys = Object.keys(sharedSettings.shape);
