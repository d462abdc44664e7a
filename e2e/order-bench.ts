/** Orders in a running stack: bought, disturbed, and looked at in both systems. */
import { expect } from "vitest";
import { placeOrder } from "../sandbox/commercetools/shopper.ts";
import { eventually, type Json } from "../scripts/platforms.ts";
import { type Ports, PROJECT_KEY, type Stack } from "../scripts/stack.ts";
import { grossInIfs, orderById, ordersInIfs, shopper, storyWorld } from "../scripts/story.ts";

/**
 * For stacks that run beside each other, counted from 1. Below the ports that a system hands out by itself: an application that is killed
 * finds its own free when it comes back.
 */
export const portsOfStack = (number: number): Ports => ({
  ifs: 4010 + 200 * number,
  commercetools: 4020 + 200 * number,
  merchantCenter: 4030 + 200 * number,
  "event-app": 4101 + 200 * number,
  "job-app": 4102 + 200 * number,
  "service-app": 4103 + 200 * number,
});

export const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

export type OrderBench = ReturnType<typeof orderBench>;

export function orderBench(stack: Stack) {
  const world = storyWorld(stack);
  const { shop, ifs, tick } = world;

  const buy = async (sku: string, quantity: number): Promise<string> => {
    const order = await placeOrder({
      url: stack.urls.commercetools,
      projectKey: PROJECT_KEY,
      lines: [{ sku, quantity }],
      country: shopper.country,
      currency: shopper.currency,
      customerEmail: shopper.customerEmail,
      shippingAddress: shopper.address,
      shippingMethodKey: shopper.shippingMethodKey,
      supplyChannelKey: "hamburg",
      inventoryMode: "TrackOnly",
    });
    return String((order as Json).id);
  };

  const fault = async (rule: Json): Promise<void> => {
    const response = await fetch(`${stack.urls.ifs}/sandbox/faults`, { method: "POST", body: JSON.stringify(rule) });
    expect(response.status).toBe(201);
  };
  const noFaults = () => fetch(`${stack.urls.ifs}/sandbox/faults`, { method: "DELETE" });

  /** The order's IFS number once it is linked; ticks the job, as the scheduler would. */
  const linkedNumber = (orderId: string, timeoutMs = 90_000): Promise<string> =>
    eventually(`the link of ${orderId}`, timeoutMs, async () => {
      await tick();
      const rows = await ordersInIfs(ifs, orderId);
      const order = await orderById(shop, orderId);
      const number = rows
        .map((row) => String(row.OrderNo))
        .find((no) => order.syncInfo.some((s) => s.externalId === no));
      if (number === undefined) await pause(400);
      return number;
    });

  /** Exactly one order in IFS, released, equal to the cent. */
  async function expectOnce(orderId: string): Promise<void> {
    const rows = await ordersInIfs(ifs, orderId);
    expect(rows.map((row) => row.Objstate)).toEqual(["Released"]);
    const order = await orderById(shop, orderId);
    expect(await grossInIfs(ifs, String(rows[0]?.OrderNo))).toBe(order.taxedPrice.totalGross.centAmount);
  }

  return { world, shop, ifs, tick, buy, fault, noFaults, linkedNumber, expectOnce };
}
