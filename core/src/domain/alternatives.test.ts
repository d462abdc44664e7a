import { expect, test } from "vitest";
import { alternativeChannels, type KnownFacts } from "./alternatives.ts";
import { routeSchema } from "./route-config.ts";

const routes = (...rows: { when?: object; alternatives?: string[] }[]) =>
  rows.map((row, index) =>
    routeSchema.parse({
      ...{
        name: `r${index}`,
        company: "10",
        site: "S1",
        orderType: "W",
        coordinator: "C",
        customerNo: "1",
        addressNo: "1",
      },
      ...row,
    }),
  );
const of = (rows: Parameters<typeof routes>, facts: KnownFacts = {}) => alternativeChannels(routes(...rows), facts);

test("none unless a route names them", () => {
  expect(of([{}])).toEqual([]);
  expect(of([])).toEqual([]);
  expect(of([{ alternatives: ["munich", "berlin"] }])).toEqual(["munich", "berlin"]);
});

test("those of the first route that matches", () => {
  const rows: Parameters<typeof routes> = [
    { when: { store: ["de", "at"] }, alternatives: ["munich"] },
    { when: { currency: "CHF", buyer: "guest" }, alternatives: ["zurich"] },
    { alternatives: ["berlin"] },
  ];
  const facts = { store: ["de"], currency: ["CHF"], buyer: ["guest"] };
  expect(of(rows, facts)).toEqual(["munich"]);
  expect(of(rows, { ...facts, store: [] })).toEqual(["zurich"]);
  expect(of(rows, { ...facts, store: ["fr"], buyer: ["business"] })).toEqual(["berlin"]);
  expect(of(rows.slice(0, 2), { ...facts, store: [], currency: ["EUR"] })).toEqual([]);
});

test("where the route cannot be told, those that every possible route allows", () => {
  const rows: Parameters<typeof routes> = [
    { when: { customerGroup: "dealer" }, alternatives: ["munich", "berlin"] },
    { alternatives: ["berlin", "hamburg"] },
    { alternatives: [] },
  ];
  expect(of(rows)).toEqual(["berlin"]);
  expect(of(rows, { customerGroup: [] })).toEqual(["berlin", "hamburg"]);
  expect(of([{ when: { store: "de" } }, { alternatives: ["berlin"] }])).toEqual([]);
});

test("a supply channel has to be that of every line", () => {
  const rows: Parameters<typeof routes> = [{ when: { supplyChannel: "web" }, alternatives: ["munich"] }, {}];
  expect(of(rows, { supplyChannel: ["web", "web"] })).toEqual(["munich"]);
  expect(of(rows, { supplyChannel: ["web", ""] })).toEqual([]);
});
