import { customActions, readCustom } from "./custom-fields.ts";
import type { Action, Change, Definition } from "./definition.ts";
import { BASE_FIELDS } from "./definition.ts";
import { invalidField, refuse } from "./errors.ts";
import { dateTime, doc, integer, key, requireInteger, requireText } from "./input.ts";
import { compact, type Doc, setOrRemove } from "./json.ts";
import { resolveChannel } from "./references.ts";
import { announceLevels, forgetMoves, type InventoryEntry, slotOf } from "./stock.ts";

const MAX_RESERVATION_MINUTES = 44_640;

type EntryAction = Action<InventoryEntry>;

function setQuantity(change: Change<InventoryEntry>, quantityOnStock: number): void {
  const { resource, emit } = change;
  const oldQuantityOnStock = resource.quantityOnStock;
  const oldAvailableQuantity = resource.availableQuantity;
  // What is reserved stays reserved, whatever is written.
  resource.availableQuantity = quantityOnStock - (oldQuantityOnStock - oldAvailableQuantity);
  resource.quantityOnStock = quantityOnStock;
  emit(
    "InventoryEntryQuantitySet",
    compact({
      oldQuantityOnStock,
      newQuantityOnStock: resource.quantityOnStock,
      oldAvailableQuantity,
      newAvailableQuantity: resource.availableQuantity,
      sku: resource.sku,
      supplyChannel: resource.supplyChannel,
    }),
  );
}

const addQuantity: EntryAction = (change, action) => {
  setQuantity(change, change.resource.quantityOnStock + requireInteger(action, "quantity"));
};

const removeQuantity: EntryAction = (change, action) => {
  setQuantity(change, change.resource.quantityOnStock - requireInteger(action, "quantity"));
};

const changeQuantity: EntryAction = (change, action) => {
  const quantity = requireInteger(action, "quantity");
  const { settings } = change.world;
  if (quantity < 0 && settings.negativeChangeQuantity === "refuse") throw invalidField("quantity", quantity);
  setQuantity(change, quantity);
  if (settings.absoluteWriteDuringLag === "saleLost") {
    change.onCommit(() => forgetMoves(change.world, change.resource.id));
  }
};

const setInventoryLimits: EntryAction = ({ resource }, action) => {
  setOrRemove(resource, "minCartQuantity", limit(action, "minCartQuantity"));
  setOrRemove(resource, "maxCartQuantity", limit(action, "maxCartQuantity"));
  checkLimits(resource);
};

const setSupplyChannel: EntryAction = ({ resource, world }, action) => {
  setOrRemove(resource, "supplyChannel", resolveChannel(world, action, "supplyChannel", "InventorySupply"));
};

const setReservationExpiration: EntryAction = ({ resource, emit }, action) => {
  const oldReservationExpirationInMinutes = resource.reservationExpirationInMinutes;
  const newReservationExpirationInMinutes = minutes(action);
  setOrRemove(resource, "reservationExpirationInMinutes", newReservationExpirationInMinutes);
  emit(
    "InventoryEntryReservationExpirationInMinutesSet",
    compact({ newReservationExpirationInMinutes, oldReservationExpirationInMinutes }),
  );
};

function setLevel(level: "reorderPoint" | "safetyStock"): EntryAction {
  return ({ resource }, action) => {
    const levels = { ...resource.stockLevels };
    setOrRemove(levels, level, integer(action, "quantity"));
    setOrRemove(resource, "stockLevels", Object.keys(levels).length > 0 ? levels : undefined);
  };
}

function limit(source: Doc, field: string): number | undefined {
  const value = integer(source, field);
  if (value !== undefined && value < 1) throw invalidField(field, value);
  return value;
}

function minutes(source: Doc): number | undefined {
  const value = integer(source, "reservationExpirationInMinutes");
  if (value !== undefined && (value < 1 || value > MAX_RESERVATION_MINUTES)) {
    throw invalidField("reservationExpirationInMinutes", value);
  }
  return value;
}

function checkLimits(entry: Doc): void {
  const { minCartQuantity, maxCartQuantity } = entry as InventoryEntry;
  if (minCartQuantity !== undefined && maxCartQuantity !== undefined && minCartQuantity > maxCartQuantity) {
    throw refuse("InvalidInput", "minCartQuantity must not be greater than maxCartQuantity.");
  }
}

function readLevels(draft: Doc): Doc | undefined {
  const levels = doc(draft, "stockLevels");
  return levels
    ? compact({ reorderPoint: integer(levels, "reorderPoint"), safetyStock: integer(levels, "safetyStock") })
    : undefined;
}

/** Stock of one SKU in one supply channel. Direct writes are consistent at once, those by orders lag (see stock.ts). */
export const inventoryDefinition: Definition<InventoryEntry> = {
  typeId: "inventory-entry",
  path: "inventory",
  scopes: { view: ["view_products"], manage: ["manage_products"] },
  fields: [
    ...BASE_FIELDS,
    "key",
    "sku",
    "supplyChannel",
    "quantityOnStock",
    "availableQuantity",
    "minCartQuantity",
    "maxCartQuantity",
    "restockableInDays",
    "expectedDelivery",
    "reservationExpirationInMinutes",
    "stockLevels",
    "custom",
  ],
  indexes: [
    { path: "sku", values: (entry) => [entry.sku] },
    { path: "key", values: (entry) => (entry.key === undefined ? [] : [entry.key]) },
    { path: "supplyChannel.id", values: (entry) => (entry.supplyChannel ? [entry.supplyChannel.id] : []) },
  ],
  uniques: [
    { field: "key", value: (entry) => entry.key },
    { field: "sku", value: (entry) => slotOf(entry.sku, entry.supplyChannel?.id), shown: (entry) => entry.sku },
  ],
  create({ world }, draft) {
    const quantityOnStock = requireInteger(draft, "quantityOnStock");
    const entry = {
      key: key(draft),
      sku: requireText(draft, "sku"),
      supplyChannel: resolveChannel(world, draft, "supplyChannel", "InventorySupply"),
      quantityOnStock,
      availableQuantity: quantityOnStock,
      minCartQuantity: limit(draft, "minCartQuantity"),
      maxCartQuantity: limit(draft, "maxCartQuantity"),
      restockableInDays: integer(draft, "restockableInDays"),
      expectedDelivery: dateTime(draft, "expectedDelivery"),
      reservationExpirationInMinutes: minutes(draft),
      stockLevels: readLevels(draft),
      custom: readCustom(world, draft, "inventory-entry"),
    };
    checkLimits(entry);
    return entry;
  },
  created: ({ resource, emit }) => emit("InventoryEntryCreated", { inventoryEntry: { ...resource } }),
  deleted: ({ resource, emit }) =>
    emit("InventoryEntryDeleted", compact({ sku: resource.sku, supplyChannel: resource.supplyChannel })),
  derive: announceLevels,
  actions: {
    addQuantity,
    removeQuantity,
    changeQuantity,
    setInventoryLimits,
    setSupplyChannel,
    setReservationExpirationInMinutes: setReservationExpiration,
    setReorderPoint: setLevel("reorderPoint"),
    setSafetyStock: setLevel("safetyStock"),
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    setExpectedDelivery: ({ resource }, action) =>
      setOrRemove(resource, "expectedDelivery", dateTime(action, "expectedDelivery")),
    setRestockableInDays: ({ resource }, action) =>
      setOrRemove(resource, "restockableInDays", integer(action, "restockableInDays")),
    ...customActions<InventoryEntry>("inventory-entry"),
  },
};
