import { type AddressBook, addressBookActions, readAddressBook } from "./address-book.ts";
import { customActions, readCustom } from "./custom-fields.ts";
import { type GroupAssignment, readAssignments, readStores } from "./customers.ts";
import type { Definition, World } from "./definition.ts";
import { BASE_FIELDS, KEY_UNIQUE, scopes } from "./definition.ts";
import { requiredField } from "./errors.ts";
import { docs, oneOf, requireKey, requireOneOf, requireText, text } from "./input.ts";
import { compact, type Doc, type KeyReference, type Reference, type Resource, setOrRemove } from "./json.ts";
import { requireReference, resolveKeyReference, resolveResource } from "./references.ts";

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
      storeMode: oneOf(draft, "storeMode", ["Explicit", "FromParent"]) ?? (parent ? "FromParent" : "Explicit"),
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
