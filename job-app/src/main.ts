import { startApp } from "core/compose/start.ts";
import { jobApp } from "./app.ts";

await startApp(jobApp, process.env);
