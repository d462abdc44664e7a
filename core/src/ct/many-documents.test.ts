import { describe, expect, test } from "vitest";
import { ConflictError, TransientError } from "../domain/failure.ts";
import { createDocuments } from "./documents.ts";
import { clientOf, createPlatform, refusal, reply } from "./testing/platform.ts";

const JOURNAL = "ifs-connector-journal";

function opened() {
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  const documents = createDocuments(ct);
  /** Path and key of each request since the last call. */
  let told = 0;
  const asked = () => {
    const calls = platform.calls.slice(told).map(({ path, body }) => [path, body?.key]);
    told = platform.calls.length;
    return calls;
  };
  const stored = async () => {
    const { rows } = await documents.list(JOURNAL, { sort: "key asc", limit: 500 });
    asked();
    return rows.map(({ key, version, value }) => [key, version, value]);
  };
  return { platform, documents, asked, stored };
}

const refuseGraphql = ({ path }: { path: string }) =>
  path === "/graphql" ? refusal(400, "QueryComplexityLimitExceeded", "too complex") : undefined;
const nobodyAnswers = ({ path }: { path: string }) =>
  path === "/graphql" ? refusal(503, "ServiceUnavailable", "away") : undefined;

describe("written together", () => {
  const drafts = ["one", "two-refused", "three"].map((key) => ({ key, value: { of: key } }));
  const all = [
    ["one", 1, { of: "one" }],
    ["three", 1, { of: "three" }],
    ["two-refused", 1, { of: "two-refused" }],
  ];

  test("what the platform does not answer for is written by itself, and nothing twice", async () => {
    const { documents, asked, stored } = opened();
    await documents.writeAll(JOURNAL, drafts);
    expect(asked()).toEqual([
      ["/graphql", undefined],
      ["/custom-objects", "two-refused"],
    ]);
    expect(await stored()).toEqual(all);
  });

  test("where GraphQL is refused, each by itself; where nobody answers, it is an outage", async () => {
    const { documents, platform, stored } = opened();
    platform.intercept = refuseGraphql;
    await documents.writeAll(JOURNAL, drafts);
    expect(await stored()).toEqual(all);
    platform.intercept = nobodyAnswers;
    await expect(documents.writeAll(JOURNAL, drafts)).rejects.toBeInstanceOf(TransientError);
  });

  test("one alone needs no GraphQL, and many need one request for twenty", async () => {
    const { documents, asked } = opened();
    await documents.writeAll(JOURNAL, drafts.slice(0, 1));
    expect(asked()).toEqual([["/custom-objects", "one"]]);
    await documents.writeAll(
      JOURNAL,
      Array.from({ length: 41 }, (_, index) => ({ key: `k${index}`, value: index })),
    );
    expect(asked()).toEqual([
      ["/graphql", undefined],
      ["/graphql", undefined],
      ["/custom-objects", "k40"],
    ]);
  });
});

describe("read together", () => {
  test("each as it is by itself; what is not there is absent, and nothing is asked twice", async () => {
    const { documents, asked } = opened();
    await documents.write(JOURNAL, "a", { n: 1 });
    await documents.write(JOURNAL, "b", { n: 2 });
    const single = await documents.read(JOURNAL, "a");
    asked();
    const found = await documents.readAll(JOURNAL, ["a", "missing", "b"]);
    expect([...found.keys()]).toEqual(["a", "b"]);
    expect(found.get("a")).toEqual(single);
    expect(asked()).toEqual([["/graphql", undefined]]);
  });

  test("where GraphQL is refused or answers in another form, each by itself", async () => {
    const { documents, platform } = opened();
    await documents.write(JOURNAL, "a", { n: 1 });
    for (const answer of [refusal(400, "InvalidInput", "no"), reply(200, { data: { e0: { key: "a" }, e1: {} } })]) {
      platform.intercept = ({ path }) => (path === "/graphql" ? answer.clone() : undefined);
      const found = await documents.readAll(JOURNAL, ["a", "missing"]);
      expect([...found].map(([key, { value }]) => [key, value])).toEqual([["a", { n: 1 }]]);
    }
  });

  test("null beside an error is not taken for absent", async () => {
    const { documents, platform } = opened();
    await documents.write(JOURNAL, "a", { n: 1 });
    await documents.write(JOURNAL, "b", { n: 2 });
    const failed = reply(200, {
      data: { e0: null, e1: null },
      errors: [{ path: ["e0"], extensions: { code: "General" } }],
    });
    platform.intercept = ({ path }) => (path === "/graphql" ? failed : undefined);
    expect([...(await documents.readAll(JOURNAL, ["a", "b"])).keys()]).toEqual(["a", "b"]);
  });
});

describe("swapped together", () => {
  async function three() {
    const world = opened();
    for (const key of ["a", "b", "c"]) await world.documents.write(JOURNAL, key, { n: 1 });
    world.asked();
    return world;
  }
  const swaps = [
    { key: "a", value: { n: 2 }, version: 1 },
    { key: "b", value: { n: 2 }, version: 7 },
    { key: "c", value: { n: 2 }, version: 1 },
  ];
  const after = [
    ["a", 2, { n: 2 }],
    ["b", 1, { n: 1 }],
    ["c", 2, { n: 2 }],
  ];

  test("each by itself: one that somebody else has changed is a conflict and stops no other", async () => {
    const { documents, asked, stored } = await three();
    const outcomes = await documents.swapAll(JOURNAL, swaps);
    expect(asked()).toEqual([["/graphql", undefined]]);
    expect([outcomes.get("a"), outcomes.get("c")]).toEqual([2, 2]);
    expect(outcomes.get("b")).toBeInstanceOf(ConflictError);
    expect(await stored()).toEqual(after);
  });

  test("where GraphQL is refused, each by itself with the same outcome", async () => {
    const { documents, platform, stored } = await three();
    platform.intercept = refuseGraphql;
    const outcomes = await documents.swapAll(JOURNAL, swaps);
    expect([outcomes.get("a"), outcomes.get("c")]).toEqual([2, 2]);
    expect(outcomes.get("b")).toBeInstanceOf(ConflictError);
    expect(await stored()).toEqual(after);
  });

  test("where one failure takes the whole answer along, only that one is known: the others may have happened", async () => {
    const { documents, platform } = await three();
    const errors = [{ message: "x", path: ["e1"], extensions: { code: "ConcurrentModification" } }];
    platform.intercept = ({ path }) => (path === "/graphql" ? reply(200, { data: null, errors }) : undefined);
    const outcomes = await documents.swapAll(JOURNAL, swaps);
    expect(outcomes.get("a")).toBeInstanceOf(TransientError);
    expect(outcomes.get("b")).toBeInstanceOf(ConflictError);
    expect(outcomes.get("c")).toBeInstanceOf(TransientError);
  });

  test("a document that is gone is a conflict: reading again tells that it is gone", async () => {
    const { documents, platform } = await three();
    const errors = [{ path: ["e0"], extensions: { code: "ResourceNotFound" } }];
    const answer = { data: { e0: null, e1: { version: 2 }, e2: { version: 2 } }, errors };
    platform.intercept = ({ path }) => (path === "/graphql" ? reply(200, answer) : undefined);
    const outcomes = await documents.swapAll(JOURNAL, swaps);
    expect(outcomes.get("a")).toBeInstanceOf(ConflictError);
    expect(outcomes.get("b")).toBe(2);
  });

  test("nobody answers: an outage", async () => {
    const { documents, platform } = await three();
    platform.intercept = nobodyAnswers;
    await expect(documents.swapAll(JOURNAL, swaps)).rejects.toBeInstanceOf(TransientError);
  });
});
