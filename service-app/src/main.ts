import { startApp } from "core/compose/start.ts";
import { createApp } from "./app.ts";
import { configSchema } from "./config.ts";

// A shopper waits for the answer: commercetools gets one try and less than the extension's time.
await startApp("service-app", configSchema, process.env, createApp, { ctTimeoutMs: 1500, ctReadRetries: 0 });
