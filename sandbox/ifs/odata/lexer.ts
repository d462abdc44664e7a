import { malformed } from "../errors.ts";

export type Token =
  | { kind: "symbol"; text: "(" | ")" | "," | ":" }
  | { kind: "word"; text: string }
  | { kind: "string"; value: string }
  | { kind: "number"; value: string }
  | { kind: "date"; value: string }
  | { kind: "timestamp"; value: string }
  | { kind: "enum"; type: string; member: string };

const patterns: { kind: Token["kind"] | "space"; pattern: RegExp }[] = [
  { kind: "space", pattern: / +/y },
  { kind: "enum", pattern: /[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)+'(?:[^']|'')*'/y },
  { kind: "string", pattern: /'(?:[^']|'')*'/y },
  { kind: "timestamp", pattern: /\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)/y },
  { kind: "date", pattern: /\d{4}-\d\d-\d\d/y },
  { kind: "number", pattern: /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y },
  { kind: "word", pattern: /[$@A-Za-z_][\w.]*(?:\/[$A-Za-z_]\w*)*/y },
  { kind: "symbol", pattern: /[(),:]/y },
];

/**
 * Cuts a decoded expression into tokens. Numbers stay texts and dates stay digits, which is why the expression grammar here
 * is not the parser library's: that one reads decimals as floats, knows no date and no qualified enumeration literal, and
 * gives `and` and `or` the same rank.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const match = matchAt(text, at);
    if (!match) throw malformed(`The expression has an unexpected character '${text.charAt(at)}' at position ${at}.`);
    at += match.text.length;
    if (match.kind !== "space") tokens.push(toToken(match.kind, match.text));
  }
  return tokens;
}

function matchAt(text: string, at: number): { kind: Token["kind"] | "space"; text: string } | undefined {
  for (const { kind, pattern } of patterns) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) return { kind, text: found[0] };
  }
  return undefined;
}

function toToken(kind: Token["kind"], text: string): Token {
  switch (kind) {
    case "string":
      return { kind, value: unquote(text) };
    case "enum": {
      const quote = text.indexOf("'");
      return { kind, type: text.slice(0, quote), member: unquote(text.slice(quote)) };
    }
    case "number":
    case "date":
    case "timestamp":
      return { kind, value: text };
    case "symbol":
      return { kind, text: text as "(" | ")" | "," | ":" };
    case "word":
      return { kind, text };
  }
}

function unquote(text: string): string {
  return text.slice(1, -1).replaceAll("''", "'");
}
