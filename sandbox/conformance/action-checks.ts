import { type Check, found, holds, reading, same } from "./check.ts";
import {
  accepted,
  actionPath,
  headerDraft,
  named,
  newOrder,
  orderPath,
  orderRow,
  orderTag,
  voidStatus,
} from "./drafts.ts";
import { ORDERS, quoted, SITES, STOCK } from "./names.ts";
import { Deviation } from "./outcome.ts";
import { codeOf, messageOf, type Probe, tagOf } from "./probe.ts";

/** Digits that a wall clock of a zone shows at a moment of real UTC: `2026-03-10T10:30:00Z`. */
export function wallClock(utc: string | number, zone: string): string {
  const shown = new Date(utc).toLocaleString("sv-SE", { timeZone: zone, hour12: false });
  return `${shown.replace(" ", "T")}Z`;
}

async function zoneOf(probe: Probe): Promise<string> {
  const { contract } = await probe.site();
  return found(probe.tenant.siteTimeZones?.[contract], `time zone of site ${contract} in its description`);
}

const aware = { "x-ifs-time-zone-aware-request": "true" };

function isAware(probe: Probe, projection: string): boolean | undefined {
  return probe.tenant.timeZoneAwareProjections?.includes(projection);
}

/** Actions, functions and temporary selections. */
const operationChecks: readonly Check[] = [
  {
    id: "action.scalar",
    title: "A scalar comes as a text under value, a number too",
    confidence: "seen",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe, { lines: [{}] });
      const headers = { "if-match": await orderTag(probe, orderNo) };
      const path = actionPath(probe, orderNo, "CustomerOrder_PrintResultKey");
      const answer = accepted(
        await probe.ask("POST", path, { body: { ReportId: "CUSTOMER_ORDER_CONF_REP" }, headers }),
        "the print action",
      );
      same("properties", Object.keys(answer.json).sort(), ["@odata.context", "value"]);
      return holds(
        /^\d+$/.test(String(answer.json.value)) && typeof answer.json.value === "string",
        "a text of digits",
        answer.json.value,
      );
    },
  },
  {
    id: "action.unknown",
    title: "An action that is not there is 404",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe);
      const path = actionPath(probe, orderNo, "CustomerOrder_NoSuchAction");
      return same("status", (await probe.ask("POST", path, { body: {}, headers: { "if-match": "*" } })).status, 404);
    },
  },
  {
    id: "action.unbound",
    title: "An unbound action stands below the projection and needs no If-Match",
    confidence: "seen",
    kind: "writing",
    async run(probe) {
      const path = `${probe.names.of("PriceQueryHandling")}.svc/CleanPriceQuery`;
      return voidStatus(probe, await probe.ask("POST", path, { body: {} }));
    },
  },
  {
    id: "function.default",
    title: "The defaults of a new record come from {Entity}_Default() of the set",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const path = `${names.url(ORDERS)}/IfsApp.${names.of("CustomerOrderHandling")}.CustomerOrder_Default()`;
      const answer = await probe.ask("GET", path);
      if (answer.status === 200)
        holds(names.of(`${ORDERS}/Contract`) in answer.json, "a site is among them", Object.keys(answer.json));
      return reading(
        probe,
        "defaultFunctions",
        answer.status === 200 ? true : answer.status === 404 ? false : undefined,
      );
    },
  },
  {
    id: "function.unbound",
    title: "An unbound function is read with its parameters in the path",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.ask(
        "GET",
        `${probe.names.of("CustomerHandling")}.svc/AssociationNoExist(AssociationNo='000')`,
      );
      same("status", answer.status, 200);
      return holds("value" in answer.json, "a value comes", answer.json.value);
    },
  },
  {
    id: "selection.json-array",
    title: "A temporary selection is a JSON array of key texts; plain text is ORA-40441",
    confidence: "seen",
    kind: "writing",
    async run(probe) {
      const lobs = `${probe.names.of("ReportPickingOfPickListLines")}.svc/FndTempLobs`;
      const lob = accepted(await probe.ask("POST", lobs, { body: { CreatedByModule: "CONFORMANCE" } }), "a selection");
      const row = `${lobs}(LobId=${quoted(lob.json.LobId)})`;
      const headers = { "if-match": tagOf(await probe.ask("GET", row)) };
      const put = (body: string) => probe.ask("PUT", `${row}/ClobData`, { body, headers });
      const bad = await put("A=1^B=2^");
      holds(bad.status >= 400 && messageOf(bad).startsWith("ORA-40441"), "plain text is refused", messageOf(bad));
      return same("status of an array", (await put('["A=1^B=2^"]')).status, 204);
    },
  },
];

