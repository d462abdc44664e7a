import { beforeEach, describe, expect, test } from "vitest";
import { seededRandom } from "../kernel/types.ts";
import { createIfsModel } from "./model.ts";
import { defineTable } from "./schema.ts";
import { createStore, etagOf, keyrefOf, type Store } from "./store.ts";

const things = defineTable({
  name: "ThingLine",
  keys: ["ThingNo", "LineNo"],
  indexes: ["Colour"],
  dayIndexes: ["SeenAt"],
  columns: "ThingNo str 10, LineNo num, Colour str 10, SeenAt ts",
});

describe("store", () => {
  let store: Store;
  let version = 0;
  beforeEach(() => {
    version = 0;
    store = createStore({
      defs: [things],
      objversion: () => {
        version += 1;
        return String(version);
      },
    });
  });

  const row = (LineNo: string, Colour: string, day: string) => ({
    ThingNo: "A",
    LineNo,
    Colour,
    SeenAt: `${day}T10:00:00Z`,
  });
  const lines = (found: Iterable<{ values: Record<string, unknown> }> | undefined) =>
    [...(found ?? [])].map(({ values }) => values.LineNo).sort();
  const snapshot = () => {
    const table = store.table("ThingLine");
    return {
      size: table.size(),
      red: lines(table.find("Colour", "red")),
      blue: lines(table.find("Colour", "blue")),
      march: lines(table.findDays("SeenAt", "2026-03-01", "2026-03-31")),
      tags: [...table.all()].map(etagOf).sort(),
    };
  };

  test("keys, indexes and day windows follow inserts, updates and removals", () => {
    const table = store.table("ThingLine");
    const first = table.insert(row("1", "red", "2026-03-01"));
    table.insert(row("2", "red", "2026-04-01"));
    table.update(first, { Colour: "blue", SeenAt: "2026-03-31T23:59:59Z" });
    expect(snapshot()).toMatchObject({ size: 2, red: ["2"], blue: ["1"], march: ["1"] });
    table.remove(first);
    expect(snapshot()).toMatchObject({ size: 1, red: ["2"], blue: [], march: [] });
    expect([table.get("A", "2")?.values.Colour, table.get("A", "1")]).toEqual(["red", undefined]);
    expect(table.find("SeenAt", "x")).toBeUndefined();
  });

  test("a duplicate key is refused in the database's words", () => {
    const table = store.table("ThingLine");
    const first = table.insert(row("1", "red", "2026-03-01"));
    expect(keyrefOf(things, first)).toBe("THING_NO=A^LINE_NO=1^");
    expect(() => table.insert(row("1", "blue", "2026-03-01"))).toThrow(
      expect.objectContaining({
        details: [
          {
            code: "DATABASE_ERROR",
            message: "ORA-20112: ThingLine.FND_RECORD_EXIST: The Thing Line object already exists.",
          },
        ],
      }),
    );
  });

  test("a transaction that throws leaves no trace, an inner one only its own", () => {
    const table = store.table("ThingLine");
    const first = table.insert(row("1", "red", "2026-03-01"));
    const before = snapshot();
    expect(() =>
      store.transact(() => {
        table.update(first, { Colour: "blue" });
        table.insert(row("2", "blue", "2026-03-02"));
        table.remove(first);
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(snapshot()).toEqual(before);
    store.transact(() => {
      table.insert(row("3", "blue", "2026-03-03"));
      expect(() =>
        store.transact(() => {
          table.insert(row("4", "blue", "2026-03-04"));
          throw new Error("inner");
        }),
      ).toThrow("inner");
    });
    expect(snapshot()).toMatchObject({ size: 2, red: ["1"], blue: ["3"] });
  });
});

describe("model", () => {
  const clock = { now: () => Date.parse("2026-03-10T09:30:00Z") };

  test("the same inputs give the same company, tags included; another chance another stock", async () => {
    const read = async (seed: number) => {
      const model = createIfsModel({ clock, random: seededRandom(seed) });
      const path =
        "/main/ifsapplications/projection/v1/InventoryPartInStockHandling.svc/InventoryPartInStockSet?$top=2000";
      return (await model.handle({ method: "GET", path, headers: {}, body: Buffer.alloc(0) })).body.toString();
    };
    const first = await read(1);
    expect(await read(1)).toBe(first);
    expect(await read(2)).not.toBe(first);
  });

  test("filters on tenant's own and computed properties wait, indexed ones do not", async () => {
    const waits: number[] = [];
    const wait = async (ms: number) => {
      waits.push(ms);
    };
    const settings = { unindexedFilterDelayMs: 15_000, cfInvoiceNo: true };
    const model = createIfsModel({ clock, random: seededRandom(1), settings, wait });
    const read = async (path: string) =>
      (
        await model.handle({
          method: "GET",
          path: `/main/ifsapplications/projection/v1/${path}`,
          headers: {},
          body: Buffer.alloc(0),
        })
      ).status;
    const lines = "CustomerOrderLinesHandling.svc/CustomerOrderJoinSet?$filter=";
    const stock = "InventoryPartInStockHandling.svc/InventoryPartInStockSet?$filter=";
    const statuses = [
      await read(`${lines}Cf_Invoice_No%20eq%20'X'`),
      await read(`${lines}OrderNo%20eq%20'X'`),
      await read(`${stock}Contract%20eq%20'101'%20and%20AvailableQty%20gt%2099`),
      await read(`${stock}QtyOnhand%20gt%2099`),
    ];
    expect([statuses, waits]).toEqual([
      [200, 200, 200, 200],
      [15_000, 15_000],
    ]);
  });

  test("among 100,000 stock rows a filter by part, by parts or by day costs milliseconds", async () => {
    const model = createIfsModel({ clock, random: seededRandom(1) });
    const table = model.world().table("InventoryPartInStock");
    const sample = [...table.all()][0]?.values ?? {};
    for (let i = 0; i < 100_000; i += 1) {
      const LastActivityDate = i % 500 === 0 ? "2026-03-10T01:00:00Z" : "2026-01-05T01:00:00Z";
      table.insert({ ...sample, PartNo: `P${i % 25_000}`, LocationNo: `L${Math.floor(i / 25_000)}`, LastActivityDate });
    }
    const best = async (filter: string) => {
      const times: number[] = [];
      let rows = 0;
      for (let run = 0; run < 5; run += 1) {
        const start = performance.now();
        const path = `/main/ifsapplications/projection/v1/InventoryPartInStockHandling.svc/InventoryPartInStockSet?$select=PartNo&$filter=${encodeURIComponent(filter)}`;
        const answer = await model.handle({ method: "GET", path, headers: {}, body: Buffer.alloc(0) });
        times.push(performance.now() - start);
        rows = (JSON.parse(answer.body.toString()) as { value: unknown[] }).value.length;
      }
      return { rows, fast: Math.min(...times) < 20 };
    };
    const parts = Array.from({ length: 40 }, (_, i) => `PartNo eq 'P${i * 7}'`).join(" or ");
    expect(await best("Contract eq '101' and PartNo eq 'P77'")).toEqual({ rows: 4, fast: true });
    expect(await best(`(${parts}) and Contract eq '101'`)).toEqual({ rows: 160, fast: true });
    expect(
      await best("LastActivityDate ge 2026-03-10T00:30:00Z and PartNo ne 'X' and startswith(PartNo,'P')"),
    ).toMatchObject({ fast: true });
  });
});
