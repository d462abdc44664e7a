import { type Check, found, holds, reading, same } from "./check.ts";
import { LINES, LINES_OF_ORDER, ORDERS, PARTS, quoted, SITES, STOCK } from "./names.ts";
import { Deviation } from "./outcome.ts";
import { siteFilter } from "./page-checks.ts";
import { codeOf, messageOf, type Probe, type Row } from "./probe.ts";

/** A few sales parts of the site, as the client reads them. */
async function parts(probe: Probe, count: number): Promise<Row[]> {
  const { names } = probe;
  const { contract } = await probe.site();
  const filter = `${names.of(`${PARTS}/Contract`)} eq ${quoted(contract)}`;
  const path = `${names.url(PARTS)}?$filter=${filter}&$orderby=${names.of(`${PARTS}/CatalogNo`)}&$top=${count}`;
  const { rows } = await probe.ask("GET", path);
  found(rows[1], "two sales parts at the site");
  return rows;
}

async function partNumbers(probe: Probe, filter: string): Promise<string[]> {
  const { names } = probe;
  const { contract } = await probe.site();
  const number = names.of(`${PARTS}/CatalogNo`);
  const scope = `${names.of(`${PARTS}/Contract`)} eq ${quoted(contract)} and (${filter})`;
  const answer = await probe.ask(
    "GET",
    `${names.url(PARTS)}?$select=${number}&$filter=${scope}&$orderby=${number}&$top=500`,
  );
  if (answer.status !== 200) throw new Deviation(`${filter}: ${answer.status} ${messageOf(answer)}`);
  return answer.rows.map((row) => String(row[number]));
}

const refusedAs = (probe: Probe, answer: { status: number }) =>
  reading(
    probe,
    "notImplementedStatus",
    answer.status === 501 || answer.status === 400 || answer.status === 500 ? answer.status : undefined,
  );

