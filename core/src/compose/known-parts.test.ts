import { expect, test } from "vitest";
import { ONE } from "../domain/decimal.ts";
import type { CatalogNo, Contract, PartNo } from "../domain/ids.ts";
import type { IfsSalesPart } from "../domain/ifs-records.ts";
import { knownParts } from "./known-parts.ts";

const S1 = "S1" as Contract;
const nos = (...all: string[]) => all as CatalogNo[];
const part = (catalogNo: string, active = true): IfsSalesPart => ({
  contract: S1,
  catalogNo: catalogNo as CatalogNo,
  description: catalogNo,
  partNo: catalogNo as string as PartNo,
  active,
  salesUnitMeas: "PCS",
  unitMeas: "PCS",
  convFactor: ONE,
  invertedConvFactor: ONE,
  priceUnitMeas: "PCS",
  priceConvFactor: ONE,
});

test("a part is asked for once in five minutes; what is missing or not active each time", async () => {
  const asked: string[][] = [];
  const clock = { now: 0 };
  const state = { closed: true };
  const parts = knownParts(
    {
      async salesParts(_, catalogNos) {
        asked.push([...catalogNos]);
        return catalogNos.flatMap((no) => (no === "GONE" ? [] : [part(no, no !== "OFF" || !state.closed)]));
      },
    },
    () => clock.now,
  );
  const read = async (...all: string[]) => (await parts.salesParts(S1, nos(...all))).map(({ catalogNo }) => catalogNo);
  expect(await read("A", "OFF", "GONE")).toEqual(["A", "OFF"]);
  expect(await read("A", "B")).toEqual(["A", "B"]);
  state.closed = false;
  expect(await read("A", "OFF", "GONE")).toEqual(["A", "OFF"]);
  expect(await read("B", "OFF")).toEqual(["B", "OFF"]);
  expect((await parts.salesParts("S2" as Contract, nos("A"))).length).toBe(1);
  clock.now = 300_001;
  await read("A");
  expect(asked).toEqual([["A", "OFF", "GONE"], ["B"], ["OFF", "GONE"], ["A"], ["A"]]);
});
