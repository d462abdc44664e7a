import type { Definition } from "./definition.ts";
import { BASE_FIELDS, scopes } from "./definition.ts";
import { requiredField } from "./errors.ts";
import { doc, requireDoc } from "./input.ts";
import { compact, isDoc, type Resource } from "./json.ts";
import { requireReference } from "./references.ts";

export type Session = Resource & { state: "ACTIVE" | "EXPIRED"; activeCart: { cartRef: { id: string } } };

/** The part of the Session API that a checkout and its connectors use. Sessions end after half an hour. */
export const sessionDefinition: Definition<Session> = {
  typeId: "session",
  path: "sessions",
  scopes: scopes("sessions"),
  fields: [...BASE_FIELDS, "state", "activeCart", "customer", "metadata"],
  create({ world }, draft) {
    const cart = requireDoc(draft, "cart");
    if (!isDoc(cart.cartRef)) throw requiredField("cart.cartRef");
    const found = requireReference(world, "cart", cart, "cartRef");
    return compact({
      state: "ACTIVE",
      activeCart: { cartRef: { id: found.id } },
      customer: doc(draft, "customer"),
      metadata: doc(draft, "metadata") ?? {},
    });
  },
  present(world, session) {
    const ended = Date.parse(session.createdAt) + 30 * 60_000 <= world.clock.now();
    return ended ? { ...session, state: "EXPIRED" } : session;
  },
  actions: {},
};

export const messageDefinition: Definition<Resource> = {
  typeId: "message",
  path: "messages",
  scopes: { view: ["view_messages"], manage: ["view_messages"] },
  fields: [
    ...BASE_FIELDS,
    ...["sequenceNumber", "resource", "resourceVersion", "resourceUserProvidedIdentifiers", "type", "order"],
  ],
  indexes: [
    { path: "resource.id", values: (message) => [(message.resource as { id: string }).id] },
    { path: "type", values: (message) => [String(message.type)] },
  ],
  create() {
    throw new Error("messages are written by the platform");
  },
  actions: {},
};
