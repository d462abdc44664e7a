import { type Check, Deviation, found, holds, reading, same } from "./check.ts";
import { LINES, LINES_OF_ORDER, ORDERS, PARTS, quoted, SITES, STOCK } from "./names.ts";
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

/** The site in a filter, so that paging checks read what others do not move. */
async function siteFilter(probe: Probe, set: string): Promise<string> {
  return `$filter=${probe.names.of(`${set}/Contract`)} eq ${quoted((await probe.site()).contract)}`;
}

/** Filter, select, expand and order. */
const filterChecks: readonly Check[] = [
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

/** Pages, counts, and what a URL may look like. */
const pageChecks: readonly Check[] = [
  {
    id: "page.top",
    title: "An explicit $top gives a full page without nextLink",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.ask("GET", `${probe.names.url(STOCK)}?$top=2`);
      return same("rows and link", [answer.rows.length, answer.json["@odata.nextLink"]], [2, undefined]);
    },
  },
  {
    id: "page.skip",
    title: "$skip and $top cut windows out of one ordered list",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const number = names.of(`${PARTS}/CatalogNo`);
      const path = `${names.url(PARTS)}?${await siteFilter(probe, PARTS)}&$select=${number}&$orderby=${number}`;
      const whole = (await probe.ask("GET", `${path}&$top=6`)).rows;
      const halves = [await probe.ask("GET", `${path}&$top=3`), await probe.ask("GET", `${path}&$top=3&$skip=3`)];
      return same(
        "two windows of three",
        halves.flatMap((half) => half.rows),
        whole,
      );
    },
  },
  {
    id: "page.next-link",
    title: "Without $top pages are cut and lead on by nextLink, or the whole list comes",
    confidence: "unverified",
    kind: "read-only",
    needs: "sandbox",
    async run(probe) {
      const { names } = probe;
      const controls = probe.controls();
      const before = (await controls.call("GET", "settings")).json;
      await controls.call("POST", "settings", { pageSize: 100 });
      try {
        const number = names.of(`${PARTS}/CatalogNo`);
        const start = `${names.url(PARTS)}?${await siteFilter(probe, PARTS)}&$select=${number}&$orderby=${number}`;
        const seen: unknown[] = [];
        let pages = 0;
        let form: "absolute" | "relative" | undefined;
        let path: string | undefined = start;
        while (path !== undefined && pages < 50) {
          const page: Awaited<ReturnType<Probe["ask"]>> = await probe.ask("GET", path);
          seen.push(...page.rows.map((row) => row[number]));
          pages += 1;
          const link = page.json["@odata.nextLink"];
          if (typeof link !== "string") break;
          holds(link.includes("$skiptoken="), "the link carries a $skiptoken", link);
          form = /^https?:/.test(link) ? "absolute" : "relative";
          path =
            form === "absolute"
              ? link.replace(/^.*projection\/v1\//, "")
              : `${names.of("SalesPartHandling")}.svc/${link}`;
        }
        same("rows that came twice", seen.length - new Set(seen).size, 0);
        const whole = (await probe.ask("GET", `${start}&$top=100000`)).rows.length;
        same("rows of all pages", seen.length, whole);
        const linked = reading(probe, "nextLinkWithoutTop", form !== undefined);
        return form === undefined ? linked : `${linked}, ${reading(probe, "nextLinkForm", form)}, ${pages} pages`;
      } finally {
        await controls.call("POST", "settings", { pageSize: before.pageSize });
      }
    },
  },
  {
    id: "page.count",
    title: "$count=true is answered on the stock; on other sets it may be passed over",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const ask = async (set: string) =>
        (await probe.ask("GET", `${probe.names.url(set)}?$count=true&$top=1&$skip=0`)).json["@odata.count"];
      const [stock, sites] = [await ask(STOCK), await ask(SITES)];
      if (stock !== undefined) holds(Number(stock) > 1, "the count is of all rows, not of the page", stock);
      const seen = stock === undefined ? "none" : sites === undefined ? "some" : "all";
      return reading(probe, "countSupport", seen);
    },
  },
  {
    id: "url.encoded-dollar",
    title: "An option whose $ is encoded",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.ask("GET", `${probe.names.url(STOCK)}?%24top=1&$skip=0`);
      return reading(probe, "encodedOptionNames", answer.rows.length === 1 ? "accept" : "ignore");
    },
  },
  {
    id: "url.length",
    title: "How long a URL may be",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const part = probe.names.of(`${STOCK}/PartNo`);
      const statusAt = async (length: number) => {
        const start = `${probe.names.url(STOCK)}?$top=1&$filter=${part}%20eq%20'`;
        const rest = length - `/main/ifsapplications/projection/v1/${start}'`.length;
        return (await probe.ask("GET", `${start}${"A".repeat(rest)}'`)).status;
      };
      const limit = probe.tenant.maxUrlLength;
      if (limit !== undefined && limit > 0) {
        return same(`at ${limit} and one more`, [await statusAt(limit), await statusAt(limit + 1)], [200, 414]);
      }
      const lengths = [2048, 4096, 8192];
      const statuses: number[] = [];
      for (const length of lengths) statuses.push(await statusAt(length));
      if (limit === 0) same("statuses", statuses, [200, 200, 200]);
      return lengths.map((length, index) => `${length}: ${statuses[index]}`).join(", ");
    },
  },
  {
    id: "filter.slow",
    title: "A filter on a column without index is slow, a keyed one is not",
    confidence: "seen",
    kind: "read-only",
    needs: "sandbox",
    async run(probe) {
      const controls = probe.controls();
      const { names } = probe;
      const before = (await controls.call("GET", "settings")).json.unindexedFilterDelayMs;
      await controls.call("POST", "settings", { unindexedFilterDelayMs: 300 });
      const timed = async (filter: string) => {
        const start = performance.now();
        await probe.ask("GET", `${names.url(STOCK)}?$top=1&$filter=${filter}`);
        return performance.now() - start;
      };
      const slow = await timed(`${names.of(`${STOCK}/AvailableQty`)} gt 0`);
      const fast = await timed(`${names.of(`${STOCK}/PartNo`)} eq 'NONE'`);
      await controls.call("POST", "settings", { unindexedFilterDelayMs: before });
      holds(slow >= 290, "the computed column takes its time", Math.round(slow));
      return holds(fast < slow, "the key is faster", Math.round(fast));
    },
  },
  {
    id: "lines.across-orders",
    title: "Order lines are read across orders by site and part",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const { contract } = await probe.site();
      const answer = await probe.ask(
        "GET",
        `${names.url(LINES)}?$top=2&$filter=${names.of(`${LINES}/Contract`)} eq ${quoted(contract)} and ${names.of(`${LINES}/PartNo`)} ne 'NONE'`,
      );
      return reading(
        probe,
        "linesAcrossOrders",
        answer.status === 200 ? true : answer.status === 400 ? false : undefined,
      );
    },
  },
  {
    id: "lines.of-order",
    title: "The lines of an order by its array and by the set of all lines are the same rows",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const key = names.of(`${ORDERS}/OrderNo`);
      const orderNo = (await probe.order())[key];
      const select = names.list(LINES, "OrderNo LineNo RelNo LineItemNo");
      const order = `$orderby=${names.of(`${LINES}/LineNo`)}&$select=${select}`;
      const array = await probe.ask(
        "GET",
        `${names.url(ORDERS)}(${key}=${quoted(orderNo)})/${names.of(LINES_OF_ORDER)}?${order}`,
      );
      const set = await probe.ask(
        "GET",
        `${names.url(LINES)}?$filter=${names.of(`${LINES}/OrderNo`)} eq ${quoted(orderNo)}&${order}`,
      );
      holds(array.rows.length > 0, "there are lines", array.rows.length);
      return same("lines", set.rows, array.rows);
    },
  },
];

export const queryChecks: readonly Check[] = [...filterChecks, ...pageChecks];
