/** What is asked of the Import API, and what is made of its answers. */
import { expect, test } from "vitest";
import { createImports, MAX_IMPORT_RESOURCES } from "./imports.ts";
import { type Call, clientOf, createPlatform, refusal, reply } from "./testing/platform.ts";

const draft = (key: string) => ({ key, sku: key, quantityOnStock: 3 });

/** An Import API with the containers that it is told of. */
function importApi(answer: (call: Call) => Response | undefined = () => undefined, containers = new Set<string>()) {
  const platform = createPlatform();
  platform.intercept = (call) => {
    if (!call.path.includes("import-containers")) return undefined;
    const given = answer(call);
    if (given) return given;
    const { method, path, body } = call;
    const name = /import-containers\/([^/]+)/.exec(path)?.[1];
    if (method === "POST" && path === "/import-containers") {
      containers.add(String(body?.key));
      return reply(201, {});
    }
    if (name === undefined || !containers.has(name)) return refusal(404, "ResourceNotFound", "not found");
    if (method === "GET") return reply(200, {});
    const resources = body?.resources as { key: string }[];
    return reply(201, { operationStatus: resources.map(() => ({ state: "processing" })) });
  };
  const asked = () => platform.calls.map(({ method, path }) => `${method} ${path}`);
  return { platform, containers, asked, imports: createImports(clientOf(platform).ct) };
}

test("a container is created once; that somebody else was first is no failure", async () => {
  const { asked, imports } = importApi();
  await imports.open("stock");
  await imports.open("stock");
  expect(asked().filter((one) => one.startsWith("POST"))).toEqual(["POST /import-containers"]);
  const late = importApi(({ method }) => (method === "POST" ? refusal(400, "DuplicateField", "exists") : undefined));
  await late.imports.open("stock");
  const refused = importApi(({ method }) => (method === "POST" ? refusal(400, "InvalidInput", "no") : undefined));
  await expect(refused.imports.open("stock")).rejects.toThrow("InvalidInput");
});

test("a container that ends in the middle of a load is created anew, and nothing of the request is lost", async () => {
  const { asked, containers, platform, imports } = importApi();
  await imports.open("stock");
  containers.clear();
  expect(await imports.submit("stock", { channel: "new", drafts: [draft("A"), draft("B")] })).toEqual([]);
  expect(asked().slice(2)).toEqual([
    "POST /inventories/import-containers/stock",
    "GET /import-containers/stock",
    "POST /import-containers",
    "POST /inventories/import-containers/stock",
  ]);
  expect(platform.calls.at(-1)?.body).toEqual({
    type: "inventory",
    resources: ["A", "B"].map((key) => ({ ...draft(key), supplyChannel: { typeId: "channel", key: "new" } })),
  });
  const gone = importApi(({ method, path }) =>
    method === "POST" && path.startsWith("/inventories") ? refusal(404, "ResourceNotFound", "no") : undefined,
  );
  await expect(gone.imports.submit("stock", { channel: "new", drafts: [draft("A")] })).rejects.toThrow(
    "ResourceNotFound",
  );
});

test("what was refused at once is named by its key, with the platform's words", async () => {
  const errors = [{ code: "InvalidInput", message: "sku is missing" }];
  const states = [{ state: "processing" }, { state: "validationFailed", errors }, { state: "validationFailed" }];
  const { imports } = importApi(({ path }) =>
    path.startsWith("/inventories") ? reply(201, { operationStatus: states }) : undefined,
  );
  const drafts = ["A", "B", "C"].map(draft);
  expect(drafts.length).toBeLessThanOrEqual(MAX_IMPORT_RESOURCES);
  expect(await imports.submit("stock", { channel: "new", drafts })).toEqual([
    { key: "B", state: "validationFailed", message: "InvalidInput: sku is missing" },
    { key: "C", state: "validationFailed", message: "no reason given" },
  ]);
});

test("failures of this load are shown, however many earlier ones are still listed", async () => {
  const since = "2026-08-01T10:00:00.000Z";
  const operation = (key: string, createdAt: string) => ({ resourceKey: key, state: "rejected", createdAt });
  const listed = [
    ...Array.from({ length: 30 }, (_, nth) => operation(`OLD-${nth}`, "2026-08-01T09:00:00.000Z")),
    operation("NEW", "2026-08-01T10:00:01.000Z"),
  ];
  const { imports } = importApi(({ path, query }) => {
    if (!path.endsWith("/import-operations")) return undefined;
    const all = query.get("sort") === "createdAt desc" ? listed.toReversed() : listed;
    const found = all.filter(({ state }) => state === query.get("state"));
    return reply(200, { results: found.slice(0, Number(query.get("limit"))) });
  });
  expect((await imports.failures("stock", since)).map(({ key }) => key)).toEqual(["NEW"]);
});

test("an answer that is no answer of the Import API is an outage, not an empty one", async () => {
  const { imports } = importApi(() => reply(200, {}));
  await expect(imports.states("stock")).rejects.toThrow();
  await expect(imports.failures("stock", "")).rejects.toThrow();
  await expect(imports.submit("stock", { channel: "new", drafts: [draft("A")] })).rejects.toThrow();
});
