import { readAddress } from "./addresses.ts";
import type { Delivery, DeliveryItem, Parcel } from "./cart-model.ts";
import { readCustom } from "./custom-fields.ts";
import type { Action, Change, World } from "./definition.ts";
import { duplicateField, invalidInput, invalidOperation } from "./errors.ts";
import { dateTime, doc, docs, flag, integer, key, requireInteger, requireText, text } from "./input.ts";
import { compact, type Doc, setOrRemove } from "./json.ts";
import { allItems, deliveryOf, type Order, parcelOf, shipmentOf, shipments } from "./order-model.ts";

type OrderAction = Action<Order>;

/** Items must name lines of the order. That they stay within the ordered quantities is not checked, as on the platform. */
function readItems(order: Order, source: Doc): DeliveryItem[] | undefined {
  const known = new Set(allItems(order).map((item) => item.id));
  return docs(source, "items")?.map((item) => {
    const id = requireText(item, "id");
    if (!known.has(id)) throw invalidInput(`The order has no line item '${id}'.`);
    return { id, quantity: requireInteger(item, "quantity") };
  });
}

function readMeasurements(source: Doc): Doc | undefined {
  const given = doc(source, "measurements");
  if (!given) return undefined;
  const fields = ["heightInMillimeter", "lengthInMillimeter", "widthInMillimeter", "weightInGram"];
  return compact(Object.fromEntries(fields.map((field) => [field, integer(given, field)])));
}

function readTracking(source: Doc): Doc | undefined {
  const given = doc(source, "trackingData");
  if (!given) return undefined;
  return compact({
    trackingId: text(given, "trackingId"),
    carrier: text(given, "carrier"),
    provider: text(given, "provider"),
    providerTransaction: text(given, "providerTransaction"),
    isReturn: flag(given, "isReturn") ?? false,
  });
}

function readParcel(world: World, order: Order, draft: Doc, keyField: "key" | "parcelKey"): Parcel {
  const parcelKey = key(draft, keyField);
  const taken = shipments(order).flatMap((one) => one.info.deliveries.flatMap((delivery) => delivery.parcels));
  if (parcelKey !== undefined && taken.some((one) => one.key === parcelKey)) {
    throw duplicateField("parcelKey", parcelKey);
  }
  return compact({
    id: world.newId(),
    key: parcelKey,
    createdAt: world.nowIso(),
    measurements: readMeasurements(draft),
    trackingData: readTracking(draft),
    items: readItems(order, draft) ?? [],
    custom: readCustom(world, draft, "order-parcel"),
  });
}

const addDelivery: OrderAction = ({ resource, world, emit }, action) => {
  const shipment = shipmentOf(resource, action);
  const deliveryKey = key(action, "deliveryKey");
  const taken = shipments(resource).flatMap((one) => one.info.deliveries);
  if (deliveryKey !== undefined && taken.some((one) => one.key === deliveryKey)) {
    throw duplicateField("deliveryKey", deliveryKey);
  }
  const delivery: Delivery = compact({
    id: world.newId(),
    key: deliveryKey,
    createdAt: world.nowIso(),
    items: readItems(resource, action) ?? [],
    parcels: [],
    address: readAddress(world, action, "address"),
    custom: readCustom(world, action, "order-delivery"),
  });
  shipment.info.deliveries.push(delivery);
  for (const parcel of docs(action, "parcels") ?? []) {
    delivery.parcels.push(readParcel(world, resource, parcel, "key"));
  }
  const where = compact({ shippingKey: shipment.shippingKey });
  emit("DeliveryAdded", { delivery: structuredClone(delivery), ...where });
  for (const parcel of delivery.parcels) {
    emit("ParcelAddedToDelivery", { delivery: structuredClone(delivery), parcel: structuredClone(parcel), ...where });
  }
};

const removeDelivery: OrderAction = ({ resource, emit }, action) => {
  const { delivery, shipment } = deliveryOf(resource, action);
  shipment.info.deliveries = shipment.info.deliveries.filter((one) => one !== delivery);
  emit("DeliveryRemoved", compact({ delivery, shippingKey: shipment.shippingKey }));
};

