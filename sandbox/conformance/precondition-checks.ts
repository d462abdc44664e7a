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
  release,
  voidStatus,
} from "./drafts.ts";
import { ORDERS, quoted } from "./names.ts";
import { Deviation } from "./outcome.ts";
import { type Answer, codeOf, messageOf, type Probe, tagOf } from "./probe.ts";

function missing(probe: Probe, answer: Answer): string {
  same("code", codeOf(answer), "ODP_MISSING_PRECONDITION");
  return reading(
    probe,
    "missingPrecondition",
    answer.status === 428 ? "428" : answer.status === 400 ? "400-code" : undefined,
  );
}

/** 412, or a database error that says so; under which status database errors travel is another question. */
function stale(probe: Probe, answer: Answer): string {
  const modified = /MODIFIED/.test(messageOf(answer));
  const seen = answer.status === 412 ? "412" : answer.status >= 400 && modified ? "500-modified" : undefined;
  return reading(probe, "stalePrecondition", seen);
}

const patchNote = (probe: Probe, orderNo: string, text: string, headers: Record<string, string> = {}) =>
  probe.ask("PATCH", orderPath(probe, orderNo), { body: named(probe, ORDERS, { NoteText: text }), headers });

async function note(probe: Probe, orderNo: string): Promise<unknown> {
  return (await orderRow(probe, orderNo))[probe.names.of(`${ORDERS}/NoteText`)];
}

const CUSTOMERS = "CustomerHandling/CustomerInfoSet";
const ADDRESSES = `${CUSTOMERS}/CustomerInfoAddresses`;

/** A customer's addresses: they can be made under a chosen key and taken away again. */
async function addressPath(
  probe: Probe,
): Promise<{ list: string; at: (id: string) => string; body: (id: string) => object }> {
  const { names } = probe;
  const customerNo = String((await probe.order())[names.of(`${ORDERS}/CustomerNo`)]);
  const key = names.of(`${CUSTOMERS}/CustomerId`);
  const list = `${names.url(CUSTOMERS)}(${key}=${quoted(customerNo)})/${names.of(ADDRESSES)}`;
  const row = found((await probe.ask("GET", `${list}?$top=1`)).rows[0], "address of the customer");
  return {
    list,
    at: (id) =>
      `${list}(${names.of(`${ADDRESSES}/CustomerId`)}=${quoted(customerNo)},${names.of(`${ADDRESSES}/AddressId`)}=${quoted(id)})`,
    body: (id) =>
      named(probe, ADDRESSES, {
        CustomerId: customerNo,
        AddressId: id,
        Address1: "Conformance check",
        Country: row[names.of(`${ADDRESSES}/Country`)],
        PartyType: row[names.of(`${ADDRESSES}/PartyType`)],
        DefaultDomain: true,
      }),
  };
}

