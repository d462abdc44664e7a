/** Writing: new rows, changes at an ETag, actions, change sets. */
import { ConflictError, RefusedError, UnknownOutcomeError } from "../domain/failure.ts";
import type { Clock } from "../runtime/clock.ts";
import { type TimedSignal, within } from "../runtime/limit.ts";
import type { Random } from "../runtime/random.ts";
import { scalarOf, setId, tagged, writtenRow } from "./answers.ts";
import { type BatchPart, type BatchPiece, matchPieces, readBatch, writeChangeSet } from "./batch.ts";
import { type ObjectBinding, servicePath } from "./binding.ts";
import type { IfsClient, PatchOptions, Service } from "./client-types.ts";
import { ChangeSetRefusedError, classify, type Effect, toError } from "./errors.ts";
import type { Body } from "./json.ts";
import type { IfsResponse, Send } from "./transport.ts";

type Writes = Pick<IfsClient, "create" | "act" | "invoke" | "patch" | "update" | "changeSet">;

type Post = {
  readonly object: Service;
  readonly path: string;
  readonly body: Body;
  readonly effect: Effect;
  readonly headers?: Readonly<Record<string, string>>;
};

const MAX_CONFLICTS = 3;

export function createWrites(options: {
  readonly send: Send;
  /** Without a slash at its end. */
  readonly base: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly readRow: IfsClient["row"];
  /** Of each request whose caller gives no deadline of its own. */
  readonly timeoutMs: number;
}): Writes {
  const { send, base, clock, random, readRow } = options;
  const writing = (caller?: AbortSignal) => ({ clock, ms: options.timeoutMs, caller });
  const urlOf = (object: Service, path: string): string => `${base}${servicePath(object)}/${path}`;

  const post = ({ object, path, body, effect, headers }: Post, signal: TimedSignal): Promise<IfsResponse> =>
    send({
      method: "POST",
      url: urlOf(object, path),
      headers: { "content-type": "application/json", prefer: "return=representation", ...headers },
      body: JSON.stringify(body),
      effect,
      signal,
    });

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
    await within(writing(caller), (signal) =>
      send({
        method: "PATCH",
        url: urlOf(object, path),
        headers: { "content-type": "application/json", "if-match": ifMatch },
        body: JSON.stringify(body),
        effect: "idempotent",
        signal,
      }),
    );
  }

  async function changeSet(object: ObjectBinding, parts: readonly BatchPart[], signal: TimedSignal) {
    const what = `POST ${object.projection}.svc/$batch`;
    const { contentType, body } = writeChangeSet(parts, random.uuid());
    const headers = { "content-type": contentType, accept: "multipart/mixed" };
    const url = urlOf(object, "$batch");
    const answer = await send({ method: "POST", url, headers, body, effect: "create", signal }).catch((error) => {
      throw error instanceof RefusedError ? new ChangeSetRefusedError("batch", error) : error;
    });
    const pieces = readBatch(answer.headers.get("content-type") ?? "", answer.text);
    if (!pieces || pieces.length === 0) {
      throw new UnknownOutcomeError(`IFS, ${what}: the answer cannot be read (HTTP ${answer.status})`);
    }
    const refused = pieces.find((piece) => !succeeded(piece));
    if (refused) throw changeSetError(pieces, refused, { what, now: clock.now() });
    const matched = matchPieces(parts, pieces);
    if (!matched) throw new UnknownOutcomeError(`IFS, ${what}: some parts have no identifiable answer`);
    return matched.map((piece) => writtenRow(piece.text));
  }

  return {
    async create(object, path, body, signal) {
      return writtenRow((await post({ object, path, body, effect: "create" }, signal)).text);
    },
    async act(object, path, { ifMatch, idempotent = false, body, signal }) {
      if (ifMatch === "" || (ifMatch === "*" && !idempotent)) {
        throw new RangeError(`an action is sent with the ETag just read, or with "*" where it is idempotent: ${path}`);
      }
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
  const { status, text } = refused;
  const error = toError(classify({ status, text, retryAfter: refused.headers["retry-after"] }, now), "create", what);
  return error instanceof RefusedError ? new ChangeSetRefusedError("part", error) : error;
}

const succeeded = ({ status }: BatchPiece): boolean => status >= 200 && status < 300;
