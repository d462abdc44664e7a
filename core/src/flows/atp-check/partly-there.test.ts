/** An order of long ago that IFS has without what an Order Edit has added: a person decides, and meanwhile its units are sold. */
import type { Order } from "@commercetools/platform-sdk";
import { expect, it } from "vitest";
import { TransientError } from "../../domain/failure.ts";
import type { OrderId } from "../../domain/ids.ts";
import { ask, openCheckout, orderOf, short } from "./testing/checkout.ts";

const none = { read: async () => ({ holds: [], version: 1 }), swap: async () => 2 };
const DAY = 86_400_000;

function shop() {
  const checkout = openCheckout({ BOLT: { ifs: 5, shop: 5 } }, none);
  const { holds: _holds, ...deps } = checkout.replica();
  const createdAt = checkout.clock.now() - DAY;
  const order = {
    ...orderOf({ id: "o-a", sku: "BOLT", quantity: 2, createdAt }),
    syncInfo: [
      { channel: { typeId: "channel", id: "id-ifs-link" }, externalId: "W-o-a", syncedAt: "2026-01-01T00:00:00Z" },
    ],
  } as unknown as Order;
  // It has a link, and has not changed lately.
  const ordersPage = async ({ where }: { where: string[] }) => (where[0] === "id in :ids" ? [order] : []);
  return { ...deps, ordersPage };
}

it("is in flight at the checkout as well", async () => {
  const deps = { ...shop(), partlyThere: async () => ["o-a" as OrderId] };
  expect(short(await ask(deps, { lines: { BOLT: 5 } }))).toEqual(["BOLT: partial by ifs, 3, partlyAvailable"]);
  expect(short(await ask(deps, { lines: { BOLT: 3 } }))).toEqual(["BOLT: confirm by ifs, 3, available"]);
});

it("is not asked for where the stock flow knows of none", async () => {
  expect(short(await ask(shop(), { lines: { BOLT: 5 } }))).toEqual(["BOLT: confirm by ifs, 5, available"]);
});

it("leaves the line to the policy where nobody can tell whether there is one", async () => {
  const down = async () => {
    throw new TransientError("commercetools is down");
  };
  const decision = await ask({ ...shop(), partlyThere: down }, { lines: { BOLT: 5 } });
  expect(short(decision)).toEqual(["BOLT: unknown by policy, null, shopUnavailable"]);
});
