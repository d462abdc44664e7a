import { ApiRefusal } from "./commercetools/api-caller.ts";
import { placeOrder } from "./commercetools/shopper.ts";

export type Purchase = { sku: string; quantity: number };

/** Where the sandbox's commercetools is. */
export type Shop = { apiUrl: string; projectKey: string };

const address = {
  firstName: "Kim",
  lastName: "Muster",
  streetName: "Hafenstraße",
  streetNumber: "5",
  postalCode: "20457",
  city: "Hamburg",
  country: "DE",
  email: "shopper@example.com",
};

export type Receipt =
  | { kind: "ordered"; orderId: string; sku: string; quantity: number; total: string }
  | { kind: "refused"; message: string };

/** A guest from Germany buys in euro and pays by card. Network errors are thrown. */
export async function buy(shop: Shop, purchase: Purchase): Promise<Receipt> {
  try {
    const order = await placeOrder({
      url: shop.apiUrl,
      projectKey: shop.projectKey,
      lines: [purchase],
      country: "DE",
      currency: "EUR",
      customerEmail: address.email,
      shippingAddress: address,
      shippingMethodKey: "standard",
      supplyChannelKey: "hamburg",
      // The shop counts the stock down and lets the buyer through: whether it is there is the ERP's answer.
      inventoryMode: "TrackOnly",
      payment: { interfaceId: `psp-${Date.now()}`, method: "card" },
      fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(20_000) }),
    });
    const { totalGross } = order.taxedPrice as { totalGross: { centAmount: number; currencyCode: string } };
    return { kind: "ordered", orderId: String(order.id), ...purchase, total: amountOf(totalGross) };
  } catch (error) {
    if (error instanceof ApiRefusal) return { kind: "refused", message: reasonOf(error) };
    throw error;
  }
}

function amountOf({ centAmount, currencyCode }: { centAmount: number; currencyCode: string }): string {
  const cents = String(centAmount).padStart(3, "0");
  return `${cents.slice(0, -2)}.${cents.slice(-2)} ${currencyCode}`;
}

/** The platform's own words, else the whole answer. */
function reasonOf(refusal: ApiRefusal): string {
  const { message } = refusal.body as { message?: unknown };
  return typeof message === "string" ? message : refusal.message;
}
