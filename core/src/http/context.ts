import { AsyncLocalStorage } from "node:async_hooks";

/** Who called, as proven by a guard. */
export type Caller =
  | { readonly kind: "platform" }
  | { readonly kind: "ifsEvent" }
  | { readonly kind: "merchantCenter"; readonly userId: string; readonly projectKey: string }
  /** `id` tells sessions apart and is not the session id, which is a credential. */
  | { readonly kind: "checkoutSession"; readonly id: string; readonly cartId: string }
  /** A page with a key that everybody can read out of it: nobody in particular. `id` tells keys apart and is not the key. */
  | { readonly kind: "storefrontKey"; readonly id: string }
  | {
      readonly kind: "oauth";
      readonly clientId: string;
      readonly customerId: string | undefined;
      readonly anonymousId: string | undefined;
      /** It has a scope that makes one of the merchant's servers of it. */
      readonly mayHold: boolean;
    };

/** What belongs to one request; opened by the server's first middleware, filled by guards. */
export type RequestContext = {
  readonly requestId: string;
  readonly correlationId: string;
  caller?: Caller;
};

const storage = new AsyncLocalStorage<RequestContext>();

/** The context of the request being served, or undefined outside of one. */
export const currentRequest = (): RequestContext | undefined => storage.getStore();

export const withRequest = <T>(context: RequestContext, work: () => T): T => storage.run(context, work);
