import { startApp } from "core/compose/start.ts";
import { createApp } from "./app.ts";
import { configSchema } from "./config.ts";

await startApp({
  name: "job-app",
  schema: configSchema,
  env: process.env,
  create: createApp,
  lanes: ["orders", "statuses", "stock", "prices"],
});
