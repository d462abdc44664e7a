import { type Check, found, holds, reading, same } from "./check.ts";
import { LINES, LINES_OF_ORDER, ORDERS, PARTS, quoted, STOCK } from "./names.ts";
import { Deviation } from "./outcome.ts";
import { type Probe, type Row, tagOf } from "./probe.ts";

async function orderPath(probe: Probe): Promise<string> {
  const key = probe.names.of(`${ORDERS}/OrderNo`);
  return `${probe.names.url(ORDERS)}(${key}=${quoted((await probe.order())[key])})`;
}

async function firstStockRow(probe: Probe): Promise<Row> {
  const { contract } = await probe.site();
  const part = probe.subject.part;
  const site = `${probe.names.of(`${STOCK}/Contract`)} eq ${quoted(contract)}`;
  const named = part === undefined ? "" : ` and ${probe.names.of(`${STOCK}/PartNo`)} eq ${quoted(part)}`;
  const { rows } = await probe.ask("GET", `${probe.names.url(STOCK)}?$top=1&$filter=${site}${named}`);
  return found(rows[0], "stock row of the site");
}

/** What a row looks like: bookkeeping, tags, types, keys. */
export const rowChecks: readonly Check[] = [
  {
    id: "row.bookkeeping",
    title: "A whole row has @odata.etag, luname, keyref and Objgrants; with $select only the tag stays",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const path = await orderPath(probe);
      const whole = (await probe.ask("GET", path)).json;
      const name = probe.names.of(`${ORDERS}/CustomerNo`);
      const selected = (await probe.ask("GET", `${path}?$select=${name}`)).json;
      const missing = ["@odata.context", "@odata.etag", "luname", "keyref", "Objgrants"].filter(
        (one) => !(one in whole),
      );
      same("missing of a whole row", missing, []);
      same("luname", whole.luname, "CustomerOrder");
      return same("of a selected row", Object.keys(selected).sort(), ["@odata.context", "@odata.etag", name].sort());
    },
  },
  {
    id: "row.keyref",
    title: "keyref names the key by its database columns",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const order = await probe.order();
      const orderNo = String(order[probe.names.of(`${ORDERS}/OrderNo`)]);
      return same("keyref", order.keyref, `ORDER_NO=${orderNo}^`);
    },
  },
  {
    id: "row.context",
    title: "The context of a list leads to the metadata, its set and what was selected",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const select = names.list(STOCK, "PartNo LocationNo");
      const { json, headers } = await probe.ask("GET", `${names.url(STOCK)}?$select=${select}&$top=1`);
      same(
        "content type",
        headers.get("content-type")?.split(";").slice(0, 2).join(";"),
        "application/json;odata.metadata=minimal",
      );
      const end = `/${names.of("InventoryPartInStockHandling")}.svc/$metadata#${names.of(STOCK)}(${select})`;
      return holds(String(json["@odata.context"]).endsWith(end), `context ends with ${end}`, json["@odata.context"]);
    },
  },
  {
    id: "etag.everywhere",
    title: "The tag is on rows of lists, on selected rows and on single rows alike",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const path = await orderPath(probe);
      const key = probe.names.of(`${ORDERS}/OrderNo`);
      const orderNo = String((await probe.order())[key]);
      const filter = `$filter=${key} eq ${quoted(orderNo)}&$select=${key}`;
      const listed = (await probe.ask("GET", `${probe.names.url(ORDERS)}?${filter}`)).rows[0]?.["@odata.etag"];
      const single = (await probe.ask("GET", path)).json["@odata.etag"];
      holds(typeof single === "string" && single !== "", "the single row has a tag", single);
      return same("tag in the list", listed, single);
    },
  },
  {
    id: "etag.header",
    title: "A single read answers the tag in the ETag header, too",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { headers, json } = await probe.ask("GET", await orderPath(probe));
      const header = headers.get("etag");
      if (header !== null && header !== json["@odata.etag"])
        throw new Deviation(`header ${header} is not the row's tag`);
      return reading(probe, "etagHeader", header !== null);
    },
  },
  {
    id: "etag.form",
    title: "The tag is weak and holds base64 of objid:objversion",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const tag = tagOf(await probe.ask("GET", await orderPath(probe)));
      const inner = /^W\/"([A-Za-z0-9+/=]+)"$/.exec(tag)?.[1];
      holds(inner !== undefined, "the tag is W/ and base64 in quotes", tag);
      const plain = Buffer.from(inner ?? "", "base64").toString("utf8");
      return holds(/^[A-Za-z0-9+/]{18}:\d{14,}$/.test(plain), "inside is objid:objversion", plain);
    },
  },
  {
    id: "etag.if-none-match",
    title: "If-None-Match is not heard: the row comes anyway",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const path = await orderPath(probe);
      const headers = { "if-none-match": tagOf(await probe.ask("GET", path)) };
      return same("status", (await probe.ask("GET", path, { headers })).status, 200);
    },
  },
  {
    id: "type.decimal",
    title: "Decimals are JSON numbers with all their digits",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const row = await firstStockRow(probe);
      const value = row[probe.names.of(`${STOCK}/QtyOnhand`)];
      holds(Number.isFinite(Number(value)), "a quantity is a number", value);
      const type = typeof value;
      return reading(probe, "decimalsAsStrings", type === "string" ? true : type === "number" ? false : undefined);
    },
  },
  {
    id: "type.enumeration",
    title: "An enumeration is the bare name of one of the members in the metadata",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const state = String((await probe.order()).Objstate);
      const { text } = await probe.ask("GET", `${probe.names.of("CustomerOrderHandling")}.svc/$metadata`);
      const type = /<EnumType Name="CustomerOrderState"[^>]*>(.*?)<\/EnumType>/.exec(text)?.[1] ?? "";
      const members = [...type.matchAll(/<Member Name="(\w+)"/g)].map(([, name]) => name);
      return holds(members.includes(state), `Objstate is one of ${members.join(", ")}`, state);
    },
  },
  {
    id: "type.flag",
    title: "FetchTaxFromDefaults is a text TRUE or FALSE, no boolean",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const [name, key] = [names.of(`${LINES}/FetchTaxFromDefaults`), names.of(`${LINES}/OrderNo`)];
      const orderNo = (await probe.order())[names.of(`${ORDERS}/OrderNo`)];
      const path = `${names.url(LINES)}?$select=${name}&$filter=${key} eq ${quoted(orderNo)}&$top=1`;
      const row = found((await probe.ask("GET", path)).rows[0], "order line");
      return holds(["TRUE", "FALSE"].includes(row[name] as string), "it is such a text", row[name]);
    },
  },
  {
    id: "type.date",
    title: "A date is a day, a timestamp is a time to the second with Z; a line's dates are midnights",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const [due, wanted] = [names.of(`${LINES}/PlannedDueDate`), names.of(`${LINES}/WantedDeliveryDate`)];
      const orderNo = (await probe.order())[names.of(`${ORDERS}/OrderNo`)];
      const lines = `${await orderPath(probe)}/${names.of(LINES_OF_ORDER)}?$select=${due},${wanted}&$top=1`;
      const row = found((await probe.ask("GET", lines)).rows[0], `line of order ${String(orderNo)}`);
      holds(/^\d{4}-\d\d-\d\d$/.test(String(row[due])), "PlannedDueDate is a day", row[due]);
      return holds(
        /^\d{4}-\d\d-\d\dT00:00:00Z$/.test(String(row[wanted])),
        "WantedDeliveryDate is a midnight",
        row[wanted],
      );
    },
  },
  {
    id: "key.composite",
    title: "A row of a composite key is reached by all its parts, numbers bare and texts quoted",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const row = await firstStockRow(probe);
      const { names } = probe;
      const texts = "Contract PartNo ConfigurationId LocationNo LotBatchNo SerialNo EngChgLevel WaivDevRejNo".split(
        " ",
      );
      const key = [
        ...texts.map((name) => [names.of(`${STOCK}/${name}`), quoted(row[names.of(`${STOCK}/${name}`)])]),
        ...["ActivitySeq", "HandlingUnitId"].map((name) => [
          names.of(`${STOCK}/${name}`),
          String(row[names.of(`${STOCK}/${name}`)]),
        ]),
      ];
      const path = `${names.url(STOCK)}(${key.map(([name, value]) => `${name}=${value}`).join(",")})`;
      const answer = await probe.ask("GET", path);
      return same("keyref", [answer.status, answer.json.keyref], [200, row.keyref]);
    },
  },
  {
    id: "key.encoded-slash",
    title: "A slash inside a key value is reached in its encoded form",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const [contract, number] = [names.of(`${PARTS}/Contract`), names.of(`${PARTS}/CatalogNo`)];
      const filter = `$filter=contains(${number},'%2F')&$select=${contract},${number}&$top=1`;
      const row = found((await probe.ask("GET", `${names.url(PARTS)}?${filter}`)).rows[0], "part number with a slash");
      const path = `${names.url(PARTS)}(${contract}=${quoted(row[contract])},${number}=${quoted(row[number])})`;
      const { status, json } = await probe.ask("GET", path);
      if (status === 200) same("part", json[number], row[number]);
      return reading(probe, "encodedSlashInKeys", status === 200 ? "accept" : status === 400 ? "refuse" : undefined);
    },
  },
];
