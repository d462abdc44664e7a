import { runScript, scriptSurroundings } from "core/compose/install.ts";
import { install, installSchema } from "./install.ts";

process.exitCode = await runScript(installSchema, process.env, (settings) => install(settings, scriptSurroundings()));
