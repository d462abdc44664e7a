import { runScript, scriptSurroundings } from "core/compose/install.ts";
import { configSchema } from "./config.ts";
import { install } from "./install.ts";

process.exitCode = await runScript(configSchema, process.env, (settings) => install(settings, scriptSurroundings()));
