import parser from "@balena/odata-parser";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Expression, parseExpression, parseLiteral } from "./expression.ts";

/** An expression with every bracket written, so that precedence plays no part. */
function show(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return showLiteral(expression);
    case "property":
      return expression.path;
    case "call":
      return `${expression.name}(${expression.args.map(show).join(",")})`;
    case "not":
      return `not (${show(expression.operand)})`;
    case "in":
      return `${show(expression.left)} in (${expression.items.map(showLiteral).join(",")})`;
    default:
      return `(${show(expression.left)} ${expression.op} ${show(expression.right)})`;
  }
}

function showLiteral(literal: Extract<Expression, { kind: "literal" }>): string {
  if (literal.type === "null") return "null";
  if (literal.type === "string") return `'${literal.value.replaceAll("'", "''")}'`;
  if (literal.type === "enum") return `${literal.enumType}'${literal.value}'`;
  return String(literal.value);
}

type Bound = [type: string, value: unknown];

/** The library's tree in our words; it reads numbers as doubles, so only small integers are compared. */
function fromLibrary(tree: unknown, binds: readonly Bound[]): unknown {
  if (tree === null) return { kind: "literal", type: "null" };
  if (!Array.isArray(tree)) return fromLeaf(tree as { name?: string; bind?: number }, binds);
  const [op, ...rest] = tree as [string, ...unknown[]];
  if (op === "call") {
    const call = rest[0] as { method: string; args: unknown[] };
    return { kind: "call", name: call.method, args: call.args.map((arg) => fromLibrary(arg, binds)) };
  }
  if (op === "not") return { kind: "not", operand: fromLibrary(rest[0], binds) };
  const kind = ["and", "or"].includes(op)
    ? "logic"
    : ["add", "sub", "mul", "div"].includes(op)
      ? "arithmetic"
      : "compare";
  return { kind, op, left: fromLibrary(rest[0], binds), right: fromLibrary(rest[1], binds) };
}

function fromLeaf(leaf: { name?: string; bind?: number }, binds: readonly Bound[]): unknown {
  if (leaf.name !== undefined) return { kind: "property", path: leaf.name };
  const [type, value] = binds[leaf.bind ?? 0] ?? ["", undefined];
  if (type === "Real") return { kind: "literal", type: "number", value: String(value) };
  if (type === "Boolean") return { kind: "literal", type: "boolean", value };
  return { kind: "literal", type: "string", value };
}

const property = fc
  .constantFrom("OrderNo", "QtyOnhand", "Cf_Invoice_No")
  .map((path): Expression => ({ kind: "property", path }));
const literal = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9 ']{0,8}$/).map((value): Expression => ({ kind: "literal", type: "string", value })),
  fc
    .integer({ min: 0, max: 9999 })
    .map((value): Expression => ({ kind: "literal", type: "number", value: String(value) })),
  fc.boolean().map((value): Expression => ({ kind: "literal", type: "boolean", value })),
  fc.constant<Expression>({ kind: "literal", type: "null" }),
);
const comparison = fc
  .tuple(fc.constantFrom("eq", "ne", "gt", "ge", "lt", "le"), property, literal)
  .map(([op, left, right]) => ({ kind: "compare", op, left, right }) as Expression);
const { tree: filters } = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    comparison,
    fc
      .tuple(fc.constantFrom("and", "or"), tie("tree"), tie("tree"))
      .map(([op, left, right]) => ({ kind: "logic", op, left, right }) as Expression),
    tie("tree").map((operand): Expression => ({ kind: "not", operand })),
  ),
}));

describe("filter expressions", () => {
  test("a written tree reads back as itself, and as the library reads it", () => {
    fc.assert(
      fc.property(filters, (tree) => {
        const text = show(tree);
        expect(parseExpression(text)).toEqual(tree);
        const second = parser.parse(text, { startRule: "ProcessRule", rule: "FilterByExpression" });
        // The library merges a chain of one operator into one list; only trees without such chains are comparable.
        if (!/\(\((?:.*) (and|or) .*\) \1 /.test(text))
          expect(fromLibrary(second.tree, second.binds as Bound[])).toEqual(tree);
      }),
      { numRuns: 300 },
    );
  });

  test("and binds tighter than or, comparison than and, arithmetic than comparison", () => {
    expect(show(parseExpression("A eq 1 or B eq 2 and not (C gt 1 add 2 mul 3)"))).toBe(
      "((A eq 1) or ((B eq 2) and not ((C gt (1 add (2 mul 3))))))",
    );
    expect(show(parseExpression("A sub 1 sub 2 eq 3"))).toBe("(((A sub 1) sub 2) eq 3)");
  });

  test("literals keep every digit, quote and name", () => {
    expect(
      [
        "12.500000000000000000001",
        "-3",
        "'O''Neil 100%'",
        "2026-01-02",
        "2026-01-02T03:04:05Z",
        "IfsApp.P.State'Planned'",
        "null",
      ].map(parseLiteral),
    ).toEqual([
      { kind: "literal", type: "number", value: "12.500000000000000000001" },
      { kind: "literal", type: "number", value: "-3" },
      { kind: "literal", type: "string", value: "O'Neil 100%" },
      { kind: "literal", type: "date", value: "2026-01-02" },
      { kind: "literal", type: "timestamp", value: "2026-01-02T03:04:05Z" },
      { kind: "literal", type: "enum", enumType: "IfsApp.P.State", value: "Planned" },
      { kind: "literal", type: "null" },
    ]);
  });

  test("what is no expression is refused", () => {
    for (const text of ["", "A eq", "A eq 1 B", "(A eq 1", "A eq 1)", "A in 1", "A ? 1", "contains(A,'x'"]) {
      expect(() => parseExpression(text), text).toThrow("Malformed Request.");
    }
    expect(() => parseExpression("A has 'x'")).toThrow("Not implemented.");
  });
});
