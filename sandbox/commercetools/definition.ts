import type { Clock } from "../kernel/types.ts";
import type { Actor } from "./auth.ts";
import type { Collection, Index, Unique } from "./collection.ts";
import type { Doc, Resource } from "./json.ts";
import type { RoundingMode } from "./money.ts";
import type { CommercetoolsSettings } from "./settings.ts";

export type TypeId =
  | "associate-role"
  | "business-unit"
  | "cart"
  | "cart-discount"
  | "category"
  | "channel"
  | "customer"
  | "customer-group"
  | "discount-code"
  | "extension"
  | "inventory-entry"
  | "key-value-document"
  | "message"
  | "order"
  | "order-edit"
  | "payment"
  | "product"
  | "product-discount"
  | "product-type"
  | "quote"
  | "quote-request"
  | "reservation"
  | "session"
  | "shipping-method"
  | "staged-quote"
  | "standalone-price"
  | "state"
  | "store"
  | "subscription"
  | "tax-category"
  | "type"
  | "zone";

export type Project = Doc & {
  key: string;
  version: number;
  countries: string[];
  currencies: string[];
  languages: string[];
  messages: { enabled: boolean; deleteDaysAfterCreation: number };
  carts: {
    deleteDaysAfterLastModification: number;
    countryTaxRateFallbackEnabled: boolean;
    priceRoundingMode: RoundingMode;
    taxRoundingMode: RoundingMode;
  };
  inventory: { reservationExpirationInMinutes?: number; releaseExpiredReservations: boolean };
};

/** What the platform puts into a Subscription's queue. */
export type Notification = {
  subscription: { id: string; key?: string };
  destination: Doc;
  /** The queue: a Pub/Sub topic or an SNS topic ARN. */
  topic: string;
  payload: Doc;
};

/** Takes a notification into the queue; throwing means the queue refused it. */
export type Deliver = (notification: Notification) => void;

/** The answer of an Extension, or that there was none within the deadline. */
export type ExtensionAnswer = { status: number; body: string } | { noResponse: "timeout" | "unreachable" };

export type ExtensionCaller = (request: {
  destination: Doc;
  input: Doc;
  timeoutInMs: number;
  correlationId: string;
}) => Promise<ExtensionAnswer>;

/** A change of stock by an order or a reservation that is not shown yet. */
export type StockMove = { call: Call; entryId: string; onStock: number; reserved: number; dueAt: number };

/** A notification that waits for its queue, since when, and whether the queue itself refused it. */
export type HeldNotification = { payload: Doc; since: number; refused: boolean };

/** What a Subscription or Extension was before a change that does not act yet. */
export type Lingering = { typeId: TypeId; resource: Resource; until: number };

/** The whole state of one project. Everything that varies comes from outside: time, chance, delivery, Extension calls. */
export type World = {
  projectKey: string;
  clock: Clock;
  settings: CommercetoolsSettings;
  project: Project;
  /** Not yet shown moves of stock, in the order in which they become visible. */
  stockMoves: StockMove[];
  /** Highest message sequence number by `typeId:id`; kept after deletion, so that numbers never repeat. */
  sequenceNumbers: Map<string, number>;
  /** Earlier versions of Subscriptions and Extensions that still act. */
  lingering: Lingering[];
  /** Notifications by Subscription that its queue has not taken yet, oldest first. */
  held: Map<string, HeldNotification[]>;
  deliver: Deliver;
  callExtension: ExtensionCaller;
  newId(): string;
  nowIso(): string;
  collection<T extends Resource = Resource>(typeId: TypeId): Collection<T>;
  definition<T extends Resource = Resource>(typeId: TypeId): Definition<T>;
  definitions(): Definition[];
};

/** One API request: who asks, in which world. */
export type Call = {
  world: World;
  actor: Actor;
  correlationId: string;
  /** Set for requests under `/in-store/key={storeKey}`. */
  storeKey?: string;
  /** Set for requests under `/as-associate/{id}/in-business-unit/key={businessUnitKey}`. */
  businessUnitKey?: string;
};

export type PendingMessage = { type: string; fields: Doc };

/** A resource on its way to be stored: actions change `resource` freely, nothing is visible before the commit. */
export type Change<T extends Resource = Resource> = {
  call: Call;
  world: World;
  resource: T;
  /** What is stored now; absent while a resource is being created. */
  before?: T;
  emit(type: string, fields?: Doc): void;
  /** Effects on other things, run together with the write and not at all when the request fails. */
  onCommit(effect: () => void): void;
};

export type Action<T extends Resource = Resource> = (change: Change<T>, action: Doc) => void;

/** Everything that makes one resource type of the API. */
export type Definition<T extends Resource = Resource> = {
  typeId: TypeId;
  /** URL segment: `inventory`, `standalone-prices`. */
  path: string;
  scopes: { view: string[]; manage: string[] };
  /** Top-level fields that predicates and sorts may name. */
  fields: string[];
  indexes?: Index<T>[];
  uniques?: Unique<T>[];
  /** Further ways to address one resource: URL part `order-number` -> unique field `orderNumber`. */
  addressedBy?: Record<string, string>;
  /** The fields of a new resource; id, version and stamps are added afterwards. Throws a PlatformError. */
  create(call: Call, draft: Doc): Doc;
  actions: Record<string, Action<T>>;
  /** Runs after the actions of a request and after those of Extensions: recomputes what is derived. */
  derive?(change: Change<T>): void;
  /** Last checks against other resources; runs right before the write, without anything in between. */
  beforeCommit?(change: Change<T>): void;
  created?(change: Change<T>): void;
  deleted?(change: Change<T>): void;
  /** A deletion is refused with ReferenceExists while another resource refers to it. */
  keptWhileReferenced?: boolean;
  /** Refuses a deletion by throwing. */
  mayDelete?(change: Change<T>): void;
  /** What leaves over the wire, where it is not what is stored. */
  present?(world: World, resource: T): Doc;
  /** How long creating, changing or deleting it takes to act. */
  actsAfterMs?(settings: CommercetoolsSettings): number;
  /** Whether Extensions may be triggered by it. */
  extensible?: boolean;
};

/** Fields that every resource has. */
export const BASE_FIELDS = ["id", "version", "createdAt", "lastModifiedAt", "createdBy", "lastModifiedBy"];

export function scopes(...names: string[]): { view: string[]; manage: string[] } {
  return { view: names.map((name) => `view_${name}`), manage: names.map((name) => `manage_${name}`) };
}

export const KEY_UNIQUE: Unique<Resource> = {
  field: "key",
  value: (resource) => (typeof resource.key === "string" ? resource.key : undefined),
};
