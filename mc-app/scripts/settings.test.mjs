import { expect, it } from "vitest";
import { missingSettings } from "./settings.mjs";

const good = { CUSTOM_APPLICATION_ID: "cm3application", ENTRY_POINT_URI_PATH: "ifs-cloud", CLOUD_IDENTIFIER: "aws-eu" };
const keysOf = (env) => missingSettings(env).map(({ key }) => key);

it("accepts a registered application", () => {
  expect(missingSettings(good)).toEqual([]);
});

it("names what is absent, still a placeholder, or spelled as the Merchant Center would refuse it", () => {
  expect([
    keysOf({}),
    keysOf({ ...good, CUSTOM_APPLICATION_ID: "not-registered-yet" }),
    keysOf({ ...good, ENTRY_POINT_URI_PATH: "IFS Cloud" }),
    keysOf({ ...good, CLOUD_IDENTIFIER: "eu" }),
  ]).toEqual([
    ["CUSTOM_APPLICATION_ID", "ENTRY_POINT_URI_PATH", "CLOUD_IDENTIFIER"],
    ["CUSTOM_APPLICATION_ID"],
    ["ENTRY_POINT_URI_PATH"],
    ["CLOUD_IDENTIFIER"],
  ]);
});