const setDeliveryItems: OrderAction = ({ resource, emit }, action) => {
  const { delivery, shipment } = deliveryOf(resource, action);
  const oldItems = delivery.items;
  delivery.items = readItems(resource, action) ?? [];
  const fields = { deliveryId: delivery.id, items: delivery.items, oldItems, shippingKey: shipment.shippingKey };
  emit("DeliveryItemsUpdated", compact(fields));
};

const setDeliveryAddress: OrderAction = ({ resource, world, emit }, action) => {
  const { delivery, shipment } = deliveryOf(resource, action);
  const oldAddress = delivery.address;
  setOrRemove(delivery, "address", readAddress(world, action, "address"));
  const fields = { deliveryId: delivery.id, address: delivery.address, oldAddress, shippingKey: shipment.shippingKey };
  emit("DeliveryAddressSet", compact(fields));
};

const addParcelToDelivery: OrderAction = ({ resource, world, emit }, action) => {
  const { delivery, shipment } = deliveryOf(resource, action);
  const parcel = readParcel(world, resource, action, "parcelKey");
  delivery.parcels.push(parcel);
  const fields = {
    delivery: structuredClone(delivery),
    parcel: structuredClone(parcel),
    shippingKey: shipment.shippingKey,
  };
  emit("ParcelAddedToDelivery", compact(fields));
};

const removeParcelFromDelivery: OrderAction = ({ resource, emit }, action) => {
  const { parcel, delivery, shipment } = parcelOf(resource, action);
  delivery.parcels = delivery.parcels.filter((one) => one !== parcel);
  const fields = { deliveryId: delivery.id, parcel, shippingKey: shipment.shippingKey };
  emit("ParcelRemovedFromDelivery", compact(fields));
};

/** Sets one part of a parcel and tells it together with where the parcel is. */
function parcelAction(
  field: string,
  message: string,
  read: (change: Change<Order>, action: Doc) => unknown,
  withOld = false,
): OrderAction {
  return (change, action) => {
    const { parcel, delivery, shipment } = parcelOf(change.resource, action);
    const old = parcel[field];
    setOrRemove(parcel, field, read(change, action));
    const fields: Doc = { deliveryId: delivery.id, parcelId: parcel.id, [field]: parcel[field] };
    if (withOld) fields.oldItems = old;
    change.emit(message, compact({ ...fields, shippingKey: shipment.shippingKey }));
  };
}

const setEstimatedDelivery: OrderAction = ({ resource, emit }, action) => {
  if (resource.shippingMode === "Multiple" && action.shippingKey === undefined) {
    throw invalidOperation("A shippingKey is needed with the shipping mode Multiple.");
  }
  const shipment = shipmentOf(resource, action);
  const given = doc(action, "estimatedDelivery");
  const estimatedDelivery = given
    ? compact({ from: dateTime(given, "from"), until: dateTime(given, "until") })
    : undefined;
  setOrRemove(shipment.info, "estimatedDelivery", estimatedDelivery);
  emit("OrderEstimatedDeliverySet", compact({ estimatedDelivery, shippingKey: shipment.shippingKey }));
};

export const ORDER_DELIVERY_ACTIONS: Record<string, OrderAction> = {
  addDelivery,
  removeDelivery,
  setDeliveryItems,
  setDeliveryAddress,
  addParcelToDelivery,
  removeParcelFromDelivery,
  setParcelMeasurements: parcelAction("measurements", "ParcelMeasurementsUpdated", (_c, action) =>
    readMeasurements(action),
  ),
  setParcelTrackingData: parcelAction("trackingData", "ParcelTrackingDataUpdated", (_c, action) =>
    readTracking(action),
  ),
  setParcelItems: parcelAction("items", "ParcelItemsUpdated", (c, action) => readItems(c.resource, action) ?? [], true),
  setEstimatedDelivery,
};