/** Filter, select, expand and order. */
export const filterChecks: readonly Check[] = [
  {
    id: "filter.comparison-logic-arithmetic",
    title: "Comparisons, and/or/not and arithmetic filter as they do over the rows themselves",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const all = await parts(probe, 12);
      const [number, price] = [probe.names.of(`${PARTS}/CatalogNo`), probe.names.of(`${PARTS}/ListPrice`)];
      const scope = all.map((row) => `${number} eq ${quoted(row[number])}`).join(" or ");
      const limit = Number(all[5]?.[price] ?? 0);
      const last = String(all.at(-1)?.[number]);
      const cases: [string, (row: Row) => boolean][] = [
        [`${price} gt ${limit}`, (row) => Number(row[price]) > limit],
        [`${price} le ${limit}`, (row) => Number(row[price]) <= limit],
        [
          `${price} eq ${limit} or ${number} eq ${quoted(last)}`,
          (row) => Number(row[price]) === limit || row[number] === last,
        ],
        [
          `not (${number} eq ${quoted(last)}) and ${price} ne ${limit}`,
          (row) => row[number] !== last && Number(row[price]) !== limit,
        ],
        [`${price} mul 2 ge ${limit * 2}`, (row) => Number(row[price]) * 2 >= limit * 2],
        [`${price} add 1 lt ${limit + 1}`, (row) => Number(row[price]) + 1 < limit + 1],
      ];
      for (const [filter, test] of cases) {
        const seen = await partNumbers(probe, `(${scope}) and (${filter})`);
        same(
          filter,
          seen,
          all.filter(test).map((row) => row[number]),
        );
      }
      return `${cases.length} filters over ${all.length} rows agree`;
    },
  },
  {
    id: "filter.text-functions",
    title: "contains, startswith, endswith, tolower and length filter texts",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const number = probe.names.of(`${PARTS}/CatalogNo`);
      const sample = String((await parts(probe, 1 + 1))[0]?.[number]);
      const [head, tail, middle] = [sample.slice(0, 2), sample.slice(-2), sample.slice(1, -1)];
      const filter = [
        `startswith(${number},${quoted(head)})`,
        `endswith(${number},${quoted(tail)})`,
        `contains(${number},${quoted(middle)})`,
        `tolower(${number}) eq ${quoted(sample.toLowerCase())}`,
        `length(${number}) eq ${sample.length}`,
      ].join(" and ");
      return holds(
        (await partNumbers(probe, filter)).includes(sample),
        `${sample} is found by parts of itself`,
        sample,
      );
    },
  },
  {
    id: "filter.date-functions",
    title: "year, month and day of a date, and a bare day as literal",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const [number, entered] = [probe.names.of(`${PARTS}/CatalogNo`), probe.names.of(`${PARTS}/DateEntered`)];
      const row = found(
        (await parts(probe, 50)).find((one) => typeof one[entered] === "string"),
        "part with a date",
      );
      const [year, month, day] = String(row[entered]).split("-").map(Number);
      const filter = `year(${entered}) eq ${year} and month(${entered}) eq ${month} and day(${entered}) eq ${day} and ${entered} eq ${String(row[entered])}`;
      return holds(
        (await partNumbers(probe, filter)).includes(String(row[number])),
        `found by ${String(row[entered])}`,
        row[number],
      );
    },
  },
  {
    id: "filter.quotes",
    title: "A quote inside a text literal is doubled",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const number = probe.names.of(`${PARTS}/CatalogNo`);
      return same("found", await partNumbers(probe, `${number} eq ${quoted("NO'SUCH'PART")}`), []);
    },
  },
  {
    id: "filter.enumeration",
    title: "A member is filtered by its qualified literal",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const order = await probe.order();
      const key = names.of(`${ORDERS}/OrderNo`);
      const literal = `IfsApp.${names.of("CustomerOrderHandling")}.CustomerOrderState'${String(order.Objstate)}'`;
      const path = `${names.url(ORDERS)}?$select=${key}&$filter=${key} eq ${quoted(order[key])} and Objstate`;
      const [equal, unequal] = [
        await probe.ask("GET", `${path} eq ${literal}`),
        await probe.ask("GET", `${path} ne ${literal}`),
      ];
      return same("found by eq and ne", [equal.rows.length, unequal.rows.length], [1, 0]);
    },
  },
  {
    id: "filter.enumeration-as-text",
    title: "A member as a plain text is refused",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.ask("GET", `${probe.names.url(ORDERS)}?$filter=Objstate eq 'Planned'&$top=1`);
      return same("status", answer.status, 400);
    },
  },
  {
    id: "filter.unknown-property",
    title: "An unknown property is 400 'Malformed Request.' whose details name it and its type",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const answer = await probe.ask("GET", `${names.url(STOCK)}?$filter=NotAColumn eq 1`);
      const { message } = (answer.json.error ?? {}) as { message?: string };
      same("status and message", [answer.status, message], [400, "Malformed Request."]);
      const type = `IfsApp.${names.of("InventoryPartInStockHandling")}.InventoryPartInStock`;
      const text = `The property 'NotAColumn', used in a query expression, is not defined in type '${type}'.`;
      return same("detail", messageOf(answer), text);
    },
  },
  {
    id: "filter.left-out",
    title: "Lambda, has, mod and $search are not implemented",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const [part, qty] = [names.of(`${STOCK}/PartNo`), names.of(`${STOCK}/QtyOnhand`)];
      const lines = names.of(LINES_OF_ORDER);
      let seen = "";
      for (const path of [
        `${names.url(ORDERS)}?$filter=${lines}/any(l:l/${names.of(`${LINES}/PartNo`)} eq 'A')`,
        `${names.url(STOCK)}?$filter=${part} has 'A'`,
        `${names.url(STOCK)}?$filter=${qty} mod 2 eq 1`,
        `${names.url(STOCK)}?$search=bolt`,
      ]) {
        const answer = await probe.ask("GET", `${path}&$top=1`);
        holds(answer.status >= 400, `${path} is refused`, answer.status);
        same("code", codeOf(answer), "ODP_NOT_IMPLEMENTED");
        seen = refusedAs(probe, answer);
      }
      return seen;
    },
  },
  {
    id: "filter.in",
    title: "The operator in",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const row = found((await parts(probe, 2))[0], "part");
      const number = names.of(`${PARTS}/CatalogNo`);
      const answer = await probe.ask(
        "GET",
        `${names.url(PARTS)}?$select=${number}&$top=5&$filter=${number} in (${quoted(row[number])},'NONE')`,
      );
      if (answer.status === 200)
        holds(
          answer.rows.every((one) => one[number] === row[number]),
          "only what is listed comes",
          answer.rows,
        );
      return reading(probe, "inOperator", answer.status === 200 ? "accept" : "refuse");
    },
  },
  {
    id: "filter.null",
    title: "How an absent value compares: 'eq null' finds it, 'ne' a value may or may not",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const [label, key] = [names.of(`${ORDERS}/LabelNote`), names.of(`${ORDERS}/OrderNo`)];
      const path = `${names.url(ORDERS)}?$select=${key}&$top=1&$filter=${label}`;
      const empty = found((await probe.ask("GET", `${path} eq null`)).rows[0], "order without a label note");
      const unequal = await probe.ask("GET", `${path} ne 'x' and ${key} eq ${quoted(empty[key])}`);
      return reading(probe, "nullComparison", unequal.rows.length === 0 ? "sql" : "odata");
    },
  },
  {
    id: "select.navigation",
    title: "A navigation property in $select is 400",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.ask(
        "GET",
        `${probe.names.url(ORDERS)}?$select=${probe.names.of(LINES_OF_ORDER)}&$top=1`,
      );
      return same("status", answer.status, 400);
    },
  },
  {
    id: "select.refused",
    title: "Sets that refuse $select answer without it",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const sets = { "ShipmentHandling/ShipmentSet": "Contract", [SITES]: "Contract", [PARTS]: "CatalogNo" };
      const refusing = [];
      for (const [set, property] of Object.entries(sets)) {
        const url = probe.names.url(set);
        const selected = await probe.ask("GET", `${url}?$select=${probe.names.of(`${set}/${property}`)}&$top=1`);
        same(`${set} without $select`, (await probe.ask("GET", `${url}?$top=1`)).status, 200);
        if (selected.status !== 200) refusing.push(set);
      }
      return reading(probe, "selectRefusedOn", refusing);
    },
  },
  {
    id: "expand.to-one",
    title: "$expand of a …Ref carries the referenced row with its tag",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const { contract } = await probe.site();
      const path = `${names.url(STOCK)}?$top=1&$filter=${names.of(`${STOCK}/Contract`)} eq ${quoted(contract)}`;
      const row = found(
        (await probe.ask("GET", `${path}&$expand=PartNoRef($select=Description)`)).rows[0],
        "stock row",
      );
      return same("properties of PartNoRef", Object.keys((row.PartNoRef ?? {}) as Row).sort(), [
        "@odata.etag",
        "Description",
      ]);
    },
  },
  {
    id: "expand.array",
    title: "$expand of a child array is ODP_NOT_IMPLEMENTED",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.ask(
        "GET",
        `${probe.names.url(ORDERS)}?$expand=${probe.names.of(LINES_OF_ORDER)}&$top=1`,
      );
      same("code", codeOf(answer), "ODP_NOT_IMPLEMENTED");
      return refusedAs(probe, answer);
    },
  },
  {
    id: "order.by",
    title: "$orderby sorts, descending too",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const price = names.of(`${PARTS}/ListPrice`);
      const path = `${names.url(PARTS)}?${await siteFilter(probe, PARTS)}&$select=${price}&$top=50&$orderby=${price}`;
      const [up, down] = [await probe.ask("GET", path), await probe.ask("GET", `${path} desc`)].map((answer) =>
        answer.rows.map((row) => Number(row[price])),
      );
      holds((up?.[0] ?? 0) < (down?.[0] ?? 0), "the first ascending is below the first descending", [
        up?.[0],
        down?.[0],
      ]);
      same(
        "ascending",
        up,
        [...(up ?? [])].sort((a, b) => a - b),
      );
      return same(
        "descending",
        down,
        [...(down ?? [])].sort((a, b) => b - a),
      );
    },
  },
];
