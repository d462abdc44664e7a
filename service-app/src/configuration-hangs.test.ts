/** commercetools does not say whether there is a newer configuration: the one that is known decides, line by line. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXTENSION_SECRET, type Running, startService } from "./testing/stand-ins.ts";

const DEADLINE_MS = 2000;
let service: Running;
beforeAll(async () => {
  const thresholds = [{ sku: "FEW", threshold: 10, failPolicy: "closed" }];
  service = await startService({ deadlineMs: DEADLINE_MS, defaultFailPolicy: "open", thresholds });
});
afterAll(() => service.stop());

async function ordered(sku: string) {
  const supplyChannel = { typeId: "channel", id: service.webId };
  const lineItems = [{ id: "l1", quantity: 1, variant: { sku }, supplyChannel }];
  const begun = performance.now();
  const response = await fetch(`${service.url}/service/extension`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: EXTENSION_SECRET },
    body: JSON.stringify({ action: "Create", resource: { typeId: "order", id: "o1", obj: { id: "o1", lineItems } } }),
  });
  const { errors = [] } = (await response.json()) as { errors?: { code: string }[] };
  return { status: response.status, codes: errors.map(({ code }) => code), ms: performance.now() - begun };
}

test("the policy of a class holds, and what the shop confirms is confirmed, in time", async () => {
  expect(await ordered("BOLT")).toMatchObject({ status: 200 });
  service.faults.configuration = "hangs";
  const [confirmed, refused] = [await ordered("BOLT"), await ordered("FEW")];
  expect(confirmed).toMatchObject({ status: 200 });
  expect(refused).toMatchObject({ status: 400, codes: ["InvalidInput"] });
  // What is left of the time is for the decision.
  expect(confirmed.ms).toBeLessThan(DEADLINE_MS / 2);
  expect(refused.ms).toBeLessThan(DEADLINE_MS);
});
