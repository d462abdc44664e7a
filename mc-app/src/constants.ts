// The `ssr` entry point is the one without React, small enough for every module.
import { entryPointUriPathToPermissionKeys } from "@commercetools-frontend/application-shell/ssr";
import type { ApplicationWindow } from "@commercetools-frontend/constants";

declare let window: ApplicationWindow;

/** Chosen at registration, so only known at run time; a function, because tests set `window.app` before they render. */
export function permissions(): { View: string; Manage: string } {
  return entryPointUriPathToPermissionKeys(window.app.entryPointUriPath);
}

/** What follows the entry point in the address of the page about stock. */
export const STOCK_PAGE = "stock";

/** `projectKey` may be a route's `:projectKey`. */
export const pagePath = (projectKey: string, page: string): string =>
  `/${projectKey}/${window.app.entryPointUriPath}${page === "" ? "" : `/${page}`}`;

/** Where installation writes the address of the connector's service: a CustomObject with the value `{ url }`. */
export const SERVICE_URL_DOCUMENT = { container: "ifs-connector-config", key: "service-url" } as const;

export const REFRESH_INTERVAL_MS = 30_000;
export const REQUEST_DEADLINE_MS = 20_000;
