/** The words of a query predicate. Field names with other characters than letters, digits and `_` need backticks. */
export type Token =
  | { kind: "name"; text: string; quoted: boolean; at: number }
  | { kind: "string"; text: string; at: number }
  | { kind: "number"; value: number; at: number }
  | { kind: "variable"; name: string; at: number }
  | { kind: "sign"; text: string; at: number }
  | { kind: "end"; at: number };

export class PredicateSyntaxError extends Error {}

const RULES: { kind: Token["kind"] | "blank"; pattern: RegExp }[] = [
  { kind: "blank", pattern: /\s+/y },
  { kind: "string", pattern: /"(?:[^"\\]|\\.)*"/y },
  { kind: "name", pattern: /`[^`]+`|[A-Za-z_][A-Za-z0-9_]*/y },
  { kind: "number", pattern: /-?\d+(?:\.\d+)?/y },
  { kind: "variable", pattern: /:[A-Za-z_][A-Za-z0-9_]*/y },
  { kind: "sign", pattern: /<>|<=|>=|!=|[=<>(),.]/y },
];

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    const found = nextMatch(source, at);
    if (!found) throw new PredicateSyntaxError(`unexpected character '${source[at]}' at position ${at}`);
    if (found.kind !== "blank") tokens.push(toToken(found.kind, found.text, at));
    at += found.text.length;
  }
  tokens.push({ kind: "end", at });
  return tokens;
}

function nextMatch(source: string, at: number) {
  for (const { kind, pattern } of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match) return { kind, text: match[0] };
  }
  return undefined;
}

function toToken(kind: Token["kind"], text: string, at: number): Token {
  switch (kind) {
    case "string":
      return { kind, text: unquote(text, at), at };
    case "number":
      return { kind, value: Number(text), at };
    case "variable":
      return { kind, name: text.slice(1), at };
    case "name": {
      const quoted = text.startsWith("`");
      return { kind, text: quoted ? text.slice(1, -1) : text, quoted, at };
    }
    default:
      return { kind: "sign", text, at };
  }
}

function unquote(text: string, at: number): string {
  try {
    // Line breaks are legal inside a predicate's string but not inside a JSON string.
    return JSON.parse(text.replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")) as string;
  } catch {
    throw new PredicateSyntaxError(`malformed string at position ${at}`);
  }
}
