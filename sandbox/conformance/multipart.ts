export type Part = {
  id?: string;
  method: string;
  url: string;
  body?: unknown;
  headers?: Record<string, string>;
};

/** Parts in a row, or a list in the list for a change set. */
export type Item = Part | Part[];

export type Piece = { status: number; contentId: string | undefined; json: Record<string, unknown> };

const CRLF = "\r\n";

export function batchText(items: Item[]): string {
  const pieces = items.map((item, index) => {
    if (!Array.isArray(item)) return `--b${CRLF}${partText(item)}`;
    const inner = item.map((part) => `--cs${index}${CRLF}${partText(part)}`).join("");
    return `--b${CRLF}Content-Type: multipart/mixed; boundary=cs${index}${CRLF}${CRLF}${inner}--cs${index}--${CRLF}`;
  });
  return `${pieces.join("")}--b--${CRLF}`;
}

function partText(part: Part): string {
  const outer = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"];
  if (part.id) outer.push(`Content-ID: ${part.id}`);
  const headers = Object.entries({
    ...(part.body === undefined ? {} : { "Content-Type": "application/json" }),
    Accept: "application/json",
    ...part.headers,
  }).map(([name, value]) => `${name}: ${value}`);
  const body = part.body === undefined ? "" : JSON.stringify(part.body);
  return [...outer, "", `${part.method} ${part.url} HTTP/1.1`, ...headers, "", body, ""].join(CRLF);
}

/** The `application/http` pieces of an answer, of change sets too, in order. */
export function piecesOf(text: string): Piece[] {
  return text
    .split(/\r\n(?=HTTP\/1\.1 )/)
    .slice(1)
    .map((piece, index, all) => {
      const before = index === 0 ? text.slice(0, text.indexOf("HTTP/1.1")) : (all[index - 1] ?? "");
      const id = [...before.matchAll(/Content-ID: (\S+)/g)].at(-1)?.[1];
      const body = /\r\n\r\n(\{.*\})\r\n/s.exec(piece)?.[1];
      return {
        status: Number(piece.slice(9, 12)),
        contentId: id,
        json: body === undefined ? {} : (JSON.parse(body) as Record<string, unknown>),
      };
    });
}
