import { defineConfig } from "vitest/config";

/** The default leaves one core to the runner, which only waits: on two cores that is half of the machine. */
const everyCore = "100%";

/** Tests that hold an answer to a few milliseconds: no others may run beside them. */
const timed = [
  "sandbox/commercetools/order-queries.test.ts",
  "sandbox/commercetools/performance.test.ts",
  "sandbox/ifs/store.test.ts",
  "service-app/src/app.test.ts",
];

/** Holds the start of an application to a second. */
const alone = ["e2e/bundles.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: [
            "{core,event-app,job-app,service-app}/src/**/*.test.ts",
            "sandbox/**/*.test.ts",
            "scripts/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", ...timed],
          // One process reads the modules once for all of its files: they leave no globals behind.
          isolate: false,
          maxWorkers: everyCore,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "timed",
          include: timed,
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          // After those that use every core.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "prove",
          include: ["prove/**/*.test.ts"],
          isolate: false,
          maxWorkers: everyCore,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          // Both platforms as servers on free ports, in the test's own process: files do not know of each other.
          name: "served",
          include: ["e2e/served/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["e2e/*.test.ts"],
          exclude: ["**/node_modules/**", ...alone],
          globalSetup: ["e2e/build.ts"],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          // Real processes and real browsers, each file with ports and folders of its own. Two, because a restart is held to three seconds.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "bundles",
          include: alone,
          testTimeout: 180_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
