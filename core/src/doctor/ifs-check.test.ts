import { expect, test } from "vitest";
import { AuthenticationError, TransientError } from "../domain/failure.ts";
import { checkClock, checkLatency, checkSignIn, checkToken } from "./ifs-check.ts";
import type { Observations } from "./observed-fetch.ts";

const observed = (over: Partial<Observations> = {}): Observations => ({
  token: undefined,
  skews: [],
  latencies: [],
  ...over,
});
const life = (expiresIn: number | undefined) => observed({ token: { status: 200, expiresIn, scopes: undefined } });
const brief = ({ findings }: { findings: readonly { check: string; severity: string }[] }) =>
  findings.map(({ check, severity }) => `${severity} ${check}`);

test.each([
  [5, ["error ifs.token-life"]],
  [10, ["warning ifs.token-life"]],
  [59, ["warning ifs.token-life"]],
  [60, []],
  [undefined, []],
])("a token that lives %s s", (seconds, expected) => {
  expect(brief(checkToken(life(seconds)))).toEqual(expected);
});

test.each([
  [29_000, []],
  [-31_000, ["warning ct.clock"]],
  [125_000, ["error ct.clock"]],
])("a clock that is %d ms ahead", (skew, expected) => {
  expect(brief(checkClock("commercetools", observed({ skews: [0, skew, skew] })))).toEqual(expected);
});

test("nothing was measured", () => {
  expect(checkClock("IFS", observed())).toEqual({ findings: [], seen: [] });
});

const site = (pools: number, deadlineMs: number) =>
  ({ stock: { pools: Array(pools).fill({}) }, atp: { deadlineMs } }) as unknown as Parameters<typeof checkLatency>[1];

test.each([
  [700, site(1, 1200), ["warning ifs.latency"]],
  [500, site(1, 1200), []],
  [700, site(0, 1200), []],
  [1500, site(0, 1200), ["warning ifs.latency"]],
])("reads of %d ms", (ms, config, expected) => {
  expect(brief(checkLatency(observed({ latencies: [ms, ms, 1] }), config))).toEqual(expected);
});

test("why nothing could be asked", () => {
  const refused = new AuthenticationError("ifs", "401");
  const checks = [
    checkSignIn(refused, observed({ token: { status: 401, expiresIn: undefined, scopes: undefined } })),
    checkSignIn(refused, life(180)),
    checkSignIn(new TransientError("IFS token endpoint does not answer."), observed()),
  ];
  expect(checks.map(({ check, owner, message }) => ({ check, owner, message }))).toEqual([
    {
      check: "ifs.sign-in",
      owner: "ifsAdministrator",
      message: "The identity provider refuses the credential: 401.",
    },
    {
      check: "ifs.token-accepted",
      owner: "ifsAdministrator",
      message: "A token is handed out, and the API does not accept it: 401.",
    },
    {
      check: "ifs.reachable",
      owner: "operator",
      message: "IFS could not be used: IFS token endpoint does not answer.",
    },
  ]);
});