/** What time a timestamp means. */
const timeChecks: readonly Check[] = [
  {
    id: "time.site-digits",
    title:
      "A timestamp shows the digits of the site's clock with Z; real UTC only for an aware request where that is heard",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const zone = await zoneOf(probe);
      const { contract } = await probe.site();
      const seen: string[] = [];
      for (const [set, property] of [
        [ORDERS, "DateEntered"],
        [STOCK, "LastActivityDate"],
      ] as const) {
        const name = names.of(`${set}/${property}`);
        const path = `${names.url(set)}?$select=${name}&$filter=${names.of(`${set}/Contract`)} eq ${quoted(contract)}&$orderby=${name} desc&$top=1`;
        const digits = String(found((await probe.ask("GET", path)).rows[0], `row of ${set}`)[name]);
        const asked = String((await probe.ask("GET", path, { headers: aware })).rows[0]?.[name]);
        holds(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(digits), "to the second, with Z", digits);
        const heard = asked !== digits;
        if (heard) same(`${property}: the aware time on the site's clock`, wallClock(asked, zone), digits);
        const expected = isAware(probe, set.split("/")[0] ?? "");
        if (expected !== undefined) same(`${set} hears the header`, heard, expected);
        seen.push(`${set.split("/")[0]} ${heard ? "hears" : "passes over"} the header`);
      }
      return seen.join(", ");
    },
  },
  {
    id: "time.now",
    title: "What the server stamps now has the digits of the site's clock",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const entered = String((await orderRow(probe, await newOrder(probe)))[probe.names.of(`${ORDERS}/DateEntered`)]);
      const expected = wallClock(probe.target.now(), await zoneOf(probe));
      const apart = Math.abs(Date.parse(entered) - Date.parse(expected));
      return holds(apart < 300_000, `about ${expected}`, entered);
    },
  },
  {
    id: "time.write",
    title: "A time that is written is taken as site digits, in an aware request as real UTC",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const zone = await zoneOf(probe);
      const wanted = probe.names.of(`${ORDERS}/WantedDeliveryDate`);
      const utc = "2027-07-01T22:00:00Z";
      const stored = async (headers: Record<string, string>) => {
        const body = await headerDraft(probe, { WantedDeliveryDate: utc });
        const made = accepted(await probe.ask("POST", probe.names.url(ORDERS), { body, headers }), "a new order");
        const orderNo = String(made.json[probe.names.of(`${ORDERS}/OrderNo`)]);
        probe.made.push(orderNo);
        return (await orderRow(probe, orderNo))[wanted];
      };
      same("digits of an unaware request", await stored({}), utc);
      const digits = await stored(aware);
      const heard = isAware(probe, "CustomerOrderHandling") ?? digits !== utc;
      return same("digits of an aware request", digits, heard ? wallClock(utc, zone) : utc);
    },
  },
  {
    id: "time.zone-of-order",
    title: "A filter on a timestamp compares the digits that are served",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { names } = probe;
      const [name, key] = [names.of(`${ORDERS}/DateEntered`), names.of(`${ORDERS}/OrderNo`)];
      const order = await probe.order();
      const at = String(order[name]);
      const later = `${new Date(Date.parse(at) + 1000).toISOString().slice(0, 19)}Z`;
      const count = async (literal: string) =>
        (
          await probe.ask(
            "GET",
            `${names.url(ORDERS)}?$select=${key}&$filter=${key} eq ${quoted(order[key])} and ${name} ge ${literal}`,
          )
        ).rows.length;
      return same("found from its time on, and from a second later on", [await count(at), await count(later)], [1, 0]);
    },
  },
];

