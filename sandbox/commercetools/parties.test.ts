import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { FORMS, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

describe.each(FORMS)("customers and business units (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form);
    await shop.admin.post("/types", {
      key: "erp-fields",
      name: { en: "ERP" },
      resourceTypeIds: ["customer", "business-unit", "address"],
      fieldDefinitions: [{ name: "erpNo", label: { en: "No" }, type: { name: "String" }, required: false }],
    });
  });
  afterAll(() => shop.close());

  const type = { typeId: "type", key: "erp-fields" };
  const told = async (resource: Json) =>
    results(
      await shop.connector.get("/messages", {
        where: "resource(id = :id)",
        "var.id": String(resource.id),
        sort: "sequenceNumber asc",
        limit: "100",
      }),
    );
  const signUp = async (draft: Json) =>
    (await shop.connector.post("/customers", { password: "secret", ...draft })).customer as Json;
  const act = (path: string, resource: Json, ...actions: Json[]) =>
    shop.connector.post(`/${path}/${String(resource.id)}`, { version: resource.version, actions });

  describe("customers", () => {
    it("are created whole: numbers, groups, addresses with keys and roles", async () => {
      const customer = await signUp({
        key: "acme-1",
        email: "Buyer@Acme.example",
        customerNumber: "C-1",
        externalId: "10041990",
        vatId: "DE811234599",
        companyName: "Acme",
        customerGroup: { typeId: "customer-group", key: "b2b" },
        addresses: [
          { key: "office", country: "DE", city: "Kiel", externalId: "01" },
          { key: "dock", country: "DE", city: "Lübeck" },
        ],
        billingAddresses: [0],
        defaultBillingAddress: 0,
        defaultShippingAddress: 1,
        custom: { type, fields: { erpNo: "10041990" } },
      });
      const [office, dock] = customer.addresses as { id: string; key: string }[];
      expect(pick(customer, "key", "externalId", "vatId", "billingAddressIds", "shippingAddressIds")).toEqual({
        key: "acme-1",
        externalId: "10041990",
        vatId: "DE811234599",
        billingAddressIds: [office?.id],
        shippingAddressIds: [dock?.id],
      });
      const wheres = [
        'email = "Buyer@Acme.example"',
        'lowercaseEmail = "buyer@acme.example"',
        'vatId = "DE811234599"',
        'externalId = "10041990"',
        'key = "acme-1"',
        'customerNumber = "C-1"',
        'custom(fields(erpNo = "10041990"))',
        'addresses(key = "dock")',
      ];
      const found = await Promise.all(wheres.map((where) => shop.connector.get("/customers", { where })));
      expect(found.map((page) => results(page).map((one) => one.id))).toEqual(wheres.map(() => [customer.id]));
      const taken = signUp({ email: "buyer@acme.example" });
      expect(await refusal(taken)).toMatchObject({ status: 400, code: "DuplicateField", field: "email" });
      const number = signUp({ email: "other@acme.example", customerNumber: "C-1" });
      expect(await refusal(number)).toMatchObject({ code: "DuplicateField", field: "customerNumber" });
    });

    it("tell each change, and are written at their version only", async () => {
      let customer = await signUp({ email: "moves@shopper.example" });
      customer = await act(
        "customers",
        customer,
        { action: "addAddress", address: { key: "home", country: "DE", city: "Kiel" } },
        { action: "addAddress", address: { key: "work", country: "DE", city: "Bonn" } },
        { action: "changeAddress", addressKey: "home", address: { key: "home", country: "DE", city: "Köln" } },
        { action: "setAddressCustomType", addressKey: "home", type, fields: { erpNo: "01" } },
        { action: "setAddressCustomField", addressKey: "home", name: "erpNo", value: "02" },
        { action: "setDefaultShippingAddress", addressKey: "home" },
        { action: "setDefaultBillingAddress", addressKey: "work" },
        { action: "removeAddress", addressKey: "work" },
        { action: "changeEmail", email: "moved@shopper.example" },
        { action: "setVatId", vatId: "DE1" },
        { action: "setKey", key: "moved" },
        { action: "setCustomerGroup", customerGroup: { typeId: "customer-group", key: "vip" } },
        { action: "addStore", store: { typeId: "store", key: "de-store" } },
        { action: "removeStore", store: { typeId: "store", key: "de-store" } },
        { action: "setCustomType", type, fields: {} },
        { action: "setAuthenticationMode", authMode: "ExternalAuth" },
      );
      expect(
        pick(customer, "version", "email", "key", "vatId", "stores", "defaultBillingAddressId", "password"),
      ).toEqual({
        version: 2,
        email: "moved@shopper.example",
        key: "moved",
        vatId: "DE1",
        stores: [],
      });
      expect(customer.addresses).toMatchObject([{ key: "home", city: "Köln", custom: { fields: { erpNo: "02" } } }]);
      expect((await told(customer)).map((one) => one.type)).toEqual([
        ...["CustomerCreated", "CustomerAddressAdded", "CustomerAddressAdded", "CustomerAddressChanged"],
        ...["CustomerAddressCustomTypeSet", "CustomerAddressCustomFieldChanged", "CustomerDefaultShippingAddressSet"],
        ...["CustomerDefaultBillingAddressSet", "CustomerAddressRemoved", "CustomerEmailChanged", "CustomerGroupSet"],
        ...["CustomerStoresSet", "CustomerStoresSet", "CustomerCustomTypeSet"],
      ]);
      const stale = act("customers", { ...customer, version: 1 }, { action: "setKey", key: "stale" });
      expect(await refusal(stale)).toMatchObject({ status: 409, code: "ConcurrentModification", currentVersion: 2 });
    });

    it.each([
      [true, ["CustomerCreated", "CustomerExternalIdSet"]],
      [false, ["CustomerCreated"]],
    ])("tell of a new externalId: %s", async (customerExternalIdSetMessage, expected) => {
      shop.model.changeSettings({ customerExternalIdSetMessage });
      const customer = await signUp({ email: `external-${customerExternalIdSetMessage}@shopper.example` });
      await act("customers", customer, { action: "setExternalId", externalId: "10042" });
      shop.model.changeSettings({ customerExternalIdSetMessage: true });
      expect((await told(customer)).map((one) => one.type)).toEqual(expected);
    });
  });

  it("business units: companies with divisions, each change told", async () => {
    const buyer = await signUp({ email: "associate@acme.example" });
    const company = (key: string) => ({ key, unitType: "Company", name: "Acme" });
    await shop.connector.post("/business-units", company("other-company"));
    const acme = await shop.connector.post("/business-units", {
      ...company("C10041990"),
      contactEmail: "office@acme.example",
      addresses: [{ key: "hq", country: "DE", city: "Kiel" }],
      defaultBillingAddress: 0,
      custom: { type, fields: { erpNo: "10041990" } },
    });
    const parentUnit = { typeId: "business-unit", key: "C10041990" };
    const orphan = { key: "orphan", unitType: "Division", name: "North" };
    expect(await refusal(shop.connector.post("/business-units", orphan))).toMatchObject({ code: "RequiredField" });
    const north = await shop.connector.post("/business-units", { ...orphan, key: "C10041990-N", parentUnit });
    expect(pick(north, "storeMode", "parentUnit", "topLevelUnit")).toEqual({
      storeMode: "FromParent",
      parentUnit,
      topLevelUnit: parentUnit,
    });
    const customer = { typeId: "customer", id: buyer.id };
    const moved = await act(
      "business-units",
      north,
      { action: "addAddress", address: { key: "dock", country: "DE", city: "Kiel" } },
      { action: "setAddressCustomType", addressKey: "dock", type, fields: { erpNo: "02" } },
      { action: "addShippingAddressId", addressKey: "dock" },
      { action: "changeName", name: "Northern" },
      { action: "changeStatus", status: "Inactive" },
      { action: "setStoreMode", storeMode: "Explicit", stores: [{ typeId: "store", key: "de-store" }] },
      { action: "addStore", store: { typeId: "store", key: "se-store" } },
      { action: "removeStore", store: { typeId: "store", key: "de-store" } },
      { action: "addAssociate", associate: { customer, associateRoleAssignments: [] } },
      { action: "changeAssociate", associate: { customer, associateRoleAssignments: [] } },
      { action: "removeAssociate", customer },
      { action: "changeParentUnit", parentUnit: { typeId: "business-unit", key: "other-company" } },
      { action: "changeAssociateMode", associateMode: "Explicit" },
      { action: "setCustomType", type, fields: { erpNo: "10041991" } },
    );
    expect(pick(moved, "version", "name", "status", "storeMode", "stores", "associates", "topLevelUnit")).toEqual({
      version: 2,
      name: "Northern",
      status: "Inactive",
      storeMode: "Explicit",
      stores: [{ typeId: "store", key: "se-store" }],
      associates: [],
      topLevelUnit: { typeId: "business-unit", key: "other-company" },
    });
    await shop.connector.delete(`/business-units/${String(north.id)}`, { version: "2" });
    expect((await told(north)).map((one) => String(one.type).replace("BusinessUnit", ""))).toEqual([
      ...["Created", "AddressAdded", "AddressCustomTypeSet", "ShippingAddressAdded", "NameChanged", "StatusChanged"],
      ...["StoreModeChanged", "StoreAdded", "StoreRemoved", "AssociateAdded", "AssociateChanged", "AssociateRemoved"],
      ...["ParentChanged", "AssociateModeChanged", "CustomTypeSet", "Deleted"],
    ]);
    for (const where of [
      'key = "C10041990"',
      'custom(fields(erpNo = "10041990"))',
      'unitType = "Company" and name = "Acme" and key != "other-company"',
    ]) {
      const page = await shop.connector.get("/business-units", { where });
      expect([where, results(page).map((one) => one.id)]).toEqual([where, [acme.id]]);
    }
    const stale = act("business-units", { ...acme, version: 9 }, { action: "changeName", name: "X" });
    expect(await refusal(stale)).toMatchObject({ status: 409, currentVersion: 1 });
  });
});
