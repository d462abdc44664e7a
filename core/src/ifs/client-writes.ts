/** Writing: new rows, changes at an ETag, actions, change sets. */
import { ConflictError, RefusedError, TransientError, UnknownOutcomeError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import { type TimedSignal, within } from "../runtime/limit.ts";
import type { Random } from "../runtime/random.ts";
import { scalarOf, setId, tagged, writtenRow } from "./answers.ts";
import { type BatchPart, type BatchPiece, type BatchRead, matchPieces, readBatch, writeChangeSet } from "./batch.ts";
import { logicalRow, type ObjectBinding, servicePath } from "./binding.ts";
import type { RowPart } from "./client-reads.ts";
import type { IfsClient, PatchOptions, Service } from "./client-types.ts";
import { ChangeSetRefusedError, classify, type Effect, toError } from "./errors.ts";
import type { Body } from "./json.ts";
import type { Telling, Written } from "./sent.ts";
import type { IfsResponse, Send } from "./transport.ts";

type Writes = Pick<IfsClient, "create" | "act" | "actAndRead" | "invoke" | "patch" | "update" | "changeSet">;

type Post = {
  readonly object: Service;
  readonly path: string;
  readonly body: Body;
  readonly effect: Effect;
  readonly headers?: Readonly<Record<string, string>>;
};

type Batch = {
  readonly object: Service;
  readonly parts: readonly BatchPart[];
  readonly read?: BatchRead;
  readonly effect: Effect;
};

const MAX_CONFLICTS = 3;

export function createWrites(options: {
  readonly send: Send;
  /** Without a slash at its end. */
  readonly base: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly readRow: IfsClient["row"];
  readonly rowPart: RowPart;
  readonly telling: Telling;
  /** Of each request whose caller gives no deadline of its own. */
  readonly timeoutMs: number;
}): Writes {
  const { send, base, clock, random, readRow, rowPart, telling } = options;
  const writing = (caller?: AbortSignal) => ({ clock, ms: options.timeoutMs, caller });
  const urlOf = (object: Service, path: string): string => `${base}${servicePath(object)}/${path}`;

  const post = ({ object, path, body, effect, headers }: Post, signal: TimedSignal): Promise<IfsResponse> =>
    telling({ request: requestOf("POST", object, path), rows: [{ into: lastOf(path), body }], effect }, () =>
      send({
        method: "POST",
        url: urlOf(object, path),
        headers: { "content-type": "application/json", prefer: "return=representation", ...headers },
        body: JSON.stringify(body),
        effect,
        signal,
      }),
    );

  async function scalar(request: Post, caller: AbortSignal | undefined): Promise<string | null> {
    const { text } = await within(writing(caller), (signal) => post(request, signal));
    return scalarOf(text, urlOf(request.object, request.path));
  }

  async function patch(
    object: ObjectBinding,
    path: string,
    { ifMatch, body, signal: caller }: PatchOptions,
  ): Promise<void> {
    if (ifMatch === "" || ifMatch === "*") throw new RangeError(`a row is changed at the ETag just read: ${path}`);
    const effect = "idempotent";
    await within(writing(caller), (signal) =>
      telling({ request: requestOf("PATCH", object, path), rows: [{ into: lastOf(path), body }], effect }, () =>
        send({
          method: "PATCH",
          url: urlOf(object, path),
          headers: { "content-type": "application/json", "if-match": ifMatch },
          body: JSON.stringify(body),
          effect,
          signal,
        }),
      ),
    );
  }

  /** The pieces of the answer; undefined when it cannot be read. */
  async function batch({ object, parts, read, effect }: Batch, signal: TimedSignal): Promise<BatchPiece[] | undefined> {
    const { contentType, body } = writeChangeSet(parts, random.uuid(), read);
    const headers = { "content-type": contentType, accept: "multipart/mixed" };
    const url = urlOf(object, "$batch");
    const answer = await send({ method: "POST", url, headers, body, effect, signal }).catch((error) => {
      throw error instanceof RefusedError ? new ChangeSetRefusedError("batch", error) : error;
    });
    const pieces = readBatch(answer.headers.get("content-type") ?? "", answer.text);
    return pieces?.length === 0 ? undefined : pieces;
  }

  const changeSet: Writes["changeSet"] = (object, parts, signal) =>
    telling({ request: `change set, ${batchOf(object)}`, rows: rowsOf(parts), effect: "create" }, () =>
      writeSet(object, parts, signal),
    );

  async function writeSet(object: ObjectBinding, parts: readonly BatchPart[], signal: TimedSignal) {
    const what = batchOf(object);
    const pieces = await batch({ object, parts, effect: "create" }, signal);
    if (!pieces) throw new UnknownOutcomeError(`IFS, ${what}: the answer cannot be read`);
    const refused = pieces.find((piece) => !succeeded(piece));
    if (refused) throw changeSetError(pieces, refused, { what, now: clock.now() });
    const matched = matchPieces(parts, pieces);
    if (!matched) throw new UnknownOutcomeError(`IFS, ${what}: some parts have no identifiable answer`);
    return matched.map((piece) => writtenRow(piece.text));
  }

  /** The action first: without it nothing is read. A piece that is missing or refused behind it undoes nothing. */
  const actAndRead: Writes["actAndRead"] = async (
    object,
    row,
    { ifMatch, idempotent = false, body, signal: caller },
  ) => {
    requireTag(row.action, { ifMatch, idempotent });
    const part = { contentId: "1", method: "POST", path: row.action, headers: { "If-Match": ifMatch }, body } as const;
    const read = rowPart(object, row.path, row.fields);
    const what = batchOf(object);
    const effect = "idempotent";
    const request = requestOf("POST", object, row.action);
    const seen = await telling({ request, rows: rowsOf([part]), effect }, async () => {
      const pieces = await within(writing(caller), (signal) => batch({ object, parts: [part], read, effect }, signal));
      const [done, behind] = pieces ?? [];
      if (!done) throw new TransientError(`IFS, ${what}: the answer cannot be read`);
      if (!succeeded(done)) throw pieceError(done, effect, { what, now: clock.now() });
      return behind;
    });
    const written = seen && succeeded(seen) ? writtenRow(seen.text) : undefined;
    return written && logicalRow(object, written);
  };

  return {
    actAndRead,
    async create(object, path, body, signal) {
      return writtenRow((await post({ object, path, body, effect: "create" }, signal)).text);
    },
    async act(object, path, { ifMatch, idempotent = false, body, signal }) {
      requireTag(path, { ifMatch, idempotent });
      return scalar({ object, path, body, effect: "idempotent", headers: { "if-match": ifMatch } }, signal);
    },
    invoke: (object, action, { body, idempotent = false, signal }) =>
      scalar({ object, path: action, body, effect: idempotent ? "idempotent" : "create" }, signal),
    async update(object, path, change, query) {
      const attempt = async (): Promise<void> => {
        const row = await readRow(object, path, query);
        if (!row) {
          throw new RefusedError("ifs", "notFound", 404, `${setId(object)}: the row is not there, or not visible`);
        }
        const body = change(row);
        if (body !== undefined)
          await patch(object, path, { ifMatch: tagged(object, row).etag, body, signal: query?.signal });
      };
      for (let conflicts = 1; ; conflicts++) {
        try {
          return await attempt();
        } catch (error) {
          if (!(error instanceof ConflictError) || conflicts >= MAX_CONFLICTS) throw error;
        }
      }
    },
    patch,
    changeSet,
  };
}

/** A change set is refused as a whole, often with a single piece for all its parts. */
function changeSetError(
  pieces: readonly BatchPiece[],
  refused: BatchPiece,
  { what, now }: { what: string; now: number },
): Error {
  if (pieces.some(succeeded)) {
    return new UnknownOutcomeError(`IFS, ${what}: some parts succeeded and others did not; that is no change set`);
  }
  return pieceError(refused, "create", { what, now });
}

function pieceError(piece: BatchPiece, effect: Effect, { what, now }: { what: string; now: number }): Error {
  const { status, text } = piece;
  const error = toError(classify({ status, text, retryAfter: piece.headers["retry-after"] }, now), effect, what);
  return error instanceof RefusedError ? new ChangeSetRefusedError("part", error) : error;
}

const requestOf = (method: string, { projection }: Service, path: string): string =>
  `${method} ${projection}.svc/${path}`;
/** "CustomerOrderSet(OrderNo='1')/OrderLinesArray" -> "OrderLinesArray". */
const lastOf = (path: string): string =>
  path
    .replace(/\([^()]*\)/g, "")
    .split("/")
    .at(-1) ?? path;
const rowsOf = (parts: readonly BatchPart[]): Written[] =>
  parts.map(({ path, body }) => ({ into: lastOf(path), body }));

const batchOf = (object: Service): string => `POST ${object.projection}.svc/$batch`;

function requireTag(path: string, { ifMatch, idempotent }: { ifMatch: string; idempotent: boolean }): void {
  if (ifMatch === "" || (ifMatch === "*" && !idempotent)) {
    throw new RangeError(`an action is sent with the ETag just read, or with "*" where it is idempotent: ${path}`);
  }
}

const succeeded = ({ status }: BatchPiece): boolean => status >= 200 && status < 300;
