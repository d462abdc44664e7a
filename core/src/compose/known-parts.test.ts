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
  // What was used meanwhile is read along.
  expect(asked).toEqual([["A", "OFF", "GONE"], ["B"], ["OFF", "GONE"], ["A"], ["A", "B", "OFF"]]);
  await read("B", "OFF");
  expect(asked).toHaveLength(5);
});

test("what is read again takes along what is used and about to be read again, of the same site, and nothing else", async () => {
  const asked: string[] = [];
  const clock = { now: 0 };
  const parts = knownParts(
    {
      async salesParts(contract, catalogNos) {
        asked.push(`${contract}: ${catalogNos.join(" ")}`);
        return catalogNos.map((no) => ({ ...part(no), contract }));
      },
    },
    () => clock.now,
  );
  const read = (contract: string, ...all: string[]) => parts.salesParts(contract as Contract, nos(...all));
  await read("S1", "A", "B", "UNUSED");
  await read("S2", "A");
  await read("S2", "A");
  await read("S1", "A", "B");
  clock.now = 60_001;
  await read("S1", "LATER");
  await read("S1", "LATER");
  clock.now = 250_000;
  await read("S1", "NEW");
  expect(asked).toEqual(["S1: A B UNUSED", "S2: A", "S1: LATER", "S1: NEW A B"]);
});

test("orders that need the same parts at the same time share a reading; a failure is told to each and not kept", async () => {
  const asked: string[] = [];
  let answer: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const parts = knownParts(
    {
      async salesParts(_, catalogNos) {
        asked.push(catalogNos.join(" "));
        await new Promise<void>((resolve, reject) => {
          answer = { resolve, reject };
        });
        return catalogNos.map((no) => part(no));
      },
    },
    () => 0,
  );
  const read = async (...all: string[]) => (await parts.salesParts(S1, nos(...all))).map(({ catalogNo }) => catalogNo);
  const failing = [read("A", "B"), read("B")];
  answer?.reject(new Error("down"));
  expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  const first = read("A", "B");
  const others = [read("B"), read("B", "A")];
  answer?.resolve();
  expect([await first, ...(await Promise.all(others))]).toEqual([["A", "B"], ["B"], ["A", "B"]]);
  expect(asked).toEqual(["A B", "A B"]);
});
