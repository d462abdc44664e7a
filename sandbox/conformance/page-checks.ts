import { type Check, holds, reading, same } from "./check.ts";
import { LINES, LINES_OF_ORDER, ORDERS, PARTS, quoted, SITES, STOCK } from "./names.ts";
import type { Probe } from "./probe.ts";

/** The site in a filter, so that paging checks read what others do not move. */
export async function siteFilter(probe: Probe, set: string): Promise<string> {
  return `$filter=${probe.names.of(`${set}/Contract`)} eq ${quoted((await probe.site()).contract)}`;
}

/** Pages, counts, and what a URL may look like. */
export const pageChecks: readonly Check[] = [
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
      // A quote travels encoded, whoever writes the URL.
      const start = `${probe.names.url(STOCK)}?$top=1&$filter=${part}%20eq%20%27`;
      const around = `/main/ifsapplications/projection/v1/${start}%27`.length;
      const statusAt = async (length: number) =>
        (await probe.ask("GET", `${start}${"A".repeat(length - around)}%27`)).status;
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
