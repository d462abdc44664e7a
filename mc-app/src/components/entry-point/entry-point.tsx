import { ApplicationShell, setupGlobalErrorListener } from "@commercetools-frontend/application-shell";
import type { ApplicationWindow } from "@commercetools-frontend/constants";
import { lazy } from "react";
import { loadMessages } from "../../load-messages.ts";

declare let window: ApplicationWindow;

// The shell paints before the page's own code has arrived.
const AsyncRoutes = lazy(async () => ({ default: (await import("../../routes.tsx")).Routes }));

// Before anything renders, so that errors of the first paint are caught too.
setupGlobalErrorListener();

export function EntryPoint() {
  return (
    <ApplicationShell enableReactStrictMode environment={window.app} applicationMessages={loadMessages}>
      <AsyncRoutes />
    </ApplicationShell>
  );
}
