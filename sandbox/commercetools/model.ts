import type { Clock, Handler, Random, SandboxRequest, SandboxResponse } from "../kernel/types.ts";
import { type ApiClient, type Auth, createAuth } from "./auth.ts";
import { businessUnitDefinition } from "./business-units.ts";
import { cartDiscountDefinition, discountCodeDefinition } from "./cart-discounts.ts";
import { cartDefinition } from "./carts.ts";
import { channelDefinition } from "./channels.ts";
import { customObjectDefinition } from "./custom-objects.ts";
import { customerDefinition } from "./customers.ts";
import type { Call, Definition, Deliver, ExtensionCaller, World } from "./definition.ts";
import { PlatformError, resourceNotFound, toResponse } from "./errors.ts";
import { createExtensionCaller } from "./extension-calls.ts";
import { extensionDefinition } from "./extensions.ts";
import { settleImports } from "./imports.ts";
import { requireOneOf, requireText } from "./input.ts";
import { inventoryDefinition } from "./inventory.ts";
import type { Doc } from "./json.ts";
import { forgetLingering } from "./lingering.ts";
import { SUBSCRIPTION_STATUSES, type Subscription, setStatus, settleHeld } from "./notifications.ts";
import { orderEditDefinition } from "./order-edits.ts";
import { orderDefinition } from "./orders.ts";
import { paymentDefinition } from "./payments.ts";
import { productDiscountDefinition, productTypeDefinition } from "./product-types.ts";
import { productDefinition } from "./products.ts";
import { quoteDefinition, quoteRequestDefinition, stagedQuoteDefinition } from "./quotes.ts";
import { expireReservations, reservationDefinition } from "./reservations.ts";
import { route } from "./router.ts";
import { messageDefinition, sessionDefinition } from "./sessions.ts";
import { applySettings, type CommercetoolsSettings, DEFAULT_SETTINGS } from "./settings.ts";
import { shippingMethodDefinition } from "./shipping-methods.ts";
import { standalonePriceDefinition } from "./standalone-prices.ts";
import { addBuiltInStates, stateDefinition } from "./states.ts";
import { settleStock } from "./stock.ts";
import { associateRoleDefinition, customerGroupDefinition, storeDefinition } from "./stores.ts";
import { subscriptionDefinition } from "./subscriptions.ts";
import { taxCategoryDefinition, zoneDefinition } from "./taxes.ts";
import { typeDefinition } from "./types.ts";
import { createWorld, uuid } from "./world.ts";

const DEFINITIONS = [
  ...[associateRoleDefinition, businessUnitDefinition, cartDefinition, cartDiscountDefinition, channelDefinition],
  ...[customerDefinition, customerGroupDefinition, customObjectDefinition, discountCodeDefinition],
  ...[
    extensionDefinition,
    inventoryDefinition,
    messageDefinition,
    orderDefinition,
    orderEditDefinition,
    paymentDefinition,
  ],
  ...[productDefinition, productDiscountDefinition, productTypeDefinition, quoteDefinition],
  ...[quoteRequestDefinition, reservationDefinition, stagedQuoteDefinition],
  ...[sessionDefinition, shippingMethodDefinition, standalonePriceDefinition, stateDefinition, storeDefinition],
  ...[subscriptionDefinition, taxCategoryDefinition, typeDefinition, zoneDefinition],
] as unknown as Definition[];

/** One finished request, for proofs about what a client did and did not do. */
export type JournalEntry = {
  at: string;
  clientId: string;
  method: string;
  path: string;
  status: number;
  body?: string;
};

export type CommercetoolsModel = {
  /** `/{projectKey}/…` and `/oauth/…`; the HTTP shell and the in-process fetch both call it. */
  handle: Handler;
  settings: CommercetoolsSettings;
  /** Changes switches while running; refuses unknown names and values. */
  changeSettings(change: Doc): CommercetoolsSettings;
  /** Makes due stock visible, ends reservations, drops old messages. Every request does this first. */
  settle(): void;
  /** Puts a Subscription into a status, as an outage of its queue or the platform's support would. */
  setSubscriptionStatus(change: Doc): Doc;
  auth: Auth;
  world: World;
  /** The last 10,000 requests, the oldest first. */
  journal: JournalEntry[];
  /** Requests to the API so far, by API client. */
  counters: Map<string, number>;
};

export type CommercetoolsOptions = {
  clock: Clock;
  random: Random;
  projectKey: string;
  settings?: Partial<CommercetoolsSettings>;
  clients?: ApiClient[];
  /** Takes notifications for Subscriptions; they are dropped when absent. */
  deliver?: Deliver;
  callExtension?: ExtensionCaller;
};

