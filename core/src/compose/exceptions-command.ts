/** `npm run exceptions`: the inbox and its actions without a browser. */
import { parseArgs } from "node:util";
import { z } from "zod";
import { type Corrections, correctionsSchema } from "../domain/corrections.ts";
import type { ExceptionFilter, ExceptionList, ListedException } from "./exception-list.ts";
import { type Answer, type Interventions, MOST_RETRIES, type Retried } from "./interventions.ts";

export const EXCEPTIONS_USAGE = `npm run exceptions -- list [--code <code> | --cause <cause>] [--json]
npm run exceptions -- retry <id> --by <name>
npm run exceptions -- retry --cause <cause> --by <name>
npm run exceptions -- retry --code <code> [--containing <words of the message>] --by <name>
npm run exceptions -- edit <id> --corrections <JSON> --by <name>
npm run exceptions -- ignore <id> --reason <text> --by <name>
npm run exceptions -- unignore <id> --by <name>
\`--cause\` is what \`list\` shows under "of one cause": one cure closes all of them.
\`--by\` is written into the journal. \`--corrections\`, of this order alone: route, lines (line item id -> catalogNo), taxRules,
shippingAddress, billingAddress, purchaseOrderNumber, shipVia; {} takes earlier ones back.`;

export type ExceptionsCommandDeps = {
  readonly print: (line: string) => void;
  readonly list: (filter: ExceptionFilter) => Promise<ExceptionList>;
  readonly people: Pick<Interventions, "retry" | "retryAll" | "edit" | "ignore" | "unignore">;
};

const SHOWN = 500;

/** 0: done. 1: refused, or still open after the try. 2: not understood. */
export async function runExceptionsCommand(args: readonly string[], deps: ExceptionsCommandDeps): Promise<number> {
  const given = readArgs(args);
  const status = typeof given === "string" ? undefined : await run(given, deps);
  if (status !== undefined) return status;
  deps.print(typeof given === "string" ? `${given}\n${EXCEPTIONS_USAGE}` : EXCEPTIONS_USAGE);
  return 2;
}

type Given = {
  words: string[];
  code?: string;
  cause?: string;
  containing?: string;
  by?: string;
  reason?: string;
  corrections?: Corrections;
  json: boolean;
};

function readArgs(args: readonly string[]): Given | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        code: { type: "string" },
        cause: { type: "string" },
        containing: { type: "string" },
        by: { type: "string" },
        reason: { type: "string" },
        corrections: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const { corrections: text, ...rest } = values;
    if (text === undefined) return { words: positionals, ...rest };
    const corrections = correctionsSchema.safeParse(JSON.parse(text));
    return corrections.success
      ? { words: positionals, ...rest, corrections: corrections.data }
      : z.prettifyError(corrections.error);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Undefined: the words make no command. */
async function run(
  { words, code, cause, containing, by, reason, corrections, json }: Given,
  deps: ExceptionsCommandDeps,
): Promise<number | undefined> {
  const [command, id, ...more] = words;
  const { people, print } = deps;
  if (more.length > 0) return undefined;
  if (command === "list" && id === undefined) {
    const list = await deps.list({ code, cause, limit: SHOWN, offset: 0 });
    print(json ? JSON.stringify(list) : inWords(list));
    return 0;
  }
  if (!by) return undefined;
  if (command === "retry" && id === undefined) {
    const of = manyOf({ code, cause });
    return of && retryAll(people, { ...of, containing }, by, print);
  }
  return id === undefined ? undefined : one(command, { id, by, reason, corrections }, deps);
}

/** Undefined: neither, or both of them. */
function manyOf({ code, cause }: Pick<Given, "code" | "cause">): { code: string } | { cause: string } | undefined {
  if (code !== undefined) return cause === undefined ? { code } : undefined;
  return cause === undefined ? undefined : { cause };
}

type One = { readonly id: string; readonly by: string } & Pick<Given, "reason" | "corrections">;

async function one(
  command: string | undefined,
  { id, by, reason, corrections }: One,
  { people, print }: ExceptionsCommandDeps,
): Promise<number | undefined> {
  if (command === "retry") return told(await people.retry(id, by), print);
  if (command === "edit" && corrections) return told(await people.edit(id, corrections, by), print);
  if (command === "unignore") return told(await people.unignore(id, by), print);
  if (command !== "ignore" || !reason) return undefined;
  const ignored = await people.ignore(id, reason, by);
  if (ignored.kind !== "done") return refusal(ignored, print);
  print(`ignored; the order is out of scope until: npm run exceptions -- unignore ${id} --by <name>`);
  return 0;
}

/** In pieces, until all had their turn once or a side is down. */
async function retryAll(
  people: ExceptionsCommandDeps["people"],
  of: ({ readonly code: string } | { readonly cause: string }) & { readonly containing: string | undefined },
  by: string,
  print: (line: string) => void,
): Promise<number> {
  let since: string | undefined;
  let open = 0;
  for (;;) {
    const answer = await people.retryAll({ ...of, limit: MOST_RETRIES, since }, by);
    since = answer.since;
    open += answer.stillOpen;
    for (const result of answer.results) print(retriedInWords(result));
    if (answer.stopped !== null) print(`stopped, ${answer.left} left: ${answer.stopped}`);
    if (answer.left === 0) return open === 0 ? 0 : 1;
    if (answer.stopped !== null || answer.tried === 0) return 1;
  }
}

function told(answer: Answer<Retried>, print: (line: string) => void): number {
  if (answer.kind !== "done") return refusal(answer, print);
  print(retriedInWords(answer.body));
  return answer.body.after === null ? 0 : 1;
}

function refusal(answer: Exclude<Answer<never>, { kind: "done" }>, print: (line: string) => void): number {
  print(answer.kind === "absent" ? answer.message : `${answer.rejection.message} ${answer.rejection.action}`);
  return 1;
}

const retriedInWords = ({ orderId, before, outcome, after }: Retried): string =>
  `${orderId}: ${before.code} -> ${after ? after.code : "closed"} (${outcome.kind}: ${outcome.text})`;

const inWords = ({ total, counts, causes, rows }: ExceptionList): string =>
  [
    `${total} open: ${counts.map(({ code, count }) => `${count} ${code}`).join(", ") || "none"}`,
    ...(causes.length === 0 ? [] : ["of one cause:", ...causes.map(({ cause, count }) => `  ${count} ${cause}`)]),
    ...rows.map(rowInWords),
  ].join("\n");

const rowInWords = ({
  id,
  severity,
  code,
  recordLabel,
  ageSeconds,
  attempts,
  owner,
  message,
  action,
}: ListedException) =>
  `${id}\n  ${severity} ${code} ${recordLabel}, ${Math.round(ageSeconds / 60)} minutes, ${attempts} tries, ${owner}\n  ${message} ${action}`;
