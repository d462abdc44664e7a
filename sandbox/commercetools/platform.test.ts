import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "./api-caller.ts";
import { FORMS, openShop, pick, refusal, results, START, type TestShop } from "./test-shop.ts";

describe.each(FORMS)("the platform (%s)", (form) => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop(form);
  });
  afterAll(() => shop.close());

  const token = async (body: string, credentials = "connector:sandbox-secret") => {
    const response = await shop.fetch(`${shop.url}/oauth/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body,
    });
    return { status: response.status, body: (await response.json()) as Json };
  };

  describe("tokens and scopes", () => {
    it("grants by client credentials what the client has, or less", async () => {
      const all = await token("grant_type=client_credentials");
      expect(pick(all.body, "token_type", "expires_in")).toEqual({ token_type: "Bearer", expires_in: 172_800 });
      expect(String(all.body.scope).split(" ")).toContain("manage_standalone_prices:sandbox-shop");
      const less = await token("grant_type=client_credentials&scope=manage_orders:sandbox-shop");
      expect(less.body.scope).toBe("manage_orders:sandbox-shop");
    });

    it("refuses wrong secrets, other grants and more than was granted", async () => {
      const wrong = await token("grant_type=client_credentials", "connector:other");
      const other = await token("grant_type=password");
      const more = await token("grant_type=client_credentials&scope=manage_project:sandbox-shop");
      const elsewhere = await token("grant_type=client_credentials&scope=manage_orders:other-shop");
      expect([wrong, other, more, elsewhere].map((one) => [one.status, (one.body.errors as Json[])[0]?.code])).toEqual([
        [401, "invalid_client"],
        [400, "unsupported_grant_type"],
        [400, "invalid_scope"],
        [400, "invalid_scope"],
      ]);
    });

    it("introspects living and dead tokens", async () => {
      const { body } = await token("grant_type=client_credentials&scope=manage_orders:sandbox-shop");
      const ask = async () => {
        const response = await shop.fetch(`${shop.url}/oauth/introspect`, {
          method: "POST",
          headers: { authorization: `Basic ${Buffer.from("connector:sandbox-secret").toString("base64")}` },
          body: `token=${body.access_token}`,
        });
        return response.json();
      };
      expect(await ask()).toEqual({
        active: true,
        scope: "manage_orders:sandbox-shop",
        client_id: "connector",
        exp: shop.clock.now() + 172_800_000,
      });
      shop.clock.advance(172_800_000);
      expect(await ask()).toEqual({ active: false });
      const dead = await shop.fetch(`${shop.url}/sandbox-shop/orders`, {
        headers: { authorization: `Bearer ${body.access_token}` },
      });
      expect([dead.status, await dead.json()]).toEqual([
        401,
        {
          statusCode: 401,
          message: "invalid_token",
          errors: [{ code: "invalid_token", message: "invalid_token" }],
          error: "invalid_token",
          error_description: "invalid_token",
        },
      ]);
    });

    it("refuses what the scopes do not cover with 403", async () => {
      const storefront = shop.as("storefront", "sandbox-secret");
      const refusals = await Promise.all([
        refusal(storefront.post("/inventory", { sku: "X", quantityOnStock: 1 })),
        refusal(shop.connector.get("/payments")),
        refusal(shop.connector.post("", { version: 1, actions: [] })),
      ]);
      expect(refusals.map((one) => [one.status, one.code])).toEqual(Array(3).fill([403, "insufficient_scope"]));
      expect((await storefront.get("/product-projections")).count).toBe(20);
    });

    it("answers 404 for an unknown project and an unknown path", async () => {
      const unknown = await shop.fetch(`${shop.url}/other-shop/orders`);
      expect(unknown.status).toBe(404);
      expect((await shop.admin.request("GET", "/nonsense")).status).toBe(404);
    });
  });

  describe("versions", () => {
    it("compares the version always: stale, no-op and delete", async () => {
      const channel = await shop.admin.post("/channels", { key: "versions", roles: ["OrderExport"] });
      const same = await shop.admin.post(`/channels/${channel.id}`, {
        version: 1,
        actions: [{ action: "addRoles", roles: ["OrderExport"] }],
      });
      expect(same).toEqual(channel);
      const next = await shop.admin.post("/channels/key=versions", {
        version: 1,
        actions: [{ action: "addRoles", roles: ["OrderImport"] }],
      });
      expect(pick(next, "version", "roles")).toEqual({ version: 2, roles: ["OrderExport", "OrderImport"] });
      const stale = { status: 409, code: "ConcurrentModification", currentVersion: 2 };
      const noop = refusal(shop.admin.post("/channels/key=versions", { version: 1, actions: [] }));
      expect(await noop).toMatchObject(stale);
      expect(await refusal(shop.admin.delete("/channels/key=versions", { version: "1" }))).toMatchObject(stale);
      expect(await refusal(shop.admin.delete("/channels/key=versions"))).toMatchObject({ code: "RequiredField" });
      expect((await shop.admin.delete("/channels/key=versions", { version: "2" })).id).toBe(channel.id);
      expect(await shop.admin.find("/channels/key=versions")).toBeUndefined();
    });

    it("lets exactly one of many writers of one version win", async () => {
      const entry = await shop.stock("RACE", 0);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          shop.admin.request("POST", `/inventory/${entry.id}`, {
            version: 1,
            actions: [{ action: "addQuantity", quantity: 1 }],
          }),
        ),
      );
      expect(answers.map((one) => one.status).sort()).toEqual([200, ...Array(19).fill(409)]);
      expect((await shop.admin.get(`/inventory/${entry.id}`)).quantityOnStock).toBe(1);
    });

    it("applies all actions or none, and no more than 500", async () => {
      const entry = await shop.stock("ALL-OR-NOTHING", 5);
      const half = shop.admin.post(`/inventory/${entry.id}`, {
        version: 1,
        actions: [
          { action: "addQuantity", quantity: 1 },
          { action: "growQuantity", quantity: 1 },
        ],
      });
      expect(await refusal(half)).toMatchObject({ status: 400, code: "InvalidJsonInput" });
      const many = Array.from({ length: 501 }, () => ({ action: "addQuantity", quantity: 1 }));
      const tooMany = shop.admin.post(`/inventory/${entry.id}`, { version: 1, actions: many });
      expect(await refusal(tooMany)).toMatchObject({ status: 400, code: "InvalidInput" });
      expect(pick(await shop.admin.get(`/inventory/${entry.id}`), "version", "quantityOnStock")).toEqual({
        version: 1,
        quantityOnStock: 5,
      });
    });

    it("stamps who and when", async () => {
      const made = await shop.connector.post("/channels", { key: "stamped" });
      const now = new Date(shop.clock.now()).toISOString();
      const by = { clientId: "connector", isPlatformClient: false };
      const stamps = ["version", "createdAt", "lastModifiedAt", "createdBy", "lastModifiedBy"];
      expect(pick(made, ...stamps)).toEqual({
        version: 1,
        createdAt: now,
        lastModifiedAt: now,
        createdBy: by,
        lastModifiedBy: by,
      });
      shop.clock.advance(1500);
      const changed = await shop.admin.post("/channels/key=stamped", {
        version: 1,
        actions: [{ action: "changeName", name: { en: "x" } }],
      });
      expect(pick(changed, ...stamps)).toEqual({
        version: 2,
        createdAt: now,
        lastModifiedAt: new Date(shop.clock.now()).toISOString(),
        createdBy: by,
        lastModifiedBy: { clientId: "admin", isPlatformClient: false },
      });
      expect(Date.parse(now)).toBeGreaterThanOrEqual(START);
    });
  });

  describe("queries", () => {
    it("pages by keyset over ids in ascending order without gap or double", async () => {
      for (let n = 0; n < 25; n += 1) await shop.admin.post("/channels", { key: `paged-${n}` });
      const everything = results(await shop.admin.get("/channels", { limit: "500" }));
      const ids: string[] = [];
      for (let last = ""; ; last = ids.at(-1) ?? "") {
        const page = await shop.admin.get("/channels", {
          where: "id > :last",
          "var.last": last,
          sort: "id asc",
          limit: "10",
          withTotal: "false",
        });
        expect("total" in page).toBe(false);
        ids.push(...results(page).map((one) => String(one.id)));
        if (Number(page.count) < 10) break;
      }
      expect(ids).toEqual(everything.map((one) => String(one.id)).sort());
    });

    it("sorts by several fields and directions", async () => {
      for (const key of ["sort-b", "sort-a", "sort-c"]) {
        await shop.admin.post("/channels", { key, roles: key === "sort-c" ? ["Primary"] : ["OrderImport"] });
        shop.clock.advance(1000);
      }
      const where = 'key in ("sort-a", "sort-b", "sort-c")';
      const keys = async (...sort: string[]) =>
        results(await shop.admin.get("/channels", { where, sort })).map((one) => one.key);
      expect(await keys("key asc")).toEqual(["sort-a", "sort-b", "sort-c"]);
      expect(await keys("key desc")).toEqual(["sort-c", "sort-b", "sort-a"]);
      expect(await keys("createdAt desc")).toEqual(["sort-c", "sort-a", "sort-b"]);
      expect(await keys("version asc", "key desc")).toEqual(["sort-c", "sort-b", "sort-a"]);
    });

    it.each([
      ["limit=501", "InvalidInput"],
      ["limit=-1", "InvalidInput"],
      ["offset=10001", "InvalidInput"],
      ["where=key%20%3D", "InvalidInput"],
      ["where=nonsense%20%3D%201", "InvalidInput"],
      ["where=key%20%3D%20%3Amissing", "InvalidInput"],
      ["sort=nonsense%20asc", "InvalidInput"],
    ])("refuses %s", async (query, code) => {
      expect(await refusal(shop.admin.get(`/channels?${query}`))).toMatchObject({ status: 400, code });
    });

    it("counts, skips and expands", async () => {
      const page = await shop.admin.get("/stores", {
        sort: "key asc",
        limit: "1",
        offset: "1",
        expand: "supplyChannels[*]",
      });
      expect(pick(page, "limit", "offset", "count", "total")).toEqual({ limit: 1, offset: 1, count: 1, total: 2 });
      const channels = results(page)[0]?.supplyChannels as { obj: Json }[];
      expect(channels.map((one) => one.obj.key)).toEqual(["gothenburg"]);
    });

    it("answers HEAD by existence, and echoes the correlation id", async () => {
      expect((await shop.admin.request("HEAD", '/channels?where=key%3D"hamburg"')).status).toBe(200);
      expect((await shop.admin.request("HEAD", '/channels?where=key%3D"nowhere"')).status).toBe(404);
      expect((await shop.admin.request("HEAD", "/channels/key=hamburg")).status).toBe(200);
      const answer = await shop.fetch(`${shop.url}/sandbox-shop/channels`, { headers: { "x-correlation-id": "mine" } });
      expect([answer.status, answer.headers.get("x-correlation-id")]).toEqual([401, "mine"]);
    });

    it("refuses bodies that are not JSON objects and keys that are not keys", async () => {
      const raw = await shop.admin.request("POST", "/channels", ["list"]);
      expect([raw.status, (raw.body.errors as Json[])[0]?.code]).toEqual([400, "InvalidJsonInput"]);
      expect(await refusal(shop.admin.post("/channels", { key: "a.b" }))).toMatchObject({ code: "InvalidField" });
      expect(await refusal(shop.admin.post("/channels", {}))).toMatchObject({ code: "RequiredField", field: "key" });
      expect(await refusal(shop.admin.post("/channels", { key: "hamburg" }))).toMatchObject({
        status: 400,
        code: "DuplicateField",
        field: "key",
        duplicateValue: "hamburg",
      });
    });
  });

  describe("custom objects", () => {
    it("creates, replaces, guards by version and drops nulls", async () => {
      const first = await shop.connector.post("/custom-objects", {
        container: "state.ifs",
        key: "cursor",
        value: { at: 1, gone: null, deep: [{ x: null, y: 2 }] },
      });
      expect(pick(first, "version", "value")).toEqual({ version: 1, value: { at: 1, deep: [{ y: 2 }] } });
      const blind = await shop.connector.post("/custom-objects", { container: "state.ifs", key: "cursor", value: 2 });
      expect(pick(blind, "id", "version", "value")).toEqual({ id: first.id, version: 2, value: 2 });
      const guarded = { container: "state.ifs", key: "cursor", value: 3 };
      expect(await refusal(shop.connector.post("/custom-objects", { ...guarded, version: 1 }))).toMatchObject({
        status: 409,
        currentVersion: 2,
      });
      expect((await shop.connector.post("/custom-objects", { ...guarded, version: 2 })).version).toBe(3);
      expect((await shop.connector.post("/custom-objects", { ...guarded, version: 3 })).version).toBe(4);
      expect((await shop.connector.get("/custom-objects/state.ifs/cursor")).value).toBe(3);
      const absent = shop.connector.post("/custom-objects", { ...guarded, key: "absent", version: 3 });
      expect(await refusal(absent)).toMatchObject({ status: 409 });
      const stale = shop.connector.delete("/custom-objects/state.ifs/cursor", { version: "3" });
      expect(await refusal(stale)).toMatchObject({ status: 409 });
      await shop.connector.delete("/custom-objects/state.ifs/cursor");
      expect(await shop.connector.find("/custom-objects/state.ifs/cursor")).toBeUndefined();
    });

    it("takes version 0 as insert-if-absent or as no version, by setting", async () => {
      const insert = () =>
        shop.connector.request("POST", "/custom-objects", { container: "locks", key: "one", value: {}, version: 0 });
      const statuses = (await Promise.all(Array.from({ length: 10 }, insert))).map((one) => one.status).sort();
      expect(statuses).toEqual([201, ...Array(9).fill(409)]);
      shop.model.changeSettings({ customObjectVersionZero: "noVersion" });
      expect((await insert()).status).toBe(200);
      shop.model.changeSettings({ customObjectVersionZero: "insertIfAbsent" });
    });

    it("raises the version for the same value, and tells of it, or does neither, by setting", async () => {
      const destination = { type: "SNS", topicArn: "box-changes" };
      const changes = [{ resourceTypeId: "key-value-document" }];
      const { id } = await shop.connector.post("/subscriptions", { destination, changes });
      const put = () => shop.connector.post("/custom-objects", { container: "same", key: "one", value: { a: 1 } });
      const versions = [(await put()).version, (await put()).version];
      shop.model.changeSettings({ customObjectSameValueRaisesVersion: false });
      versions.push((await put()).version);
      shop.model.changeSettings({ customObjectSameValueRaisesVersion: true });
      expect(versions).toEqual([1, 2, 2]);
      const told = shop.push.topic("box-changes").undelivered();
      expect(told.map(({ payload }) => pick(payload, "notificationType", "version", "oldVersion")).slice(1)).toEqual([
        { notificationType: "ResourceCreated", version: 1 },
        { notificationType: "ResourceUpdated", version: 2, oldVersion: 1 },
      ]);
      await shop.connector.delete(`/subscriptions/${id}`, { version: "1" });
    });

    it("queries within a container, sorts by the allowed fields only", async () => {
      for (const [container, key, n] of [
        ["box.1", "k1", 1],
        ["box.1", "k2", 2],
        ["box.2", "k1", 2],
      ]) {
        await shop.connector.post("/custom-objects", { container, key, value: { n } });
      }
      const found = await shop.connector.get("/custom-objects/box.1", { where: "value(n = 2)", sort: "key desc" });
      expect(results(found).map((one) => one.key)).toEqual(["k2"]);
      const sorted = await shop.connector.get("/custom-objects/box.1", { sort: "key desc" });
      expect(results(sorted).map((one) => one.key)).toEqual(["k2", "k1"]);
      for (const sort of ["value asc", "id asc", "version desc"]) {
        expect(await refusal(shop.connector.get("/custom-objects/box.1", { sort }))).toMatchObject({ status: 400 });
      }
      const named = shop.connector.post("/custom-objects", { container: "a/b", key: "k", value: 1 });
      expect(await refusal(named)).toMatchObject({ code: "InvalidField", field: "container" });
    });
  });

  describe("types, states and custom fields", () => {
    it("lets fields be added to a type and checks what is set", async () => {
      const text = (name: string) => ({ name, label: { en: name }, type: { name: "String" } });
      await shop.admin.post("/types", {
        key: "entry-fields",
        name: { en: "Entry" },
        resourceTypeIds: ["inventory-entry"],
        fieldDefinitions: [text("erpNo")],
      });
      const again = shop.admin.post("/types", { key: "entry-fields", name: { en: "x" }, resourceTypeIds: ["order"] });
      expect(await refusal(again)).toMatchObject({ code: "DuplicateField", field: "key" });
      await shop.admin.post("/types/key=entry-fields", {
        version: 1,
        actions: [{ action: "addFieldDefinition", fieldDefinition: { ...text("count"), type: { name: "Number" } } }],
      });
      const type = { typeId: "type", key: "entry-fields" };
      const entry = await shop.stock("CUSTOM", 1, { custom: { type, fields: { erpNo: "7" } } });
      const set = (version: number, name: string, value?: unknown) =>
        shop.admin.post(`/inventory/${entry.id}`, { version, actions: [{ action: "setCustomField", name, value }] });
      const changed = await set(1, "count", 3);
      expect((changed.custom as Json).fields).toEqual({ erpNo: "7", count: 3 });
      expect(await refusal(set(2, "count", "three"))).toMatchObject({ code: "InvalidField" });
      expect(await refusal(set(2, "other", 1))).toMatchObject({ code: "InvalidField" });
      expect(((await set(2, "erpNo", null)).custom as Json).fields).toEqual({ count: 3 });
      expect(await refusal(set(3, "erpNo"))).toMatchObject({ code: "InvalidOperation" });
      const foreign = shop.admin.post("/channels", { key: "with-custom", custom: { type } });
      expect(await refusal(foreign)).toMatchObject({ code: "InvalidInput" });
      const found = await shop.admin.get("/inventory", { where: "custom(fields(count = 3))" });
      expect(results(found).map((one) => one.sku)).toEqual(["CUSTOM"]);
    });
  });

  it("keeps what others refer to", async () => {
    await shop.admin.post("/channels", { key: "referred", roles: ["InventorySupply"] });
    const entry = await shop.stock("REFERRING", 1, { supplyChannel: { typeId: "channel", key: "referred" } });
    const drop = () => shop.admin.delete("/channels/key=referred", { version: "1" });
    expect(await refusal(drop())).toMatchObject({ code: "ReferenceExists", referencedBy: "inventory-entry" });
    await shop.admin.delete(`/inventory/${entry.id}`, { version: "1" });
    expect((await drop()).key).toBe("referred");
  });

  it("changes project settings at a version", async () => {
    const project = await shop.connector.get("");
    expect(pick(project, "key", "countries", "currencies", "languages")).toEqual({
      key: "sandbox-shop",
      countries: ["DE", "SE", "US"],
      currencies: ["EUR", "SEK", "USD"],
      languages: ["en", "de", "sv"],
    });
    const action = {
      action: "changeMessagesConfiguration",
      messagesConfiguration: { enabled: true, deleteDaysAfterCreation: 91 },
    };
    const wrong = shop.admin.post("", { version: project.version, actions: [action] });
    expect(await refusal(wrong)).toMatchObject({ code: "InvalidField" });
    expect(await refusal(shop.admin.post("", { version: 0, actions: [] }))).toMatchObject({ status: 409 });
  });

  it("refuses settings that do not exist", () => {
    expect(() => shop.model.changeSettings({ nonsense: true })).toThrow("nonsense");
    expect(() => shop.model.changeSettings({ stockLagMs: 10_001 })).toThrow("stockLagMs");
    expect(() => shop.model.changeSettings({ syncInfoSameChannel: "sometimes" })).toThrow("syncInfoSameChannel");
  });
});