/** Refusals. */
const errorChecks: readonly Check[] = [
  {
    id: "error.missing-row",
    title: "A row that is not there is 404",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.ask("GET", orderPath(probe, "NO-SUCH"));
      same("status", answer.status, 404);
      const code = codeOf(answer);
      return reading(
        probe,
        "missingRowCode",
        code === "ODP_RESOURCE_NOTFOUND" || code === "ITEM_NOT_EXIST" ? code : undefined,
      );
    },
  },
  {
    id: "error.unknown-set",
    title: "An unknown set is 404",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const answer = await probe.ask("GET", `${probe.names.of("CustomerOrderHandling")}.svc/NoSuchSet`);
      return same("status", answer.status, 404);
    },
  },
  {
    id: "error.shape",
    title: "A refusal is {error:{code,message,details:[{code,message}]}}",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const { json } = await probe.ask("GET", `${probe.names.url(SITES)}?$filter=NotAColumn eq 1`);
      const error = (json.error ?? {}) as { details?: object[] };
      same("keys of the body", Object.keys(json), ["error"]);
      same("keys of the error", Object.keys(error).sort(), ["code", "details", "message"]);
      return same("keys of a detail", Object.keys(error.details?.[0] ?? {}).sort(), ["code", "message"]);
    },
  },
  {
    id: "error.business",
    title: "A business rule's refusal carries ORA-20xxx: Unit.KEY: text in details, and nothing is made",
    confidence: "seen",
    kind: "writing",
    async run(probe) {
      const body = await headerDraft(probe, { CustomerNo: "NO-SUCH-CUSTOMER" });
      const answer = await probe.ask("POST", probe.names.url(ORDERS), { body });
      holds(
        /^ORA-20\d{3}: CustomerOrder\.\w+: .+/.test(messageOf(answer)),
        "the detail is the rule's text",
        messageOf(answer),
      );
      return reading(
        probe,
        "businessErrorStatus",
        answer.status === 500 || answer.status === 400 ? answer.status : undefined,
      );
    },
  },
  {
    id: "error.de-serialization",
    title: "Broken JSON, a wrong type, an unknown property and a wrong content type are ODP_DESERIALIZATION_ERROR",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const url = probe.names.url(ORDERS);
      const bodies = [
        "{",
        JSON.stringify(named(probe, ORDERS, { Contract: 101 })),
        JSON.stringify({ NoSuchProperty: 1 }),
      ];
      const answers = [];
      for (const body of bodies) answers.push(await probe.ask("POST", url, { body }));
      answers.push(await probe.ask("POST", url, { body: "{}", headers: { "content-type": "text/plain" } }));
      const seen = answers.map((answer) => [answer.status, codeOf(answer)]);
      return same("answers", seen, Array(4).fill([400, "ODP_DESERIALIZATION_ERROR"]));
    },
  },
  {
    id: "error.stale-metadata",
    title: "After a deployment MI_MODIFIED_ERROR heals with the same request again",
    confidence: "unverified",
    kind: "read-only",
    needs: "sandbox",
    async run(probe) {
      const projection = probe.names.of("SitesHandling");
      accepted(await probe.controls().call("POST", "clerk/deploy", { projection }), "a deployment");
      const failed = [];
      for (let attempt = 0; attempt < 5; attempt += 1) {
        const answer = await probe.ask("GET", `${probe.names.url(SITES)}?$top=1`);
        if (answer.status === 200) break;
        failed.push([answer.status, codeOf(answer)]);
      }
      if (failed.length === 0) throw new Deviation("no call failed");
      same("failures", failed, Array(failed.length).fill([500, "MI_MODIFIED_ERROR"]));
      return reading(probe, "staleMetadataFailures", failed.length);
    },
  },
];

export const actionChecks: readonly Check[] = [...operationChecks, ...timeChecks, ...errorChecks];
