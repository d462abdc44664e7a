import { expect, it } from "vitest";
import { createCarts } from "./carts.ts";
import { clientOf, createPlatform } from "./testing/platform.ts";

it("tells of which carts nothing can be ordered any more: ordered, merged and deleted ones", async () => {
  const platform = createPlatform();
  const states = { a: "Active", f: "Frozen", o: "Ordered", m: "Merged" };
  for (const [id, cartState] of Object.entries(states)) platform.seed("carts", { id, cartState, lineItems: [] });
  const carts = createCarts(clientOf(platform).ct);
  expect(await carts.over(["a", "f", "o", "m", "deleted"])).toEqual(new Set(["o", "m", "deleted"]));
  expect(await carts.over(["a"])).toEqual(new Set());
});
