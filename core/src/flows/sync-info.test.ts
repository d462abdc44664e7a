import { describe, expect, test } from "vitest";
import { RefusedError, TransientError } from "../domain/failure.ts";
import { BELIEVED_MS, createSyncInfoFallback } from "./sync-info.ts";

type Query = { where: string[]; variables?: Record<string, string>; afterId?: string };

const narrow: Query = {
  where: ["createdAt >= :from", "not(syncInfo(channel(id = :link)))"],
  variables: { from: "2026-01-01", link: "id-link" },
  afterId: "o-1",
};
const wide = { where: ["createdAt >= :from"], variables: { from: "2026-01-01" }, afterId: "o-1" };
const refusal = new RefusedError("commercetools", "InvalidInput", 400, "The field 'syncInfo' does not exist.");

function project(answer: (query: Query) => string[]) {
  const asked: Query[] = [];
  const warnings: unknown[] = [];
  const time = { now: 0 };
  const fallback = createSyncInfoFallback({
    clock: { monotonic: () => time.now },
    logger: { info: () => {}, warn: (fields, event) => warnings.push([event, fields]), error: () => {} },
  });
  const page = async (query: Query) => {
    asked.push(query);
    return answer(query);
  };
  return { asked, warnings, time, fallback, page };
}
const refusesSyncInfo = ({ where }: Query): string[] => {
  if (where.some((condition) => condition.includes("syncInfo"))) throw refusal;
  return ["o-2"];
};

describe("predicates on syncInfo", () => {
  test("are used where the platform takes them", async () => {
    const { asked, fallback, page } = project(() => ["o-2"]);
    expect(await fallback(page)(narrow)).toEqual(["o-2"]);
    expect(asked).toEqual([narrow]);
  });

  test("are left out where it refuses them, for all readers, until the refusal is old", async () => {
    const { asked, warnings, time, fallback, page } = project(refusesSyncInfo);
    expect(await fallback(page)(narrow)).toEqual(["o-2"]);
    expect(await fallback(page)(narrow)).toEqual(["o-2"]);
    expect(asked).toEqual([narrow, wide, wide]);
    time.now = BELIEVED_MS;
    await fallback(page)(narrow);
    expect(asked.slice(3)).toEqual([narrow, wide]);
    const warning = ["sync-info-predicate-refused", { code: "InvalidInput", message: refusal.message }];
    expect(warnings).toEqual([warning, warning]);
  });

  test("are not what another failure is about", async () => {
    const closed = new RefusedError("commercetools", "insufficient_scope", 403, "no");
    const denied = project(() => {
      throw closed;
    });
    await expect(denied.fallback(denied.page)(narrow)).rejects.toBe(closed);
    await expect(denied.fallback(denied.page)(narrow)).rejects.toBe(closed);
    expect(denied.asked).toEqual([narrow, wide, narrow, wide]);
    const down = project(() => {
      throw new TransientError("down");
    });
    await expect(down.fallback(down.page)(narrow)).rejects.toThrow("down");
    expect(down.asked).toEqual([narrow]);
  });

  test("a query without them is passed on as it is, refusals included", async () => {
    const { asked, fallback, page } = project(() => {
      throw refusal;
    });
    await expect(fallback(page)(wide)).rejects.toBe(refusal);
    expect(asked).toEqual([wide]);
  });
});