/** If-Match, its absence, and what a write answers. */
export const preconditionChecks: readonly Check[] = [
  {
    id: "if-match.missing",
    title: "A bound action without If-Match is ODP_MISSING_PRECONDITION and does nothing",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe, { lines: [{}] });
      const before = (await orderRow(probe, orderNo)).Objstate;
      const name = probe.tenant.releaseActionName ?? "CustomerOrder_Release";
      const seen = missing(probe, await probe.ask("POST", actionPath(probe, orderNo, name), { body: {} }));
      same("state", (await orderRow(probe, orderNo)).Objstate, before);
      return seen;
    },
  },
  {
    id: "if-match.stale",
    title: "Two writers with one tag: the second is refused and nothing is lost",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe);
      const headers = { "if-match": await orderTag(probe, orderNo) };
      accepted(await patchNote(probe, orderNo, "first", headers), "the first write");
      const seen = stale(probe, await patchNote(probe, orderNo, "second", headers));
      same("note", await note(probe, orderNo), "first");
      return seen;
    },
  },
  {
    id: "if-match.star",
    title: "If-Match: * fits any row that is there",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe, { lines: [{}] });
      accepted(await patchNote(probe, orderNo, "star", { "if-match": "*" }), "an update with *");
      same("note", await note(probe, orderNo), "star");
      return voidStatus(probe, await release(probe, orderNo, "*"));
    },
  },
  {
    id: "if-match.star-inserts-nothing",
    title: "PATCH with If-Match: * inserts nothing where the key is free",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const { at, body } = await addressPath(probe);
      const path = at(probe.mark());
      const patch = await probe.ask("PATCH", path, { body: body("x"), headers: { "if-match": "*" } });
      const there = await probe.ask("GET", path);
      return same("statuses of the write and of a read", [patch.status >= 400, there.status], [true, 404]);
    },
  },
  {
    id: "etag.changes",
    title: "The tag changes with each write and by nothing else",
    confidence: "seen",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe);
      const [first, again] = [await orderTag(probe, orderNo), await orderTag(probe, orderNo)];
      same("tag of two reads", again, first);
      const answer = accepted(await patchNote(probe, orderNo, "x", { "if-match": first }), "an update");
      const after = await orderTag(probe, orderNo);
      if (answer.status === 200) same("tag in the answer", tagOf(answer), after);
      // A second write within the second tells whether the version holds more than the time.
      accepted(await patchNote(probe, orderNo, "y", { "if-match": "*" }), "another update");
      const changed = after !== first && (await orderTag(probe, orderNo)) !== after;
      return reading(probe, "objversionResolution", changed ? "unique" : "seconds");
    },
  },
  {
    id: "patch.answer",
    title: "PATCH answers the changed row, or 204 without one",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe);
      const answer = accepted(await patchNote(probe, orderNo, "z", { "if-match": "*" }), "an update");
      if (answer.status === 200) same("note in the answer", answer.json[probe.names.of(`${ORDERS}/NoteText`)], "z");
      return reading(probe, "patchAnswer", answer.status === 200 ? "row" : answer.status === 204 ? "empty" : undefined);
    },
  },
  {
    id: "patch.without-if-match",
    title: "PATCH without If-Match updates a row that is there and inserts one that is not",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe);
      const update = await patchNote(probe, orderNo, "unguarded");
      const { at, body } = await addressPath(probe);
      const id = probe.mark();
      const insert = await probe.ask("PATCH", at(id), { body: body(id) });
      const made = await probe.ask("GET", at(id));
      if (made.status === 200) await probe.ask("DELETE", at(id), { headers: { "if-match": "*" } });
      const seen = [(await note(probe, orderNo)) === "unguarded", update.status < 300, insert.status, made.status];
      if (update.status >= 400) {
        missing(probe, update);
        holds(insert.status >= 400 && made.status === 404, "nothing is inserted either", seen);
        return reading(probe, "patchWithoutIfMatch", "refuse");
      }
      same("changed, accepted, status of the insert, read afterwards", seen, [true, true, 201, 200]);
      return reading(probe, "patchWithoutIfMatch", "upsert");
    },
  },
  {
    id: "delete",
    title: "DELETE needs If-Match, answers 204, and the row is gone",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const { list, at, body } = await addressPath(probe);
      const id = probe.mark();
      accepted(await probe.ask("POST", list, { body: body(id) }), "a new address");
      const without = await probe.ask("DELETE", at(id));
      const kept = (await probe.ask("GET", at(id))).status;
      const removed = await probe.ask("DELETE", at(id), { headers: { "if-match": "*" } });
      const gone = (await probe.ask("GET", at(id))).status;
      same("read after the refusal, removal, read after it", [kept, removed.status, gone], [200, 204, 404]);
      return missing(probe, without);
    },
  },
  {
    id: "create.answer",
    title: "A create answers 201 with the row and where it is; Prefer: return=representation is heard",
    confidence: "seen",
    kind: "writing",
    async run(probe) {
      const headers = { prefer: "return=representation" };
      const body = await headerDraft(probe);
      const answer = await probe.ask("POST", probe.names.url(ORDERS), { body, headers });
      same("status", answer.status, 201);
      const orderNo = String(answer.json[probe.names.of(`${ORDERS}/OrderNo`)]);
      probe.made.push(orderNo);
      const ref = probe.names.of(`${ORDERS}/ExternalRef`);
      same("reference in the answer", answer.json[ref], body[ref]);
      const location = answer.headers.get("location") ?? "";
      if (!location.includes("/projection/v1/")) throw new Deviation(`the location is ${location}`);
      const there = await probe.ask("GET", location.replace(/^.*\/projection\/v1\//, ""));
      return same("reference at the location", there.json[ref], body[ref]);
    },
  },
  {
    id: "create.twice",
    title: "A create under a key that is taken is an 'already exists' error and changes nothing",
    confidence: "seen",
    kind: "writing",
    async run(probe) {
      const { list, at, body } = await addressPath(probe);
      const id = probe.mark();
      accepted(await probe.ask("POST", list, { body: body(id) }), "a new address");
      const twice = await probe.ask("POST", list, { body: body(id) });
      await probe.ask("DELETE", at(id), { headers: { "if-match": "*" } });
      holds(twice.status >= 400, "the second is refused", twice.status);
      return holds(/^ORA-20\d{3}: .*already exists/.test(messageOf(twice)), "it says so", messageOf(twice));
    },
  },
  {
    id: "body.bookkeeping",
    title: "Bookkeeping in a body is refused or passed over, and never changes the state",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const orderNo = await newOrder(probe);
      const state = (await orderRow(probe, orderNo)).Objstate;
      const cancelled = probe.names.member("CustomerOrderState", "Cancelled");
      const body = { ...named(probe, ORDERS, { NoteText: "b" }), Objstate: cancelled, luname: "X" };
      const answer = await probe.ask("PATCH", orderPath(probe, orderNo), { body, headers: { "if-match": "*" } });
      const row = await orderRow(probe, orderNo);
      same("state", row.Objstate, state);
      return reading(probe, "bookkeepingInBodies", answer.status < 300 ? "ignore" : "refuse");
    },
  },
];
