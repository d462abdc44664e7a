import { expect, test } from "vitest";
import { permissionSuffix } from "./users.ts";

// The pairs that the platform's own toolkit documents for `entryPointUriPathToPermissionKeys`.
test.each([
  ["avengers", "Avengers"],
  ["the-avengers", "TheAvengers"],
  ["the_avengers", "The_Avengers"],
  ["avengers-01", "Avengers/01"],
  ["avengers_01", "Avengers_01"],
])("permissions of %s are named %s", (entryPointUriPath, suffix) => {
  expect(permissionSuffix(entryPointUriPath)).toBe(suffix);
});
