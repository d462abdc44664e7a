import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
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

// The first page of a test file loads the whole shell, which takes seconds on a busy machine.
configure({ asyncUtilTimeout: 4000 });

// jsdom lays nothing out, so it has nothing to scroll.
Element.prototype.scrollIntoView = vi.fn();

beforeEach(() => {
  vi.useRealTimers();
});

afterEach(() => {
  cleanup();
});
