/** A caller whom commercetools is slow to verify loses no time of the answer: IFS has what it always has. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Running, STOREFRONT_KEY, startService } from "./testing/stand-ins.ts";

const DEADLINE_MS = 1500;
/** Longer than an answer may take, and within the two seconds that verification may. */
const VERIFY_MS = 1600;

let service: Running;
beforeAll(async () => {
  const doors = { figures: { session: "shown", shopper: "shown", key: "shown" } };
  service = await startService({ deadlineMs: DEADLINE_MS, doors }, { onHand: { FEW: 3 } });
  // Whoever asks first waits for tokens.
  await post("/service/atp", { "x-storefront-key": STOREFRONT_KEY }, { lines });
  service.faults.verifyMs = VERIFY_MS;
});
afterAll(() => service.stop());

const lines = [{ sku: "FEW", supplyChannel: "web" }];
type Answer = { readonly lines: readonly { readonly reason: string; readonly source: string }[] };

async function post<T>(path: string, headers: Record<string, string>, body: object): Promise<T> {
  const response = await fetch(`${service.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const byIfs = { reason: "available", source: "ifs" };

test("a question of a session", async () => {
  const from = performance.now();
  const answer = await post<Answer>("/service/atp", { "x-session-id": "session-right" }, { lines });
  expect(answer.lines).toMatchObject([byIfs]);
  expect(performance.now() - from).toBeGreaterThan(VERIFY_MS);
});

test("several questions of a token", async () => {
  const authorization = "Bearer token-right";
  const { answers } = await post<{ answers: readonly Answer[] }>(
    "/service/atp/batch",
    { authorization },
    { questions: [{ lines }, { lines }] },
  );
  expect(answers.map((answer) => answer.lines)).toMatchObject([[byIfs], [byIfs]]);
});
