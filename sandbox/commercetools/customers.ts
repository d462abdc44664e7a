import type { AddressBook } from "./address-book.ts";
import { addressBookActions, readAddressBook } from "./address-book.ts";
import { customActions, readCustom } from "./custom-fields.ts";
import type { Action, Change, Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { invalidInput, invalidOperation, requiredField } from "./errors.ts";
import { dateTime, docs, flag, key, oneOf, requireDoc, requireOneOf, requireText, text } from "./input.ts";
import { compact, type Doc, type KeyReference, type Reference, type Resource, setOrRemove } from "./json.ts";
import { requireReference, resolveKeyReference, resolveReference } from "./references.ts";

export type GroupAssignment = { customerGroup: Reference<"customer-group"> };
export type Customer = Resource &
  AddressBook & {
    key?: string;
    customerNumber?: string;
    externalId?: string;
    email: string;
    customerGroup?: Reference<"customer-group">;
    customerGroupAssignments: GroupAssignment[];
    stores: KeyReference<"store">[];
    vatId?: string;
    companyName?: string;
  };

export function readAssignments(world: World, source: Doc): GroupAssignment[] {
  return (docs(source, "customerGroupAssignments") ?? []).map((one) => ({
    customerGroup: requireReference(world, "customer-group", one, "customerGroup"),
  }));
}

export function readStores(world: World, source: Doc): KeyReference<"store">[] {
  return (docs(source, "stores") ?? []).map((store) => {
    const found = resolveKeyReference(world, "store", { store }, "store");
    if (!found) throw requiredField("stores");
    return found;
  });
}

/** Sets one text field and tells it, as `setFirstName` with CustomerFirstNameSet does. */
function textAction(field: string, message?: string): Action<Customer> {
  return ({ resource, emit }, action) => {
    setOrRemove(resource, field, text(action, field));
    if (message) emit(message, compact({ [field]: resource[field] }));
  };
}

const setCustomerNumber: Action<Customer> = ({ resource }, action) => {
  if (resource.customerNumber !== undefined) throw invalidOperation("The customerNumber can not be changed once set.");
  setOrRemove(resource, "customerNumber", text(action, "customerNumber"));
};

const changeEmail: Action<Customer> = ({ resource, emit }, action) => {
  const oldEmail = resource.email;
  resource.email = requireText(action, "email");
  emit("CustomerEmailChanged", { email: resource.email, oldEmail });
};

const setStores: Action<Customer> = ({ resource, world, emit }, action) => {
  const oldStores = resource.stores;
  resource.stores = readStores(world, action);
  emit("CustomerStoresSet", { stores: resource.stores, oldStores });
};

/** One store more or less; the message is that of setStores. */
function changeStore(change: (stores: Customer["stores"], store: KeyReference<"store">) => Customer["stores"]) {
  const action: Action<Customer> = ({ resource, world, emit }, draft) => {
    const store = resolveKeyReference(world, "store", draft, "store");
    if (!store) throw requiredField("store");
    const oldStores = resource.stores;
    resource.stores = change(oldStores, store);
    emit("CustomerStoresSet", { stores: resource.stores, oldStores });
  };
  return action;
}

const setExternalId: Action<Customer> = ({ resource, world, emit }, action) => {
  setOrRemove(resource, "externalId", text(action, "externalId"));
  if (!world.settings.customerExternalIdSetMessage) return;
  emit("CustomerExternalIdSet", compact({ externalId: resource.externalId }));
};

const setAuthenticationMode: Action<Customer> = ({ resource }, action) => {
  const mode = requireOneOf(action, "authMode", ["Password", "ExternalAuth"]);
  if (mode === "Password" && text(action, "password") === undefined) throw requiredField("password");
  setOrRemove(resource, "authenticationMode", mode);
  setOrRemove(resource, "password", mode === "Password" ? "****" : undefined);
};

const setCustomerGroup: Action<Customer> = ({ resource, world, emit }, action) => {
  setOrRemove(resource, "customerGroup", resolveReference(world, "customer-group", action, "customerGroup"));
  emit("CustomerGroupSet", compact({ customerGroup: resource.customerGroup }));
};

const setAssignments: Action<Customer> = ({ resource, world, emit }, action) => {
  const oldCustomerGroupAssignments = resource.customerGroupAssignments;
  resource.customerGroupAssignments = readAssignments(world, action);
  const { customerGroupAssignments } = resource;
  emit("CustomerGroupAssignmentsSet", { customerGroupAssignments, oldCustomerGroupAssignments });
};

const addAssignment: Action<Customer> = ({ resource, world, emit }, action) => {
  const draft = requireDoc(action, "customerGroupAssignment");
  const assignment = { customerGroup: requireReference(world, "customer-group", draft, "customerGroup") };
  resource.customerGroupAssignments.push(assignment);
  emit("CustomerGroupAssignmentAdded", { customerGroupAssignment: assignment });
};

const removeAssignment: Action<Customer> = ({ resource, world, emit }, action) => {
  const group = requireReference(world, "customer-group", action, "customerGroup");
  const gone = resource.customerGroupAssignments.find((one) => one.customerGroup.id === group.id);
  if (!gone) throw invalidInput("The customer is not assigned to this group.");
  resource.customerGroupAssignments = resource.customerGroupAssignments.filter((one) => one !== gone);
  emit("CustomerGroupAssignmentRemoved", { customerGroupAssignment: gone });
};

/** Unique per project, or within each store when the customer is bound to stores. */
function emailSlots(customer: Customer): string | undefined {
  const stores = customer.stores.map((store) => store.key).sort();
  return `${customer.email.toLowerCase()}|${stores.join(",")}`;
}

/** `lowercaseEmail` can be asked for in predicates and is not part of what is answered. */
function shown(customer: Customer): Doc {
  const { lowercaseEmail: _asked, ...rest } = customer;
  return rest;
}

function created({ resource, emit }: Change<Customer>): void {
  emit("CustomerCreated", { customer: shown(resource) });
}

export const customerDefinition: Definition<Customer> = {
  typeId: "customer",
  path: "customers",
  scopes: scopes("customers"),
  extensible: true,
  fields: [
    ...BASE_FIELDS,
    ...["key", "customerNumber", "externalId", "email", "lowercaseEmail", "firstName", "lastName", "middleName"],
    ...["title", "dateOfBirth", "companyName", "vatId", "addresses", "defaultShippingAddressId"],
    ...["shippingAddressIds", "defaultBillingAddressId", "billingAddressIds", "isEmailVerified", "customerGroup"],
    ...["customerGroupAssignments", "custom", "locale", "salutation", "stores", "authenticationMode"],
  ],
  indexes: [
    { path: "email", values: (customer) => [customer.email] },
    { path: "lowercaseEmail", values: (customer) => [customer.email.toLowerCase()] },
    { path: "key", values: (customer) => (customer.key ? [customer.key] : []) },
    { path: "customerNumber", values: (customer) => (customer.customerNumber ? [customer.customerNumber] : []) },
    { path: "vatId", values: (customer) => (customer.vatId ? [customer.vatId] : []) },
    { path: "externalId", values: (customer) => (customer.externalId ? [customer.externalId] : []) },
  ],
  uniques: [
    KEY_UNIQUE,
    { field: "customerNumber", value: (customer) => customer.customerNumber },
    { field: "email", value: emailSlots, shown: (customer) => customer.email },
  ],
  create({ world }, draft) {
    const authenticationMode = oneOf(draft, "authenticationMode", ["Password", "ExternalAuth"]) ?? "Password";
    if (authenticationMode === "Password" && text(draft, "password") === undefined) throw requiredField("password");
    return {
      key: key(draft),
      customerNumber: text(draft, "customerNumber"),
      externalId: text(draft, "externalId"),
      email: requireText(draft, "email"),
      ...(authenticationMode === "Password" ? { password: "****" } : {}),
      firstName: text(draft, "firstName"),
      lastName: text(draft, "lastName"),
      middleName: text(draft, "middleName"),
      title: text(draft, "title"),
      salutation: text(draft, "salutation"),
      dateOfBirth: text(draft, "dateOfBirth"),
      companyName: text(draft, "companyName"),
      vatId: text(draft, "vatId"),
      locale: text(draft, "locale"),
      ...readAddressBook(world, draft),
      isEmailVerified: flag(draft, "isEmailVerified") ?? false,
      customerGroup: resolveReference(world, "customer-group", draft, "customerGroup"),
      customerGroupAssignments: readAssignments(world, draft),
      stores: readStores(world, draft),
      authenticationMode,
      custom: readCustom(world, draft, "customer"),
    };
  },
  derive({ resource }) {
    setOrRemove(resource, "lowercaseEmail", resource.email.toLowerCase());
  },
  present: (_world, customer) => shown(customer),
  created,
  deleted: ({ resource, emit }) => emit("CustomerDeleted", { email: resource.email }),
  actions: {
    setKey: ({ resource }, action) => setOrRemove(resource, "key", key(action)),
    setCustomerNumber,
    setExternalId,
    changeEmail,
    setFirstName: textAction("firstName", "CustomerFirstNameSet"),
    setLastName: textAction("lastName", "CustomerLastNameSet"),
    setMiddleName: textAction("middleName"),
    setTitle: textAction("title", "CustomerTitleSet"),
    setSalutation: textAction("salutation"),
    setCompanyName: textAction("companyName", "CustomerCompanyNameSet"),
    setVatId: textAction("vatId"),
    setLocale: textAction("locale"),
    setDateOfBirth: ({ resource }, action) => setOrRemove(resource, "dateOfBirth", dateTime(action, "dateOfBirth")),
    setStores,
    addStore: changeStore((stores, store) => [...stores.filter((one) => one.key !== store.key), store]),
    removeStore: changeStore((stores, store) => stores.filter((one) => one.key !== store.key)),
    setAuthenticationMode,
    setCustomerGroup,
    setCustomerGroupAssignments: setAssignments,
    addCustomerGroupAssignment: addAssignment,
    removeCustomerGroupAssignment: removeAssignment,
    ...addressBookActions<Customer>("Customer"),
    ...customActions<Customer>("customer", "Customer"),
  },
};
