/** Each word of the binding that the tenant's metadata does not know is found by its name. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  closeSandboxes,
  config,
  diagnose,
  named,
  openSandboxes,
  resetIfs,
  rewriting,
  sandbox,
  withIfs,
} from "./doctor-fixture.ts";

beforeAll(openSandboxes);
afterAll(closeSandboxes);
beforeEach(resetIfs);

const merchant = "merchant";
const ifsAdministrator = "ifsAdministrator";

describe("the binding against the tenant", () => {
  test("a projection of another name, with the name that was meant", async () => {
    await sandbox("settings", { renames: { ShipmentHandling: "CShipmentHandling" } });
    expect(named(await diagnose())).toEqual([
      {
        check: "ifs.projection",
        subject: "projection ShipmentHandling",
        owner: ifsAdministrator,
        proposal: "CShipmentHandling",
      },
    ]);
  });

  test("a set of another name", async () => {
    await sandbox("settings", { renames: { "ShipmentHandling/ShipmentSet": "CShipmentSet" } });
    expect(named(await diagnose())).toEqual([
      { check: "ifs.set", subject: "shipment", owner: ifsAdministrator, proposal: "CShipmentSet" },
    ]);
  });

  test("a field of another name", async () => {
    const fetch = rewriting(/ShipmentHandling\.svc\/\$metadata/, (text) =>
      text.replaceAll('"ShipmentId"', '"CShipmentId"'),
    );
    expect(named(await diagnose({ fetch }))).toEqual([
      { check: "ifs.field", subject: "shipment.shipmentId", owner: merchant, proposal: "CShipmentId" },
      { check: "ifs.field", subject: "shipmentLine.shipmentId", owner: merchant, proposal: "CShipmentId" },
    ]);
  });

  test("a field that the connector can do without is a warning", async () => {
    await sandbox("settings", { hiddenProperties: ["ShipmentHandling/ShipmentSet/ConsignmentNoteId"] });
    const report = await diagnose();
    expect(named(report)).toEqual([]);
    expect(named(report, "warning")).toEqual([
      { check: "ifs.field", subject: "shipment.trackingNumber", owner: merchant },
    ]);
  });

  test("a field of another type, and one that is too short", async () => {
    const fetch = rewriting(/CustomerOrderHandling\.svc\/\$metadata/, (text) =>
      text
        .replace('Name="BuyQtyDue" Type="Edm.Decimal"', 'Name="BuyQtyDue" Type="Edm.String"')
        .replace(
          'Name="ExternalRef" Type="Edm.String" MaxLength="50"',
          'Name="ExternalRef" Type="Edm.String" MaxLength="30"',
        ),
    );
    expect(named(await diagnose({ fetch }))).toEqual([
      { check: "ifs.field-length", subject: "order.externalRef", owner: merchant },
      { check: "ifs.field-type", subject: "orderLine.buyQtyDue", owner: merchant },
      { check: "ifs.field-type", subject: "openDemand.buyQtyDue", owner: merchant },
    ]);
  });

  test("a key of other fields", async () => {
    const fetch = rewriting(/CustomerOrderHandling\.svc\/\$metadata/, (text) =>
      text.replace('<PropertyRef Name="RelNo"/>', ""),
    );
    expect(named(await diagnose({ fetch }), "warning")).toEqual([
      { check: "ifs.key", subject: "orderLine", owner: merchant },
      { check: "ifs.key", subject: "openDemand", owner: merchant },
    ]);
  });

  test("members that an enumeration does not have", async () => {
    await sandbox("settings", { supplyFromStockMember: "InventoryOrder" });
    const fetch = rewriting(/CustomerOrderHandling\.svc\/\$metadata/, (text) =>
      text.replaceAll('<Member Name="Invoiced"', '<Member Name="InvoicedClosed"'),
    );
    const report = await diagnose({ fetch });
    expect(named(report)).toEqual([
      { check: "ifs.enum-member", subject: "openDemand.state", owner: merchant, proposal: "InvoicedClosed" },
      {
        check: "ifs.enum-member",
        subject: "constants.inventoryLine.SupplyCode",
        owner: merchant,
        proposal: "InventoryOrder",
      },
    ]);
    expect(named(report, "warning")).toEqual([
      { check: "ifs.unknown-state", subject: "order.state", owner: merchant },
      { check: "ifs.unknown-state", subject: "orderLine.state", owner: merchant },
    ]);
  });

  test("an enumeration of another name, where filters need it", async () => {
    const binding = { ...config.ifs.binding, openDemand: { enums: { state: "CustOrdLineState" } } };
    const report = await diagnose(withIfs({ binding }));
    // The read itself is not tried with states that the metadata already refuses.
    expect(named(report)).toEqual([
      { check: "ifs.enum", subject: "openDemand.state", owner: merchant, proposal: "CustomerOrderLineState" },
    ]);
  });

  test("an action of another name, and a parameter", async () => {
    await sandbox("settings", { releaseActionName: "CustomerOrder_SetReleased" });
    const binding = { ...config.ifs.binding, actions: { cancelReason: "CancellationReason" } };
    expect(named(await diagnose(withIfs({ binding })))).toEqual([
      { check: "ifs.action", subject: "actions.release", owner: merchant, proposal: "CustomerOrder_SetReleased" },
      { check: "ifs.action-parameter", subject: "actions.cancelReason", owner: merchant, proposal: "CancelReason" },
    ]);
  });

  test("constants, arrays and route fields that the tenant does not know", async () => {
    const binding = {
      ...config.ifs.binding,
      constants: { order: { IsNewCustomr: false, WantedDeliveryDate: true } },
      linesArray: "OrderLineArray",
    };
    const routes = config.routes.map((route) => ({ ...route, extra: { DistrictCod: "N", labelNote: "web" } }));
    const value = { ...config, routes, ifs: { ...config.ifs, binding } };
    expect(named(await diagnose({ config: { name: "test", value } }))).toEqual([
      { check: "ifs.constant", subject: "constants.order.IsNewCustomr", owner: merchant, proposal: "IsNewCustomer" },
      { check: "ifs.constant-type", subject: "constants.order.WantedDeliveryDate", owner: merchant },
      { check: "ifs.constant", subject: "routes[0].extra.DistrictCod", owner: merchant, proposal: "DistrictCode" },
      { check: "ifs.constant", subject: "routes[1].extra.DistrictCod", owner: merchant, proposal: "DistrictCode" },
      { check: "ifs.array", subject: "linesArray", owner: merchant, proposal: "OrderLinesArray" },
    ]);
  });

  test("words of the binding that cannot be understood", async () => {
    expect(named(await diagnose(withIfs({ binding: { shipment: { fields: { nonsense: "X" } } } })))).toEqual([
      { check: "config.binding", subject: "ifs.binding.shipment.fields.nonsense", owner: merchant },
    ]);
  });
});
