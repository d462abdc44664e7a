import { expect, test } from "vitest";
import { createDocuments } from "../ct/documents.ts";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform, refusal } from "../ct/testing/platform.ts";
import { shownExceptions } from "./shown-exceptions.ts";

const problem = (id: string) => ({
  ...({ id, flow: "stock-sync", code: "stockAnomaly", recordType: "flow", recordId: id, recordLabel: id } as const),
  ...({ message: "message", action: "action", owner: "operator" } as const),
});

function tick(ids: readonly string[]) {
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  const { exceptions } = createStore(ct, { now: () => Date.parse("2026-11-20T10:00:00Z") });
  const calls = () => platform.calls.map(({ method, path }) => `${method} ${path.replace(/^\/custom-objects\/?/, "")}`);
  return { platform, ct, exceptions, shown: shownExceptions(exceptions, ids), calls };
}

test("where nothing is open, one question is all", async () => {
  const { shown, calls } = tick(["stock-age-MTAx", "guard", "credential"]);
  expect(await Promise.all([shown.get("guard"), shown.get("credential")])).toEqual([undefined, undefined]);
  await shown.close("stock-age-MTAx");
  await shown.close("credential");
  expect(calls()).toEqual(["GET ifs-connector-exceptions"]);
});

test("what is open is shown and closed, what this tick opened as well", async () => {
  const { shown, exceptions } = tick(["guard", "credential"]);
  await exceptions.open(problem("guard"));
  expect((await shown.get("guard"))?.message).toBe("message");
  await shown.close("guard");
  expect(await exceptions.get("guard")).toBeUndefined();
  await shown.open(problem("credential"));
  expect((await shown.get("credential"))?.attempts).toBe(1);
  await shown.close("credential");
  expect(await exceptions.get("credential")).toBeUndefined();
});

test("one that another replica opens meanwhile is left to the next tick", async () => {
  const { shown, exceptions } = tick(["guard"]);
  expect(await shown.get("guard")).toBeUndefined();
  await exceptions.open(problem("guard"));
  await shown.close("guard");
  expect((await exceptions.get("guard"))?.attempts).toBe(1);
  await shownExceptions(exceptions, ["guard"]).close("guard");
  expect(await exceptions.get("guard")).toBeUndefined();
});

test("a damaged one hides no other, and can be closed; one that was not asked for is asked for by itself", async () => {
  const { ct, shown, exceptions } = tick(["guard", "credential"]);
  await exceptions.open(problem("guard"));
  await exceptions.open(problem("other"));
  await createDocuments(ct).write("ifs-connector-exceptions", "credential", { id: 1 });
  expect((await shown.get("guard"))?.message).toBe("message");
  await expect(shown.get("credential")).rejects.toThrow('exception "credential" is damaged');
  await shown.close("credential");
  await shown.close("other");
  expect([await exceptions.get("credential"), await exceptions.get("other")]).toEqual([undefined, undefined]);
});

test("a question without an answer is asked again by whoever looks next", async () => {
  const { platform, shown } = tick(["guard"]);
  platform.intercept = ({ method }) => (method === "GET" ? refusal(400, "InvalidInput", "not now") : undefined);
  await expect(shown.close("guard")).rejects.toThrow("not now");
  platform.intercept = () => undefined;
  await expect(shown.close("guard")).resolves.toBeUndefined();
});
