import { expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import { virtualTime } from "../runtime/testing/virtual-time.ts";
import { createDoctorDoor, type DoctorView } from "./doctor.ts";
import { serverSettings } from "./settings.ts";

const settings = serverSettings.parse({
  CTP_API_URL: "http://ct.test",
  CTP_AUTH_URL: "http://ct.test",
  CTP_PROJECT_KEY: "shop",
  CTP_CLIENT_ID: "id",
  CTP_CLIENT_SECRET: "secret",
  IFS_BASE_URL: "http://ifs.test",
  IFS_TOKEN_URL: "http://ifs.test/token",
  IFS_CLIENT_ID: "id",
  IFS_CLIENT_SECRET: "secret",
});
const logger = { info: () => {}, warn: () => {}, error: () => {} };

/** A door under virtual time; `answer` stands for both systems. */
function setUp(answer: (url: string, signal: AbortSignal | null | undefined) => Promise<Response>) {
  const time = virtualTime();
  const asked: string[] = [];
  const lanes = new Set<string>();
  const door = createDoctorDoor({
    settings,
    clock: time.clock,
    logger,
    fetch: (input, init) => {
      asked.push(String(input));
      return answer(String(input), init?.signal);
    },
    budget: {
      run: (lane, _signal, work) => {
        lanes.add(lane);
        return work();
      },
      observe: () => {},
    },
  });
  const settled: unknown[] = [];
  const ask = () => {
    const asking = door().then(
      (view) => settled.push(view),
      (error: unknown) => settled.push(error),
    );
    return asking;
  };
  return { time, asked, lanes, ask, settled };
}

const signingIn = (): Response => Response.json({ access_token: "t", expires_in: 180, scope: "" });
const refusing = async (url: string): Promise<Response> =>
  url.endsWith("/token") ? signingIn() : new Response("{}", { status: 404 });
const silent = (url: string, signal: AbortSignal | null | undefined): Promise<Response> =>
  new Promise((resolve, reject) => {
    if (url.endsWith("/token")) resolve(signingIn());
    if (signal?.aborted) reject(signal.reason as Error);
    signal?.addEventListener("abort", () => reject(signal.reason as Error));
  });

test("a project without a configuration gets a report, and reads of IFS wait behind everybody else's", async () => {
  const { ask, settled, lanes } = setUp(refusing);
  await ask();
  const [view] = settled as DoctorView[];
  expect(view).toMatchObject({ running: false, ageSeconds: 0, report: { configuration: "none", projectKey: "shop" } });
  expect(view?.report?.findings.map(({ check }) => check)).toContain("ct.configuration");
  expect([...lanes]).toEqual(["prices"]);
});

test("who asks at the same time, or within a minute, gets the same report with its age", async () => {
  const { ask, settled, asked, time } = setUp(refusing);
  await Promise.all([ask(), ask(), ask()]);
  const once = asked.length;
  await time.run(59_000);
  await ask();
  expect(settled.map((view) => (view as DoctorView).ageSeconds)).toEqual([0, 0, 0, 59]);
  expect(asked.length).toBe(once);
  await time.run(1000);
  await ask();
  expect(asked.length).toBe(2 * once);
});

test("systems that do not answer: callers wait for seconds, a run ends after two minutes, the next one starts anew", async () => {
  const { ask, settled, asked, time } = setUp(silent);
  void ask();
  await time.run(7999);
  expect(settled).toEqual([]);
  await time.run(1);
  expect(settled).toEqual([{ running: true, ageSeconds: null, report: null }]);
  await time.run(110_000);
  const before = asked.length;
  void ask();
  await time.run(2000);
  expect(settled[1]).toBeInstanceOf(TransientError);
  expect(time.pending()).toBe(0);
  void ask();
  await time.run(8000);
  expect([settled.length, asked.length > before]).toEqual([3, true]);
});
