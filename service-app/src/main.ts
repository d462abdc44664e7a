import { startApp } from "core/compose/start.ts";
import { serviceApp } from "./app.ts";

await startApp(serviceApp, process.env);
