import { startApp } from "core/compose/start.ts";
import { createApp } from "./app.ts";
import { configSchema } from "./config.ts";

// A shopper waits for the answer: one try each, and no read outlives the shopper's patience.
await startApp({
  name: "service-app",
  schema: configSchema,
  env: process.env,
  create: createApp,
  lanes: ["checkout"],
  ctTimeoutMs: 1500,
  ctReadRetries: 0,
  ifsReadMs: (config) => config.atp.deadlineMs,
});
