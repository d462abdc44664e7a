import { type Check, holds, reading, same } from "./check.ts";
import { countByRef, headerDraft, lineDraft, named } from "./drafts.ts";
import { batchText, type Item, type Part, type Piece, piecesOf } from "./multipart.ts";
import { LINES_OF_ORDER, ORDERS, STOCK } from "./names.ts";
import { Deviation, NotApplicable } from "./outcome.ts";
import { type Answer, codeOf, messageOf, type Probe, type Row } from "./probe.ts";

const ORDER_PROJECTION = "CustomerOrderHandling";

type Sent = { answer: Answer; pieces: Piece[] };

async function send(probe: Probe, items: Item[], options: { goOn?: boolean; projection?: string } = {}): Promise<Sent> {
  const headers: Record<string, string> = { "content-type": "multipart/mixed; boundary=b", accept: "multipart/mixed" };
  if (options.goOn) headers.prefer = "odata.continue-on-error";
  const path = `${probe.names.of(options.projection ?? ORDER_PROJECTION)}.svc/$batch`;
  const answer = await probe.ask("POST", path, { body: batchText(items), headers });
  return { answer, pieces: piecesOf(answer.text) };
}

const statuses = ({ pieces }: Sent) => pieces.map((piece) => piece.status);

const readStock = (probe: Probe, id?: string): Part => ({
  id,
  method: "GET",
  url: `${probe.names.of(STOCK)}?$top=1&$select=${probe.names.of(`${STOCK}/PartNo`)}`,
});

const stockBatch = { projection: "InventoryPartInStockHandling" };

async function headerPart(probe: Probe, extra: Row): Promise<Part> {
  return { id: "1", method: "POST", url: probe.names.of(ORDERS), body: await headerDraft(probe, extra) };
}

/** With the keys of its parent left out unless the parent's number is given. */
async function linePart(probe: Probe, id: string, extra: Row = {}): Promise<Part> {
  const url = `$1/${probe.names.of(LINES_OF_ORDER)}`;
  return { id, method: "POST", url, body: await lineDraft(probe, undefined, extra) };
}

function releasePart(probe: Probe, ifMatch: string): Part {
  const name = probe.tenant.releaseActionName ?? "CustomerOrder_Release";
  const url = `$1/IfsApp.${probe.names.of(ORDER_PROJECTION)}.${name}`;
  return { id: "9", method: "POST", url, body: {}, headers: { "If-Match": ifMatch } };
}

/** A tenant that refuses change sets says so, and nothing of the set is there. */
async function whereRefused(probe: Probe, sent: Sent, ref: string): Promise<string | undefined> {
  const first = sent.pieces[0] ?? { json: {}, status: 0 };
  if (codeOf(first) !== "ODP_NOT_IMPLEMENTED") return undefined;
  same("orders left behind", await countByRef(probe, ref), 0);
  return reading(probe, "changeSets", "refuse");
}

