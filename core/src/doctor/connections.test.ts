import { expect, test } from "vitest";
import { chooseIfs } from "./connections.ts";

const sandbox = JSON.stringify({
  ifs: "http://127.0.0.1:4010",
  ifsClient: { tokenUrl: "http://127.0.0.1:4010/token", clientId: "ctconnector", clientSecret: "sandbox-secret" },
});
const environment = {
  IFS_BASE_URL: "https://boats.ifs.cloud",
  IFS_TOKEN_URL: "https://boats.ifs.cloud/token",
  IFS_CLIENT_ID: "shop",
  IFS_CLIENT_SECRET: "planted",
};

test("the environment counts before the sandbox", () => {
  expect(chooseIfs(environment, sandbox)).toEqual({
    baseUrl: "https://boats.ifs.cloud",
    tokenUrl: "https://boats.ifs.cloud/token",
    clientId: "shop",
    clientSecret: "planted",
  });
});

test("without an environment it is the running sandbox", () => {
  expect(chooseIfs({}, sandbox)).toEqual({
    baseUrl: "http://127.0.0.1:4010",
    tokenUrl: "http://127.0.0.1:4010/token",
    clientId: "ctconnector",
    clientSecret: "sandbox-secret",
  });
});

test.each([
  ["half an environment", { IFS_BASE_URL: "https://boats.ifs.cloud" }, sandbox],
  ["a project of the environment without its IFS", { CTP_PROJECT_KEY: "boats" }, sandbox],
  ["nothing at all", {}, undefined],
  ["a sandbox that is not described", {}, "{}"],
  ["a damaged description", {}, "{"],
])("%s is not completed by guessing", (_, env, announcement) => {
  expect(chooseIfs(env, announcement)).toBeUndefined();
});
