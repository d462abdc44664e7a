/** docs/exceptions.md against the code: every code has its row, and a row's owners are those that the code names. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { expect, test } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const core = join(root, "core", "src");
const read = (path: string): string => readFileSync(path, "utf8");
const parse = (path: string): ts.SourceFile => ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);

/** Members of a union of texts. */
function unionOf(file: ts.SourceFile, name: string): string[] {
  const alias = file.statements.find((each) => ts.isTypeAliasDeclaration(each) && each.name.text === name);
  if (!alias || !ts.isTypeAliasDeclaration(alias) || !ts.isUnionTypeNode(alias.type)) {
    throw new Error(`${name} is no union any more: adapt this test`);
  }
  return alias.type.types.flatMap((type) =>
    ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? [type.literal.text] : [],
  );
}

/** Cells of the first table, by the code in the first column; a code with two rows is an error. */
function rowsOf(markdown: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const [, code = "", rest = ""] of markdown.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)) {
    if (rows.has(code)) throw new Error(`${code} has two rows`);
    rows.set(
      code,
      rest.split(" | ").map((cell) => cell.trim()),
    );
  }
  return rows;
}

const wordsIn = (cell: string | undefined): string[] =>
  [...(cell ?? "").matchAll(/`(\w+)`/g)].map(([, word = ""]) => word).sort();

type Raised = { readonly code: string; readonly owner: string };

const textsIn = (node: ts.Node | undefined): string[] => {
  if (node === undefined) return [];
  if (ts.isStringLiteral(node)) return [node.text];
  return ts.isConditionalExpression(node) ? [...textsIn(node.whenTrue), ...textsIn(node.whenFalse)] : [];
};

const property = (object: ts.ObjectLiteralExpression, name: string): ts.Node | undefined =>
  object.properties.find(
    (each): each is ts.PropertyAssignment => ts.isPropertyAssignment(each) && each.name.getText() === name,
  )?.initializer;

/** `refuse("code", "owner", …)` and `{ code: "…", …, owner: "…" }`, the two ways in which the code refuses a record. */
function codeAndOwner(node: ts.Node): readonly (ts.Node | undefined)[] {
  if (ts.isObjectLiteralExpression(node)) return [property(node, "code"), property(node, "owner")];
  const isRefuse = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "refuse";
  return isRefuse ? node.arguments : [];
}

function raisedBy(node: ts.Node): Raised[] {
  const [code, owner] = codeAndOwner(node);
  return textsIn(code).flatMap((one) => textsIn(owner).map((other) => ({ code: one, owner: other })));
}

function allRaised(node: ts.Node): Raised[] {
  const found = raisedBy(node);
  ts.forEachChild(node, (child) => {
    found.push(...allRaised(child));
  });
  return found;
}

const productFiles = readdirSync(core, { recursive: true, encoding: "utf8" }).filter(
  (path) => path.endsWith(".ts") && !/\.test\.ts$|(^|\/)testing\//.test(path),
);

const raised = productFiles.flatMap((path) => allRaised(parse(join(core, path))));
/** The declared ones, and what is raised without being declared. */
const codes = [
  ...new Set([
    ...unionOf(parse(join(core, "domain", "failure.ts")), "RejectionCode"),
    ...raised.map(({ code }) => code),
  ]),
].sort();
const rows = rowsOf(read(join(root, "docs", "exceptions.md")));

test("every code has a row, and every row a code", () => {
  expect(codes.length).toBeGreaterThan(0);
  expect([...rows.keys()].sort()).toEqual(codes);
});

test("a row names the owners that the code names, and none where nothing raises it", () => {
  const ownersOf = (code: string) => [...new Set(raised.filter((one) => one.code === code).map(({ owner }) => owner))];
  const inCode = Object.fromEntries(codes.map((code) => [code, ownersOf(code).sort()]));
  const inDocument = Object.fromEntries([...rows].map(([code, cells]) => [code, wordsIn(cells.at(-1))]));
  expect(inDocument).toEqual(inCode);
});

test("no cell is empty", () => {
  const empty = [...rows].filter(([, cells]) => cells.length !== 5 || cells.includes("")).map(([code]) => code);
  expect(empty).toEqual([]);
});
