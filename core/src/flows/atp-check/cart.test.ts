import { describe, expect, it } from "vitest";
import type { Sku } from "../../domain/ids.ts";
import { type HeldCart, ofCart } from "./cart.ts";
import type { AvailabilityRequest, RequestLine } from "./parse.ts";

const line = (sku: string, quantity: number, channel?: string): RequestLine => ({
  ...{ ref: sku, sku: sku as Sku, quantity, ownReserved: 0 },
  supplyChannel: channel === undefined ? undefined : { by: "key", value: channel },
});
const request = (...lines: RequestLine[]): AvailabilityRequest => ({
  purpose: "question",
  cart: "a",
  hold: true,
  lines,
});
const inCart = (sku: string | undefined, quantity: number, supplyChannelId?: string, reserved = 0) => ({
  ...{ sku, quantity, supplyChannelId, reserved },
});
const cart = (...lines: HeldCart["lines"]): HeldCart => ({ id: "a", isOver: false, lines });
/** One pool feeds "web", whose id is "id-web", and no other. */
const keyOf = ({ supplyChannel }: Pick<RequestLine, "supplyChannel">) =>
  supplyChannel === undefined || ["web", "id-web"].includes(supplyChannel.value) ? "web" : undefined;

describe("what is asked to be held", () => {
  it.each<[string, AvailabilityRequest, HeldCart | undefined, string | undefined]>([
    ["the lines of the cart", request(line("BOLT", 2, "web")), cart(inCart("BOLT", 2, "id-web")), undefined],
    [
      "the same, divided otherwise, in another order",
      request(line("NUT", 1), line("BOLT", 3, "web")),
      cart(inCart("BOLT", 2, "id-web"), inCart("BOLT", 1), inCart("NUT", 1)),
      undefined,
    ],
    [
      "lines without SKU have no stock",
      request(line("BOLT", 1)),
      cart(inCart("BOLT", 1), inCart(undefined, 3)),
      undefined,
    ],
    ["more than the cart has", request(line("BOLT", 3)), cart(inCart("BOLT", 2)), "lines"],
    ["less than the cart has", request(line("BOLT", 1)), cart(inCart("BOLT", 2)), "lines"],
    ["a line that the cart does not have", request(line("BOLT", 2), line("NUT", 1)), cart(inCart("BOLT", 2)), "lines"],
    ["not all lines of the cart", request(line("BOLT", 2)), cart(inCart("BOLT", 2), inCart("NUT", 1)), "lines"],
    ["another channel", request(line("BOLT", 2, "moon")), cart(inCart("BOLT", 2, "id-web")), "lines"],
    ["no such cart", request(line("BOLT", 2)), undefined, "cart"],
    ["a cart that was ordered", request(line("BOLT", 2)), { ...cart(inCart("BOLT", 2)), isOver: true }, "cart"],
  ])("%s", (_, asked, found, field) => {
    const result = ofCart(asked, found, keyOf);
    expect(result.ok ? undefined : result.error.field).toBe(field);
  });

  it("knows what the cart has reserved, as far as it is asked for", () => {
    const asked = request(line("BOLT", 2), line("BOLT", 1, "web"), line("NUT", 1));
    const result = ofCart(asked, cart(inCart("BOLT", 3, "id-web", 2), inCart("NUT", 1, undefined, 1)), keyOf);
    expect(result.ok && result.value.lines.map(({ ownReserved }) => ownReserved)).toEqual([2, 0, 1]);
  });
});
