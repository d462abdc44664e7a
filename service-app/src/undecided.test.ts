/** Orders that are refused though nobody could judge them: each leaves a line in the journal. */
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { EXTENSION_SECRET, type Running, startService } from "./testing/stand-ins.ts";

let open: Running;
let closed: Running;
beforeAll(async () => {
  [open, closed] = await Promise.all([startService({}), startService({ defaultFailPolicy: "closed" })]);
});
afterAll(() => Promise.all([open.stop(), closed.stop()]));

const item = { id: "l1", quantity: 1, variant: { sku: "BOLT" } };
const order = (id: string, lineItems: unknown) => ({
  action: "Create",
  resource: { typeId: "order", id, obj: { id, cart: { typeId: "cart", id: `cart-of-${id}` }, lineItems } },
});
const post = async (service: Running, body: unknown, secret = EXTENSION_SECRET) =>
  (
    await fetch(`${service.url}/service/extension`, {
      method: "POST",
      headers: { authorization: secret },
      body: typeof body === "string" ? body : JSON.stringify(body),
    })
  ).status;
type Told = { readonly event: string; readonly order?: unknown };
const journal = async (service: Running): Promise<Told[]> =>
  (await service.journal("ifs-connector-atp")).map(({ event, detail }) => ({ event, ...detail }));

beforeEach(async () => {
  for (const service of [open, closed]) {
    delete service.faults.configuration;
    // The configuration is known from here on, and so is its policy.
    expect(await post(service, order("known", [item]))).toBe(200);
  }
});

test("a refusal that nobody could decide is journaled, with why and whose; what the policy lets pass is none", async () => {
  const bodies = ["{broken", order("o-odd", [{ ...item, quantity: -1 }])];
  for (const [service, status] of [
    // First: what it would journal is written by the time that the other's is.
    [open, 200],
    [closed, 400],
  ] as const) {
    for (const body of bodies) expect(await post(service, body)).toBe(status);
    service.faults.configuration = new RangeError('ifs.binding.ordr: unknown object "ordr"');
    expect(await post(service, order("o-unusable", [item]))).toBe(status);
    expect(await post(service, "{broken", "a stranger's")).toBe(401);
  }
  await vi.waitFor(async () => expect(await journal(closed)).toHaveLength(3), 5000);
  expect((await journal(closed)).toSorted((a, b) => (String(a.order) < String(b.order) ? -1 : 1))).toEqual([
    {
      event: "checkout-undecided",
      ...{ reason: "unreadable", message: expect.stringContaining("quantity"), policy: "closed" },
      ...{ order: "o-odd", cart: "cart-of-o-odd" },
    },
    {
      event: "checkout-undecided",
      ...{ reason: "defect", message: 'ifs.binding.ordr: unknown object "ordr"', policy: "closed" },
      ...{ order: "o-unusable", cart: "cart-of-o-unusable" },
    },
    { event: "checkout-undecided", reason: "unreadable", message: "the body is not JSON", policy: "closed" },
  ]);
  expect(await journal(open)).toEqual([]);
});
