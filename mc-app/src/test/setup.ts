import "@testing-library/jest-dom/vitest";
import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";

// What the built HTML gives the application in a real Merchant Center.
Object.assign(window, {
  app: {
    applicationId: "test:ifs-cloud",
    applicationIdentifier: "test:ifs-cloud",
    applicationName: "IFS Cloud",
    entryPointUriPath: "ifs-cloud",
    mcApiUrl: "https://mc-api.test",
    frontendHost: "mc.test",
    location: "gcp-eu",
    env: "test",
    cdnUrl: "https://mc.test",
    servedByProxy: false,
    revision: "",
  },
});

// jsdom lays nothing out, so it has nothing to scroll.
Element.prototype.scrollIntoView = vi.fn();

beforeEach(() => {
  vi.useRealTimers();
});

afterEach(() => {
  cleanup();
});
