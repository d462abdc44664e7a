import { startApp } from "core/compose/start.ts";
import { eventApp } from "./app.ts";

await startApp(eventApp, process.env);
