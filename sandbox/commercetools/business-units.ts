import { type AddressBook, addressBookActions, readAddressBook } from "./address-book.ts";
import { customActions, readCustom } from "./custom-fields.ts";
import { type GroupAssignment, readAssignments, readStores } from "./customers.ts";
import type { Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { invalidInput, invalidOperation, requiredField } from "./errors.ts";
import { docs, oneOf, requireDoc, requireKey, requireOneOf, requireText, text } from "./input.ts";
import { compact, type Doc, type KeyReference, type Reference, type Resource, setOrRemove } from "./json.ts";
import { requireReference, requireResource, resolveKeyReference, resolveResource } from "./references.ts";

const STORE_MODES = ["Explicit", "FromParent"] as const;
const INHERITANCE_MODES = ["Explicit", "ExplicitAndFromParent"] as const;

type Associate = {
  associateRoleAssignments: { associateRole: KeyReference<"associate-role">; inheritance: string }[];
  customer: Reference<"customer">;
};

export type BusinessUnit = Resource &
  AddressBook & {
    key: string;
    status: "Active" | "Inactive";
    unitType: "Company" | "Division";
    name: string;
    stores: KeyReference<"store">[];
    storeMode: (typeof STORE_MODES)[number];
    associateMode: (typeof INHERITANCE_MODES)[number];
    approvalRuleMode: (typeof INHERITANCE_MODES)[number];
    associates: Associate[];
    customerGroupAssignments?: GroupAssignment[];
    topLevelUnit: KeyReference<"business-unit">;
    parentUnit?: KeyReference<"business-unit">;
  };

function readAssociate(world: World, draft: Doc): Associate {
  return {
    associateRoleAssignments: (docs(draft, "associateRoleAssignments") ?? []).map((one) => {
      const associateRole = resolveKeyReference(world, "associate-role", one, "associateRole");
      if (!associateRole) throw requiredField("associateRole");
      return { associateRole, inheritance: text(one, "inheritance") ?? "Disabled" };
    }),
    customer: requireReference(world, "customer", draft, "customer"),
  };
}

function associateOf(unit: BusinessUnit, { customer }: Pick<Associate, "customer">): Associate | undefined {
  return unit.associates.find((one) => one.customer.id === customer.id);
}

function requireStore(world: World, action: Doc): KeyReference<"store"> {
  const store = resolveKeyReference(world, "store", action, "store");
  if (!store) throw requiredField("store");
  return store;
}

/** Companies and divisions. The key is the only identifier of one's own: there is no externalId. */
export const businessUnitDefinition: Definition<BusinessUnit> = {
  typeId: "business-unit",
  path: "business-units",
  scopes: scopes("business_units"),
  extensible: true,
  fields: [
    ...BASE_FIELDS,
    ...["key", "status", "stores", "inheritedStores", "storeMode", "unitType", "name", "contactEmail", "custom"],
    ...["customerGroupAssignments", "addresses", "shippingAddressIds", "defaultShippingAddressId"],
    ...["billingAddressIds", "defaultBillingAddressId", "associateMode", "associates", "inheritedAssociates"],
    ...["parentUnit", "topLevelUnit", "approvalRuleMode"],
  ],
  indexes: [
    { path: "key", values: (unit) => [unit.key] },
    { path: "associates.customer.id", values: (unit) => [...new Set(unit.associates.map((one) => one.customer.id))] },
  ],
  uniques: [KEY_UNIQUE],
  create({ world }, draft) {
    const unitType = requireOneOf(draft, "unitType", ["Company", "Division"]);
    const own = requireKey(draft);
    const parent = resolveResource<BusinessUnit>(world, "business-unit", draft, "parentUnit");
    if (unitType === "Division" && !parent) throw requiredField("parentUnit");
    const { addresses, ...addressRoles } = readAddressBook(world, draft);
    return compact({
      key: own,
      status: oneOf(draft, "status", ["Active", "Inactive"]) ?? "Active",
      unitType,
      name: requireText(draft, "name"),
      contactEmail: text(draft, "contactEmail"),
      stores: readStores(world, draft),
      storeMode: oneOf(draft, "storeMode", STORE_MODES) ?? (parent ? "FromParent" : "Explicit"),
      addresses,
      ...addressRoles,
      associateMode: parent ? "ExplicitAndFromParent" : "Explicit",
      associates: (docs(draft, "associates") ?? []).map((one) => readAssociate(world, one)),
      customerGroupAssignments: readAssignments(world, draft),
      approvalRuleMode: parent ? "ExplicitAndFromParent" : "Explicit",
      parentUnit: parent ? { typeId: "business-unit", key: parent.key } : undefined,
      topLevelUnit: parent ? parent.topLevelUnit : { typeId: "business-unit", key: own },
      custom: readCustom(world, draft, "business-unit"),
    });
  },
  created: ({ resource, emit }) => emit("BusinessUnitCreated", { businessUnit: { ...resource } }),
  deleted: ({ emit }) => emit("BusinessUnitDeleted"),
  actions: {
    changeName: ({ resource, emit }, action) => {
      const oldName = resource.name;
      resource.name = requireText(action, "name");
      emit("BusinessUnitNameChanged", { name: resource.name, oldName });
    },
    changeStatus: ({ resource, emit }, action) => {
      resource.status = requireOneOf(action, "status", ["Active", "Inactive"]);
      emit("BusinessUnitStatusChanged", { active: resource.status === "Active" });
    },
    setContactEmail: ({ resource, emit }, action) => {
      setOrRemove(resource, "contactEmail", text(action, "contactEmail"));
      emit("BusinessUnitContactEmailSet", compact({ contactEmail: resource.contactEmail }));
    },
    setStores: ({ resource, world, emit }, action) => {
      resource.stores = readStores(world, action);
      emit("BusinessUnitStoresSet", { stores: resource.stores });
    },
    addStore: ({ resource, world, emit }, action) => {
      const store = requireStore(world, action);
      resource.stores = [...resource.stores.filter((one) => one.key !== store.key), store];
      emit("BusinessUnitStoreAdded", { store });
    },
    removeStore: ({ resource, world, emit }, action) => {
      const store = requireStore(world, action);
      resource.stores = resource.stores.filter((one) => one.key !== store.key);
      emit("BusinessUnitStoreRemoved", { store });
    },
    setStoreMode: ({ resource, world, emit }, action) => {
      const { stores: oldStores, storeMode: oldStoreMode } = resource;
      resource.storeMode = requireOneOf(action, "storeMode", STORE_MODES);
      resource.stores = resource.storeMode === "Explicit" ? readStores(world, action) : [];
      const { stores, storeMode } = resource;
      emit("BusinessUnitStoreModeChanged", { stores, storeMode, oldStores, oldStoreMode });
    },
    changeParentUnit: ({ resource, world, emit }, action) => {
      const parent = requireResource<BusinessUnit>(world, "business-unit", action, "parentUnit");
      if (resource.unitType !== "Division") throw invalidOperation("Only a division has a parent unit.");
      if (resource.key === parent.key) throw invalidOperation("A unit can not be its own parent.");
      const oldParentUnit = resource.parentUnit;
      resource.parentUnit = { typeId: "business-unit", key: parent.key };
      resource.topLevelUnit = parent.topLevelUnit;
      emit("BusinessUnitParentChanged", compact({ oldParentUnit, newParentUnit: resource.parentUnit }));
    },
    changeAssociateMode: ({ resource, emit }, action) => {
      const oldAssociateMode = resource.associateMode;
      resource.associateMode = requireOneOf(action, "associateMode", INHERITANCE_MODES);
      emit("BusinessUnitAssociateModeChanged", { associateMode: resource.associateMode, oldAssociateMode });
    },
    changeApprovalRuleMode: ({ resource, emit }, action) => {
      const oldApprovalRuleMode = resource.approvalRuleMode;
      resource.approvalRuleMode = requireOneOf(action, "approvalRuleMode", INHERITANCE_MODES);
      emit("BusinessUnitApprovalRuleModeChanged", { approvalRuleMode: resource.approvalRuleMode, oldApprovalRuleMode });
    },
    addAssociate: ({ resource, world, emit }, action) => {
      const associate = readAssociate(world, requireDoc(action, "associate"));
      if (associateOf(resource, associate)) throw invalidInput("The customer is an associate of the unit already.");
      resource.associates.push(associate);
      emit("BusinessUnitAssociateAdded", { associate });
    },
    changeAssociate: ({ resource, world, emit }, action) => {
      const associate = readAssociate(world, requireDoc(action, "associate"));
      const before = associateOf(resource, associate);
      if (!before) throw invalidInput("The customer is not an associate of the unit.");
      resource.associates = resource.associates.map((one) => (one === before ? associate : one));
      emit("BusinessUnitAssociateChanged", { associate });
    },
    removeAssociate: ({ resource, world, emit }, action) => {
      const customer = requireReference(world, "customer", action, "customer");
      const associate = associateOf(resource, { customer });
      if (!associate) throw invalidInput("The customer is not an associate of the unit.");
      resource.associates = resource.associates.filter((one) => one !== associate);
      emit("BusinessUnitAssociateRemoved", { associate });
    },
    setAssociates: ({ resource, world, emit }, action) => {
      resource.associates = (docs(action, "associates") ?? []).map((one) => readAssociate(world, one));
      emit("BusinessUnitAssociatesSet", { associates: resource.associates });
    },
    setCustomerGroupAssignments: ({ resource, world, emit }, action) => {
      const oldCustomerGroupAssignments = resource.customerGroupAssignments;
      resource.customerGroupAssignments = readAssignments(world, action);
      const { customerGroupAssignments } = resource;
      emit("BusinessUnitCustomerGroupAssignmentsSet", { customerGroupAssignments, oldCustomerGroupAssignments });
    },
    ...addressBookActions<BusinessUnit>("BusinessUnit"),
    ...customActions<BusinessUnit>("business-unit", "BusinessUnit"),
  },
};