/** `$batch`. */
export const batchChecks: readonly Check[] = [
  {
    id: "batch.reads",
    title: "A multipart batch answers one piece per request, in order, each with its own status line",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const sent = await send(probe, [readStock(probe), readStock(probe)], stockBatch);
      holds(sent.answer.status === 200, "the batch is accepted", sent.answer.status);
      const type = sent.answer.headers.get("content-type") ?? "";
      holds(/^multipart\/mixed; *boundary=/.test(type), "the answer is multipart/mixed", type);
      same("statuses", statuses(sent), [200, 200]);
      const rows = sent.pieces.map((piece) => (piece.json.value as Row[] | undefined)?.length);
      return same("rows of each piece", rows, [1, 1]);
    },
  },
  {
    id: "batch.continue-on-error",
    title: "A failed request ends the batch unless Prefer: odata.continue-on-error",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const bad: Part = { method: "GET", url: `${probe.names.of(STOCK)}?$filter=NotAColumn%20eq%201` };
      const items = [bad, readStock(probe)];
      same("statuses as usual", statuses(await send(probe, items, stockBatch)), [400]);
      return same("statuses going on", statuses(await send(probe, items, { ...stockBatch, goOn: true })), [400, 200]);
    },
  },
  {
    id: "batch.bad-framing",
    title: "Bad framing and a bad token are plain errors of the whole batch",
    confidence: "seen",
    kind: "read-only",
    async run(probe) {
      const path = `${probe.names.of(ORDER_PROJECTION)}.svc/$batch`;
      const headers = { "content-type": "multipart/mixed; boundary=b" };
      const framing = await probe.ask("POST", path, { body: "--b\r\nhello", headers });
      const token = await probe.raw("POST", `/main/ifsapplications/projection/v1/${path}`, { body: "x", headers });
      const plain = [framing, token].map(
        (answer) => !(answer.headers.get("content-type") ?? "").startsWith("multipart"),
      );
      return same(
        "statuses, and whether they are plain",
        [framing.status, token.status, ...plain],
        [400, 401, true, true],
      );
    },
  },
  {
    id: "batch.other-projection",
    title: "All parts belong to the batch's own projection",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      return same("statuses", statuses(await send(probe, [readStock(probe)])), [404]);
    },
  },
  {
    id: "batch.content-id",
    title: "Content-ID is repeated in each piece, refused ones included",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const bad: Part = { id: "8", method: "GET", url: `${probe.names.of(STOCK)}?$filter=NotAColumn%20eq%201` };
      const { pieces } = await send(probe, [readStock(probe, "7"), bad], { ...stockBatch, goOn: true });
      const seen = pieces.map((piece) => piece.contentId);
      const echoes = JSON.stringify(seen) === '["7","8"]';
      return reading(probe, "contentIdEcho", echoes ? true : seen.every((id) => id === undefined) ? false : undefined);
    },
  },
  {
    id: "batch.size",
    title: "How many parts a batch may have",
    confidence: "unverified",
    kind: "read-only",
    async run(probe) {
      const limit = probe.tenant.maxBatchParts;
      if (!limit) throw new NotApplicable("the tenant's description names no limit, and none is provoked");
      const part = readStock(probe);
      const at = await send(probe, Array<Part>(limit).fill(part), stockBatch);
      const above = await send(probe, Array<Part>(limit + 1).fill(part), stockBatch);
      return same(`status at ${limit} and one more`, [at.answer.status, above.answer.status], [200, 400]);
    },
  },
  {
    id: "batch.read-in-change-set",
    title: "A change set may not read",
    confidence: "documented",
    kind: "read-only",
    async run(probe) {
      const sent = await send(probe, [[readStock(probe, "1")]], stockBatch);
      return holds(
        statuses(sent).every((status) => status >= 400),
        "the read is refused",
        statuses(sent),
      );
    },
  },
  {
    id: "batch.change-set",
    title: "A change set is all or nothing",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const ref = probe.mark();
      const bad = named(probe, LINES_OF_ORDER, { CatalogNo: "NO-SUCH-PART" });
      const line = await linePart(probe, "2");
      const orderNo = probe.names.of(`${LINES_OF_ORDER}/OrderNo`);
      const items = [
        [await headerPart(probe, { ExternalRef: ref }), { ...line, body: { ...(line.body as Row), ...bad } }],
      ];
      const sent = await send(probe, items);
      const refused = await whereRefused(probe, sent, ref);
      if (refused !== undefined) return refused;
      holds(
        statuses(sent).some((status) => status >= 400),
        `the line without a part is refused (${orderNo} left out)`,
        statuses(sent),
      );
      return reading(probe, "changeSets", (await countByRef(probe, ref)) === 0 ? "atomic" : "nonAtomic");
    },
  },
  {
    id: "batch.failure-form",
    title: "A refused change set answers one error or one per request; business errors have their own status there",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const ref = probe.mark();
      const nobody = { ExternalRef: ref, CustomerNo: "NO-SUCH-CUSTOMER" };
      const line = await linePart(probe, "2");
      const sent = await send(probe, [[await headerPart(probe, nobody), line]]);
      same("orders left behind", await countByRef(probe, ref), 0);
      const form = reading(probe, "changeSetFailureForm", sent.pieces.length === 1 ? "single" : "perRequest");
      const refused = await whereRefused(probe, sent, ref);
      if (refused !== undefined) return `${form}, ${refused}`;
      const [piece] = sent.pieces;
      holds(
        /^ORA-20\d{3}: /.test(messageOf({ json: piece?.json ?? {} })),
        "the text is the business rule's",
        piece?.json,
      );
      const status = piece?.status === 400 || piece?.status === 500 ? piece.status : undefined;
      return `${form}, ${reading(probe, "batchBusinessErrorStatus", status)}`;
    },
  },
  {
    id: "batch.business-error",
    title: "A business error of a single request inside a batch has its own status there",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const body = await headerDraft(probe, { CustomerNo: "NO-SUCH-CUSTOMER" });
      const { pieces } = await send(probe, [{ method: "POST", url: probe.names.of(ORDERS), body }]);
      const status = pieces[0]?.status;
      return reading(probe, "batchBusinessErrorStatus", status === 400 || status === 500 ? status : undefined);
    },
  },
  {
    id: "batch.whole-order",
    title: "Header and lines in one change set: $1 leads to what Content-ID 1 made, keys of children may be left out",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const ref = probe.mark();
      const sent = await send(probe, [
        [await headerPart(probe, { ExternalRef: ref }), await linePart(probe, "2"), await linePart(probe, "3")],
      ]);
      const refused = await whereRefused(probe, sent, ref);
      if (refused !== undefined) return refused;
      if (statuses(sent).some((status) => status >= 400)) {
        same("orders left behind", await countByRef(probe, ref), 0);
        return reading(probe, "childKeysOptional", false);
      }
      same("statuses", statuses(sent), [201, 201, 201]);
      same("orders made", await countByRef(probe, ref), 1);
      return reading(probe, "childKeysOptional", true);
    },
  },
  {
    id: "batch.release-in-change-set",
    title: "The release may stand in the change set that creates the order, its tag named by $1",
    confidence: "unverified",
    kind: "writing",
    async run(probe) {
      const attempt = async (ifMatch: string) => {
        const ref = probe.mark();
        const parts = [
          await headerPart(probe, { ExternalRef: ref }),
          await linePart(probe, "2"),
          releasePart(probe, ifMatch),
        ];
        const sent = await send(probe, [parts]);
        return { sent, ref };
      };
      const star = await attempt("*");
      const refused = await whereRefused(probe, star.sent, star.ref);
      if (refused !== undefined) return refused;
      if (probe.tenant.childKeysOptional === false) {
        return same("orders left behind where keys are missing", await countByRef(probe, star.ref), 0);
      }
      const released = statuses(star.sent).every((status) => status < 300);
      same("orders made", await countByRef(probe, star.ref), released ? 1 : 0);
      const allowed = reading(probe, "releaseInChangeSet", released ? "allow" : "refuse");
      if (!released) return allowed;
      const tagged = await attempt("$1");
      const fits = statuses(tagged.sent).every((status) => status < 300);
      same("orders made with $1", await countByRef(probe, tagged.ref), fits ? 1 : 0);
      return `${allowed}, ${reading(probe, "lineInsertTouchesHeader", !fits)}`;
    },
  },
  {
    id: "batch.lost-reference",
    title: "A reference to nothing that was created before is refused, and nothing of its set stays",
    confidence: "documented",
    kind: "writing",
    async run(probe) {
      const ref = probe.mark();
      const line = await linePart(probe, "2");
      const lost = { ...line, url: line.url.replace("$1", "$5") };
      const sent = await send(probe, [[await headerPart(probe, { ExternalRef: ref }), lost]]);
      if (statuses(sent).every((status) => status < 400)) throw new Deviation("the reference was accepted");
      return same("orders left behind", await countByRef(probe, ref), 0);
    },
  },
];