const JOURNAL_LENGTH = 10_000;

/** A deterministic commercetools project: same clock, chance and requests give the same answers. */
export function createCommercetoolsModel(options: CommercetoolsOptions): CommercetoolsModel {
  const settings = { ...DEFAULT_SETTINGS };
  applySettings(settings, { ...options.settings });
  const world = createWorld({
    projectKey: options.projectKey,
    clock: options.clock,
    random: options.random,
    settings,
    deliver: options.deliver ?? (() => undefined),
    callExtension: options.callExtension ?? createExtensionCaller(),
    definitions: DEFINITIONS,
  });
  addBuiltInStates(world);
  const auth = createAuth({
    projectKey: options.projectKey,
    clock: options.clock,
    random: options.random,
    clients: options.clients ?? [],
    tokenSeconds: () => settings.accessTokenSeconds,
  });
  const journal: JournalEntry[] = [];
  const counters = new Map<string, number>();
  const settle = () => settleWorld(world);

  const handle: Handler = async (request) => {
    settle();
    const correlationId = request.headers["x-correlation-id"] ?? `${world.projectKey}/${uuid(options.random)}`;
    const answer = await answerTo(world, auth, request, correlationId, { journal, counters });
    return { ...answer, headers: { ...answer.headers, "x-correlation-id": correlationId } };
  };

  return {
    handle,
    settings,
    changeSettings(change) {
      applySettings(settings, change);
      return settings;
    },
    settle,
    setSubscriptionStatus(change) {
      const status = requireOneOf(change, "status", SUBSCRIPTION_STATUSES);
      const key = requireText(change, "key");
      const found = world.collection<Subscription>("subscription").findUnique("key", key);
      if (!found) throw resourceNotFound("subscription", key);
      setStatus(world, found.id, status);
      return { key, status };
    },
    auth,
    world,
    journal,
    counters,
  };
}

type Records = Pick<CommercetoolsModel, "journal" | "counters">;

async function answerTo(
  world: World,
  auth: Auth,
  request: SandboxRequest,
  correlationId: string,
  records: Records,
): Promise<SandboxResponse> {
  const [path = "", query = ""] = request.path.split("?");
  let clientId = "";
  try {
    if (path.startsWith("/oauth/")) return auth.handle(request, path);
    const segments = segmentsOf(path);
    if (segments[0] !== world.projectKey) {
      throw new PlatformError(404, [{ code: "ResourceNotFound", message: "The project was not found." }]);
    }
    const actor = auth.authenticate(request);
    clientId = actor.clientId;
    const call: Call = { world, actor, correlationId };
    const { method } = request;
    const params = new URLSearchParams(query);
    const answer = await route({ call, method, segments: segments.slice(1), params, request });
    record(world, records, request, clientId, answer.status);
    return answer;
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    record(world, records, request, clientId, error.status);
    return toResponse(error);
  }
}

function segmentsOf(path: string): string[] {
  const parts = path.split("/").filter((part) => part.length > 0);
  try {
    return parts.map(decodeURIComponent);
  } catch {
    throw new PlatformError(400, [{ code: "InvalidInput", message: "The path is not correctly encoded." }]);
  }
}

function record(
  world: World,
  { journal, counters }: Records,
  request: SandboxRequest,
  clientId: string,
  status: number,
): void {
  const [, , area = ""] = (request.path.split("?")[0] ?? "").split("/");
  for (const name of [clientId, `${clientId} ${request.method} /${area}`]) {
    counters.set(name, (counters.get(name) ?? 0) + 1);
  }
  if (journal.length >= JOURNAL_LENGTH) journal.splice(0, JOURNAL_LENGTH / 10);
  const { method, path, body } = request;
  const written = method === "POST" && body.length > 0 ? { body: body.toString("utf8").slice(0, 4000) } : {};
  journal.push({ at: world.nowIso(), clientId, method, path, status, ...written });
}

function settleWorld(world: World): void {
  settleStock(world);
  expireReservations(world, { world, actor: { clientId: "platform", scopes: new Set() }, correlationId: "platform" });
  settleHeld(world);
  forgetLingering(world);
  settleImports(world);
  const messages = world.collection("message");
  const oldest = world.clock.now() - world.project.messages.deleteDaysAfterCreation * 86_400_000;
  // Messages are kept in the order they were written, so the first young one ends the search.
  for (const message of messages.values()) {
    if (Date.parse(message.createdAt) >= oldest) break;
    messages.remove(message.id);
  }
}
