import { type Address, addressOf } from "./addresses.ts";
import { type CustomOwner, setCustomField, setCustomType } from "./custom-fields.ts";
import type { Action, World } from "./definition.ts";
import { invalidField, invalidInput } from "./errors.ts";
import { docs, integer, requireDoc, text } from "./input.ts";
import { compact, type Doc, type Resource, setOrRemove } from "./json.ts";

/** The addresses of a customer or a business unit, with their roles by id. */
export type AddressBook = {
  addresses: Address[];
  shippingAddressIds: string[];
  billingAddressIds: string[];
  defaultShippingAddressId?: string;
  defaultBillingAddressId?: string;
};

const ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Ids of addresses are short, unlike those of resources. */
function addressId(world: World): string {
  return world
    .newId()
    .replaceAll("-", "")
    .slice(0, 8)
    .split("")
    .map((digit, index) => ID_ALPHABET[(Number.parseInt(digit, 16) * 7 + index * 3) % ID_ALPHABET.length])
    .join("");
}

function withId(world: World, draft: Doc, field: string): Address {
  const address = addressOf(world, draft, field);
  return { ...address, id: address.id ?? addressId(world) };
}

/** Draft fields `addresses`, `shippingAddresses`, `defaultShippingAddress` and so on, which point by position. */
export function readAddressBook(world: World, draft: Doc): AddressBook {
  const addresses = (docs(draft, "addresses") ?? []).map((address) => withId(world, address, "addresses"));
  const at = (field: string, index: number): string => {
    const found = addresses[index]?.id;
    if (found === undefined) throw invalidField(field, index);
    return found;
  };
  const role = (list: string, fallback: string) => {
    const indexes = Array.isArray(draft[list]) ? (draft[list] as number[]) : [];
    const standard = integer(draft, fallback);
    const ids = indexes.map((index) => at(list, index));
    const defaultId = standard === undefined ? undefined : at(fallback, standard);
    if (defaultId !== undefined && !ids.includes(defaultId)) ids.push(defaultId);
    return { ids, defaultId };
  };
  const shipping = role("shippingAddresses", "defaultShippingAddress");
  const billing = role("billingAddresses", "defaultBillingAddress");
  return compact({
    addresses,
    shippingAddressIds: shipping.ids,
    billingAddressIds: billing.ids,
    defaultShippingAddressId: shipping.defaultId,
    defaultBillingAddressId: billing.defaultId,
  });
}

function named(book: AddressBook, action: Doc): Address & { id: string } {
  const id = text(action, "addressId");
  const key = text(action, "addressKey");
  const found = book.addresses.find((one) => (id !== undefined ? one.id === id : key !== undefined && one.key === key));
  if (found?.id === undefined) throw invalidInput(`There is no address '${id ?? key}'.`);
  return found as Address & { id: string };
}

function rolesOf(book: AddressBook, id: string): string[] {
  const roles: string[] = [];
  if (book.billingAddressIds.includes(id)) roles.push("Billing");
  if (book.shippingAddressIds.includes(id)) roles.push("Shipping");
  return roles;
}

/** The address actions that customers and business units share; `messages` is the prefix of their Messages. */
export function addressBookActions<T extends Resource & AddressBook>(messages: string): Record<string, Action<T>> {
  return {
    addAddress: ({ resource, world, emit }, action) => {
      const address = withId(world, requireDoc(action, "address"), "address");
      resource.addresses.push(address);
      emit(`${messages}AddressAdded`, { address });
    },
    changeAddress: ({ resource, world, emit }, action) => {
      const old = named(resource, action);
      const address: Address = { ...addressOf(world, requireDoc(action, "address"), "address"), id: old.id };
      resource.addresses[resource.addresses.indexOf(old)] = address;
      emit(`${messages}AddressChanged`, { address, addressRoles: rolesOf(resource, old.id) });
    },
    removeAddress: ({ resource, emit }, action) => {
      const address = named(resource, action);
      const addressRoles = rolesOf(resource, address.id);
      resource.addresses = resource.addresses.filter((one) => one !== address);
      forget(resource, address.id);
      emit(`${messages}AddressRemoved`, { address, addressRoles });
    },
    setAddressCustomType: setCustomType<T>(addressOwner(messages)),
    setAddressCustomField: setCustomField<T>(addressOwner(messages)),
    ...roleActions<T>(messages, "Shipping", "shippingAddressIds", "defaultShippingAddressId"),
    ...roleActions<T>(messages, "Billing", "billingAddressIds", "defaultBillingAddressId"),
  };
}

function addressOwner<T extends Resource & AddressBook>(messages: string): CustomOwner<T> {
  return {
    resourceTypeId: "address",
    holder: ({ resource }, action) => named(resource, action),
    messages: `${messages}Address`,
    extra: ({ resource }, action) => ({ addressId: named(resource, action).id }),
  };
}

function forget(book: AddressBook, id: string): void {
  book.shippingAddressIds = book.shippingAddressIds.filter((one) => one !== id);
  book.billingAddressIds = book.billingAddressIds.filter((one) => one !== id);
  if (book.defaultShippingAddressId === id) delete book.defaultShippingAddressId;
  if (book.defaultBillingAddressId === id) delete book.defaultBillingAddressId;
}

function roleActions<T extends Resource & AddressBook>(
  messages: string,
  role: "Shipping" | "Billing",
  list: "shippingAddressIds" | "billingAddressIds",
  standard: "defaultShippingAddressId" | "defaultBillingAddressId",
): Record<string, Action<T>> {
  return {
    [`add${role}AddressId`]: ({ resource, emit }, action) => {
      const address = named(resource, action);
      const book: AddressBook = resource;
      if (!book[list].includes(address.id)) book[list] = [...book[list], address.id];
      emit(`${messages}${role}AddressAdded`, { address });
    },
    [`remove${role}AddressId`]: ({ resource, emit }, action) => {
      const address = named(resource, action);
      const book: AddressBook = resource;
      book[list] = book[list].filter((id) => id !== address.id);
      if (book[standard] === address.id) delete book[standard];
      emit(`${messages}${role}AddressRemoved`, { address });
    },
    [`setDefault${role}Address`]: ({ resource, emit }, action) => {
      const given = action.addressId !== undefined || action.addressKey !== undefined;
      const address = given ? named(resource, action) : undefined;
      const book: AddressBook = resource;
      setOrRemove(resource, standard, address?.id);
      if (address && !book[list].includes(address.id)) book[list] = [...book[list], address.id];
      emit(`${messages}Default${role}AddressSet`, compact({ address }));
    },
  };
}
