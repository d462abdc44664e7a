import type { QuestionCaller } from "../flows/atp-check/parse.ts";
import type { Caller } from "../http/context.ts";

/** A proven caller as the availability check sees it; undefined: nobody that asks questions. */
export function questionCallerOf(caller: Caller | undefined): QuestionCaller | undefined {
  switch (caller?.kind) {
    case "checkoutSession":
      return { kind: "session", id: caller.id, cartId: caller.cartId };
    case "storefrontKey":
      return { kind: "key", id: caller.id };
    case "oauth": {
      const shopper = caller.customerId ?? caller.anonymousId;
      return shopper === undefined
        ? { kind: "client", id: caller.clientId }
        : { kind: "shopper", id: `${caller.clientId}/${shopper}` };
    }
    default:
      return undefined;
  }
}
