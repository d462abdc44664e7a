import { expect, test } from "vitest";
import { removedLineItems } from "./messages.ts";
import { clientOf, createPlatform, refusal } from "./testing/platform.ts";

const removed = { type: "OrderLineItemRemoved", lineItemId: "l-1", removedQuantity: 2, newQuantity: 1 };

test("what edits took off orders since then, and nothing else that Messages tell", async () => {
  const platform = createPlatform();
  const order = { typeId: "order", id: "o-1" };
  platform.seed("messages", { ...removed, resource: order });
  const { createdAt } = platform.seed("messages", { ...removed, resource: order });
  platform.seed("messages", { ...removed, type: "OrderLineItemAdded", resource: order });
  platform.seed("messages", { ...removed, resource: { typeId: "other", id: "x" } });
  expect(await removedLineItems(clientOf(platform).ct, Date.parse(createdAt))).toEqual([
    expect.objectContaining({ orderId: "o-1", lineId: "l-1", quantity: 2, at: Date.parse(createdAt) }),
  ]);
});

test("nothing is told where there is no scope to read Messages; an outage is one", async () => {
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  const refused = (status: number, code: string) => {
    platform.intercept = ({ path }) => (path === "/messages" ? refusal(status, code, "") : undefined);
  };
  refused(403, "insufficient_scope");
  expect(await removedLineItems(ct, 0)).toEqual([]);
  refused(503, "ServiceUnavailable");
  await expect(removedLineItems(ct, 0)).rejects.toThrow();
});
