/** Multipart `$batch` as IFS speaks it: one change set, parts in order, Content-IDs to refer to earlier parts; then perhaps a read. */
import type { Body } from "./json.ts";

export type BatchPart = {
  /** Unique in the change set; later parts say `$1` for the resource that part 1 created. */
  readonly contentId: string;
  readonly method: "POST" | "PATCH" | "DELETE";
  /** Relative to the projection: `CustomerOrderSet`, `$1/OrderLinesArray`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Body;
};

export type BatchPiece = {
  /** null when the server does not echo it. */
  readonly contentId: string | null;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

/** A read that stands behind a change set, where it sees what that committed. Inside of one IFS allows none (documented). */
export type BatchRead = { readonly path: string; readonly headers?: Readonly<Record<string, string>> };

const CRLF = "\r\n";

/**
 * A batch that holds exactly one change set: all parts are committed or none is; and behind it the read, where one is given.
 * `boundary` is unique per request.
 */
export function writeChangeSet(
  parts: readonly BatchPart[],
  boundary: string,
  read?: BatchRead,
): { contentType: string; body: string } {
  const inner = `changeset_${boundary}`;
  const outer = `batch_${boundary}`;
  const lines = [`--${outer}`, `Content-Type: multipart/mixed; boundary=${inner}`, ""];
  for (const part of parts) {
    lines.push(
      `--${inner}`,
      "Content-Type: application/http",
      "Content-Transfer-Encoding: binary",
      `Content-ID: ${part.contentId}`,
      "",
      `${part.method} ${part.path} HTTP/1.1`,
      "Content-Type: application/json",
      "Accept: application/json",
      ...Object.entries(part.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
      "",
      JSON.stringify(part.body),
    );
  }
  lines.push(`--${inner}--`);
  if (read) {
    lines.push(
      `--${outer}`,
      "Content-Type: application/http",
      "Content-Transfer-Encoding: binary",
      "",
      `GET ${read.path} HTTP/1.1`,
      "Accept: application/json",
      ...Object.entries(read.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
      "",
      "",
    );
  }
  lines.push(`--${outer}--`, "");
  return { contentType: `multipart/mixed; boundary=${outer}`, body: lines.join(CRLF) };
}

/**
 * All `application/http` pieces of an answer, those of change sets in line. undefined when the text is not the complete
 * multipart message it claims to be (no boundary, no closing delimiter): what happened is then not known.
 */
export function readBatch(contentType: string, text: string): BatchPiece[] | undefined {
  return readPieces(contentType, text, CHANGE_SETS);
}

/** A batch holds change sets, and change sets hold no further ones. */
const CHANGE_SETS = 1;

function readPieces(contentType: string, text: string, depth: number): BatchPiece[] | undefined {
  const entities = splitMultipart(contentType, text);
  if (!entities) return undefined;
  const pieces: BatchPiece[] = [];
  for (const entity of entities) {
    const type = entity.headers["content-type"] ?? "";
    if (/^multipart\/mixed/i.test(type)) {
      const nested = depth > 0 ? readPieces(type, entity.text, depth - 1) : undefined;
      if (!nested) return undefined;
      pieces.push(...nested);
    } else {
      const piece = readPiece(entity);
      if (!piece) return undefined;
      pieces.push(piece);
    }
  }
  return pieces;
}

type Entity = { readonly headers: Readonly<Record<string, string>>; readonly text: string };

function splitMultipart(contentType: string, text: string): Entity[] | undefined {
  const match = /^multipart\/mixed\s*;.*?boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (!boundary) return undefined;
  const entities: Entity[] = [];
  let current: string[] | undefined;
  for (const line of text.split("\n")) {
    const delimiter = line.trimEnd();
    if (delimiter === `--${boundary}` || delimiter === `--${boundary}--`) {
      if (current) entities.push(readEntity(current.join("\n")));
      if (delimiter.endsWith(`${boundary}--`)) return entities;
      current = [];
    } else current?.push(line);
  }
  return undefined;
}

/** Headers, an empty line, the rest. Line ends may be CRLF or LF. */
function readEntity(text: string): Entity {
  const normal = text.replace(/\r\n/g, "\n");
  const end = normal.startsWith("\n") ? 0 : normal.indexOf("\n\n");
  const head = end < 0 ? normal : normal.slice(0, end);
  const headers: Record<string, string> = {};
  for (const line of head.split("\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, text: end < 0 ? "" : normal.slice(end).replace(/^\n{1,2}/, "") };
}

function readPiece(entity: Entity): BatchPiece | undefined {
  const match = /^HTTP\/\d(?:\.\d)? (\d{3})[^\n]*(?:\n([\s\S]*))?$/.exec(entity.text.trimStart());
  if (!match) return undefined;
  const message = readEntity(match[2] ?? "");
  return {
    contentId: entity.headers["content-id"] ?? message.headers["content-id"] ?? null,
    status: Number(match[1]),
    headers: message.headers,
    text: message.text.trim(),
  };
}

/**
 * The piece of each part, in the order of the parts. Without echoed Content-IDs the order tells, as parts run one after
 * another; undefined when some part has no identifiable answer.
 */
export function matchPieces(parts: readonly BatchPart[], pieces: readonly BatchPiece[]): BatchPiece[] | undefined {
  if (pieces.length !== parts.length) return undefined;
  if (pieces.every((piece) => piece.contentId === null)) return [...pieces];
  const byId = new Map(pieces.map((piece) => [piece.contentId, piece]));
  const matched = parts.map((part) => byId.get(part.contentId));
  return matched.every((piece) => piece !== undefined) ? matched : undefined;
}
