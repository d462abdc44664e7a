import { invalidField } from "./errors.ts";
import type { Doc } from "./json.ts";

/** One switch for each point where the real platform's behaviour is not documented or not measured. */
export type CommercetoolsSettings = {
  /** A second `updateSyncInfo` for one channel. */
  syncInfoSameChannel: "replace" | "append";
  /** Whether `syncInfo(…)` and `syncInfo is empty` are accepted in query predicates; refused with 400 otherwise. */
  syncInfoPredicates: boolean;
  /** CustomObject `version: 0`: insert only if absent (409 otherwise), or as if no version was sent. */
  customObjectVersionZero: "insertIfAbsent" | "noVersion";
  /** Whether a sale raises the version (and lastModifiedAt) of the InventoryEntry when it lands. */
  orderStockRaisesVersion: boolean;
  /** How long a sale or reservation takes until quantityOnStock and availableQuantity show it, 0 to 10,000 ms. */
  stockLagMs: number;
  /** What a `changeQuantity` does to sales that are not shown yet: they land after it, or they are lost in it. */
  absoluteWriteDuringLag: "saleLandsAfter" | "saleLost";
  /** `changeQuantity` with a negative number. */
  negativeChangeQuantity: "accept" | "refuse";
  /** Whether a Cancelled order, a deleted order and a return in state BackInStock put the quantity back. */
  cancellationRestocks: boolean;
  /** Whether Order Extensions run on order import, and on orders of origin RecurringOrder. */
  extensionsOnOrderImport: boolean;
  extensionsOnRecurringOrder: boolean;
  /** Whether `importLineItemState` produces LineItemStateTransition messages. */
  importLineItemStateMessage: boolean;
  /** Status of OutOfStock, PriceChanged, MatchingPriceNotFound, MissingTaxRateForCountry and LineItemQuantity…Limit. */
  businessErrorStatus: 400 | 409;
  /** Whether `field != "x"` matches a resource that has no such field. */
  notEqualMatchesMissing: boolean;
  /** Whether writing the value that a CustomObject already has raises its version. */
  customObjectSameValueRaisesVersion: boolean;
  /** Whether `setExternalId` of a customer produces a message: some lists of Messages name it, some do not. */
  customerExternalIdSetMessage: boolean;
  /** How an Order Edit that was not applied is read on its own: with a preview on the order as it is, or NotProcessed. */
  orderEditRead: "preview" | "notProcessed";
  /** Whether `dryRun: true` stores the Order Edit besides previewing it. */
  orderEditDryRunStores: boolean;
  /** Whether an applied Order Edit books more stock for more units and puts back what is taken off. */
  orderEditMovesStock: boolean;
  /** Order Edits of orders that are Complete or Cancelled. */
  orderEditClosedOrders: "accept" | "refuse";
  /** How much one update raises a version. */
  versionStep: "one" | "perAction";
  /** How long creating or changing a Subscription or an Extension takes to act (up to a minute on the platform). */
  subscriptionDelayMs: number;
  extensionDelayMs: number;
  /** How long a Subscription keeps what its queue does not take, by status; ConfigurationError stops delivery after it. */
  temporaryErrorRetryMs: number;
  configurationErrorRetryMs: number;
  /** How old an order is before queries find it, in milliseconds; by its id it is read at once. */
  orderQueryLagMs: number;
  /** Whether the id of an order that an Extension is asked about is the one that the order will have, or one of this request alone. */
  extensionOrderId: "final" | "provisional";
  /** How long an import operation waits until it is worked off. */
  importDelayMs: number;
  /** Life of a new access token. */
  accessTokenSeconds: number;
  /** Larger message payloads are left out of notifications (`payloadNotIncluded`). */
  notificationLimitBytes: number;
  /** Larger resources are refused with ResourceSizeLimitExceeded: 16 MB on the platform. */
  documentLimitBytes: number;
  /** GraphQL requests with more than this many top-level fields are refused with QueryComplexityLimitExceeded. */
  graphqlMaxFields: number;
};

export const DEFAULT_SETTINGS: CommercetoolsSettings = {
  syncInfoSameChannel: "replace",
  syncInfoPredicates: true,
  customObjectVersionZero: "insertIfAbsent",
  orderStockRaisesVersion: true,
  stockLagMs: 0,
  absoluteWriteDuringLag: "saleLandsAfter",
  negativeChangeQuantity: "accept",
  cancellationRestocks: false,
  extensionsOnOrderImport: false,
  extensionsOnRecurringOrder: false,
  importLineItemStateMessage: false,
  businessErrorStatus: 400,
  notEqualMatchesMissing: true,
  customObjectSameValueRaisesVersion: true,
  customerExternalIdSetMessage: true,
  orderEditRead: "preview",
  orderEditDryRunStores: false,
  orderEditMovesStock: true,
  orderEditClosedOrders: "accept",
  versionStep: "one",
  subscriptionDelayMs: 0,
  extensionDelayMs: 0,
  temporaryErrorRetryMs: 48 * 3_600_000,
  configurationErrorRetryMs: 24 * 3_600_000,
  orderQueryLagMs: 0,
  extensionOrderId: "final",
  importDelayMs: 1000,
  accessTokenSeconds: 172_800,
  notificationLimitBytes: 256 * 1024,
  documentLimitBytes: 16 * 1024 * 1024,
  graphqlMaxFields: 200,
};

const ALLOWED: Partial<Record<keyof CommercetoolsSettings, readonly unknown[]>> = {
  syncInfoSameChannel: ["replace", "append"],
  customObjectVersionZero: ["insertIfAbsent", "noVersion"],
  absoluteWriteDuringLag: ["saleLandsAfter", "saleLost"],
  negativeChangeQuantity: ["accept", "refuse"],
  businessErrorStatus: [400, 409],
  orderEditRead: ["preview", "notProcessed"],
  extensionOrderId: ["final", "provisional"],
  orderEditClosedOrders: ["accept", "refuse"],
  versionStep: ["one", "perAction"],
};

/** Takes over the given switches; an unknown name or a value outside its range is refused and nothing changes. */
export function applySettings(target: CommercetoolsSettings, change: Doc): void {
  for (const [name, value] of Object.entries(change)) checkSetting(name, value);
  Object.assign(target, change);
}

function checkSetting(name: string, value: unknown): void {
  if (!Object.hasOwn(DEFAULT_SETTINGS, name)) throw invalidField(name, value, Object.keys(DEFAULT_SETTINGS));
  const setting = name as keyof CommercetoolsSettings;
  const allowed = ALLOWED[setting];
  if (allowed && !allowed.includes(value)) throw invalidField(name, value, [...allowed]);
  if (typeof value !== typeof DEFAULT_SETTINGS[setting]) throw invalidField(name, value);
  if (typeof value === "number" && (value < 0 || !Number.isSafeInteger(value))) throw invalidField(name, value);
  if (setting === "stockLagMs" && (value as number) > 10_000) throw invalidField(name, value);
}
