import { expect, it } from "vitest";
import { channel } from "../../test/stocks.ts";
import { derivationOf } from "./derivation.ts";
import type { Channel } from "./parse-stock.ts";

const pencil = (given: Partial<Channel>) =>
  derivationOf({ ...channel, ...given }).map(({ term, sign, value, note }) =>
    [`${sign} ${value} ${term}`.trim(), ...(note ? [note.id] : [])].join(" | "),
  );

it("goes from the shelf to the number of the shop, term by term", () => {
  expect(pencil({})).toEqual([
    "40 Term.onHand",
    "− 5 Term.reserved",
    "− 4 Term.demand",
    "− 2 Term.inFlight",
    "= 29 Term.left",
    "− 3 Term.buffer",
    "= 26 Term.target",
  ]);
});

it("counts goods on their way where the service does", () => {
  expect(pencil({ inTransit: "6", raw: "35" }).slice(0, 3)).toEqual([
    "40 Term.onHand",
    "+ 6 Term.inTransit",
    "− 5 Term.reserved",
  ]);
});

it.each<[string, Partial<Channel>, string[]]>([
  [
    "more sold than there is",
    { onHand: "5", raw: "-6", units: 0, share: 0, buffer: 0, target: 0 },
    ["= -6 Term.left | Term.belowZero", "= 0 Term.units", "− 0 Term.buffer", "= 0 Term.target"],
  ],
  [
    "boxes of a dozen",
    { raw: "29", factor: { factor: "12", inverted: "1" }, units: 2, share: 2, buffer: 0, target: 2 },
    ["= 29 Term.left", "÷ 12 Term.factor", "= 2 Term.units", "− 0 Term.buffer", "= 2 Term.target"],
  ],
  [
    "a part that three SKUs draw on",
    { units: 9, shared: { units: 9, sharers: 3 }, share: 9, target: 6 },
    ["= 9 Term.units | Term.shared", "− 3 Term.buffer", "= 6 Term.target"],
  ],
  [
    "a kit",
    { units: 9, shared: { units: 9, sharers: 1, components: 2 }, share: 9, target: 6 },
    ["= 9 Term.units | Term.scarcest", "− 3 Term.buffer", "= 6 Term.target"],
  ],
  [
    "half of the pool, by a buffer of its class",
    { share: 14, buffer: 5, bufferClass: "heavy", target: 9 },
    ["= 14 Term.share", "− 5 Term.bufferOf", "= 9 Term.target"],
  ],
  [
    "less than the buffer",
    { raw: "2", units: 2, share: 2, target: 0 },
    ["= 2 Term.left", "− 3 Term.buffer", "= 0 Term.target | Term.belowBuffer"],
  ],
  [
    "an ended part",
    { units: 0, share: 0, ended: "phased out", buffer: 0, target: 0 },
    ["= 0 Term.units | Term.ended", "− 0 Term.buffer", "= 0 Term.target"],
  ],
  [
    "several sites",
    {
      sum: {
        parts: [
          { site: "101", pool: "Hamburg", units: 26 },
          { site: "102", pool: "Munich", units: 4 },
        ],
        ...{ sold: 2, owed: 1, buffer: 5, target: 22, unread: [] },
      },
    },
    ["26 Term.part", "+ 4 Term.part", "− 2 Term.sold", "− 1 Term.owed", "− 5 Term.sumBuffer", "= 22 Term.together"],
  ],
])("says what is special about %s", (_, given, end) => {
  expect(pencil(given).slice(-end.length)).toEqual(end);
});
