import { OdataError } from "../errors.ts";

/** One request inside a batch. */
export type BatchPart = {
  contentId: string | undefined;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: Buffer;
};

export type BatchItem = { kind: "request"; part: BatchPart } | { kind: "changeSet"; parts: BatchPart[] };

function badFraming(message: string): OdataError {
  return new OdataError(400, "ODP_BATCH_MALFORMED", message);
}

/** Reads a `multipart/mixed` batch. Bad framing is an error of the whole batch. */
export function parseBatch(contentType: string | undefined, body: Buffer): BatchItem[] {
  const boundary = boundaryOf(contentType);
  if (!boundary) throw badFraming("The batch has no multipart/mixed boundary.");
  return pieces(body.toString("utf8"), boundary).map((piece) => {
    const { headers, rest } = splitHead(piece);
    const nested = boundaryOf(headers["content-type"]);
    if (!nested) return { kind: "request", part: parsePart(headers, rest) };
    const parts = pieces(rest, nested).map((inner) => {
      const head = splitHead(inner);
      return parsePart(head.headers, head.rest);
    });
    return { kind: "changeSet", parts };
  });
}

function boundaryOf(contentType: string | undefined): string | undefined {
  const match = /^multipart\/mixed\s*;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType ?? "");
  return match?.[1] ?? match?.[2];
}

function pieces(text: string, boundary: string): string[] {
  const cut = `\r\n${text}`.split(new RegExp(`\r?\n--${escapeExpression(boundary)}`));
  const last = cut.at(-1);
  if (cut.length < 3 || last === undefined || !last.startsWith("--")) {
    throw badFraming(`The boundary '${boundary}' does not frame the content.`);
  }
  return cut.slice(1, -1).map((piece) => piece.replace(/^[ \t]*\r?\n/, ""));
}

function escapeExpression(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function splitHead(text: string): { headers: Record<string, string>; rest: string } {
  const match = /\r?\n\r?\n/.exec(text);
  const head = match ? text.slice(0, match.index) : text;
  const rest = match ? text.slice(match.index + match[0].length) : "";
  return { headers: parseHeaders(head), rest };
}

function parseHeaders(text: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}

function parsePart(outer: Record<string, string>, text: string): BatchPart {
  if (!outer["content-type"]?.startsWith("application/http")) {
    throw badFraming("A part of the batch is not application/http.");
  }
  const lineEnd = /\r?\n/.exec(text);
  const requestLine = lineEnd ? text.slice(0, lineEnd.index) : text;
  const match = /^(GET|POST|PUT|PATCH|DELETE) (\S+) HTTP\/1\.1\s*$/.exec(requestLine);
  if (!match?.[1] || !match[2]) throw badFraming(`'${requestLine}' is not a request line.`);
  const after = lineEnd ? text.slice(lineEnd.index + lineEnd[0].length) : "";
  // A request without headers goes on with the empty line itself.
  const { headers, rest } = /^\r?\n/.test(after)
    ? { headers: {}, rest: after.replace(/^\r?\n/, "") }
    : splitHead(after);
  return {
    contentId: outer["content-id"] ?? headers["content-id"],
    method: match[1],
    url: match[2],
    headers,
    body: Buffer.from(rest.replace(/(\r?\n)+$/, ""), "utf8"),
  };
}

const reasons: Record<number, string> = {
  200: "OK",
  201: "Created",
  204: "No Content",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  412: "Precondition Failed",
  428: "Precondition Required",
  500: "Internal Server Error",
  501: "Not Implemented",
};

export type BatchAnswer = {
  contentId: string | undefined;
  status: number;
  headers: Record<string, string>;
  body: string;
};

export type BatchAnswerItem = { kind: "request"; answer: BatchAnswer } | { kind: "changeSet"; answers: BatchAnswer[] };

/** Writes the pieces of a batch answer, one `application/http` each. */
export function writeBatch(items: BatchAnswerItem[], boundary: string): string {
  const written = items.map((item, index) => {
    if (item.kind === "request") return `--${boundary}\r\n${writePiece(item.answer)}`;
    const inner = `changesetresponse_${index + 1}_${boundary}`;
    const answers = item.answers.map((answer) => `--${inner}\r\n${writePiece(answer)}`).join("");
    return `--${boundary}\r\nContent-Type: multipart/mixed; boundary=${inner}\r\n\r\n${answers}--${inner}--\r\n`;
  });
  return `${written.join("")}--${boundary}--\r\n`;
}

function writePiece(answer: BatchAnswer): string {
  const outer = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"];
  if (answer.contentId !== undefined) outer.push(`Content-ID: ${answer.contentId}`);
  const head = [`HTTP/1.1 ${answer.status} ${reasons[answer.status] ?? "Unknown"}`];
  for (const [name, value] of Object.entries(answer.headers)) head.push(`${name}: ${value}`);
  head.push(`Content-Length: ${Buffer.byteLength(answer.body)}`);
  return `${outer.join("\r\n")}\r\n\r\n${head.join("\r\n")}\r\n\r\n${answer.body}\r\n`;
}
