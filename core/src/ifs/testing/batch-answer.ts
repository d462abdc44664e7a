/** Answers of `$batch` as IFS writes them. */
import type { Answer } from "./tenant.ts";

export type Piece = { readonly id?: string | null; readonly status: number; readonly body?: unknown };

const written = (boundary: string, pieces: readonly Piece[]): string[] =>
  pieces.flatMap(({ id, status, body }) => [
    `--${boundary}`,
    "Content-Type: application/http",
    ...(id ? [`Content-ID: ${id}`] : []),
    "",
    `HTTP/1.1 ${status} X`,
    "Content-Type: application/json",
    "",
    body === undefined ? "" : JSON.stringify(body),
  ]);

/** Without `set` the pieces stand outside of a change set, as refusals do. `behind`: pieces of reads behind the set. */
export function batch(pieces: readonly Piece[], set = true, behind: readonly Piece[] = []): Answer {
  const inner = ["--o", "Content-Type: multipart/mixed; boundary=i", "", ...written("i", pieces), "--i--"];
  const lines = [...(set ? inner : written("o", pieces)), ...written("o", behind), "--o--"];
  return { text: `${lines.join("\r\n")}\r\n`, headers: { "content-type": "multipart/mixed; boundary=o" } };
}
