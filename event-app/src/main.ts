import { startApp } from "core/compose/start.ts";
import { createApp } from "./app.ts";
import { configSchema } from "./config.ts";

await startApp("event-app", configSchema, process.env, createApp);
