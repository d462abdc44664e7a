/**
 * Writes to IFS as steps of the journal: per request its rows in text, what all rows of a kind have alike said once, cut into steps
 * and entries that stay small. Pure.
 */
import type { JournalEntry, JournalStep } from "../../domain/records.ts";
import type { SentRequest, SentRow } from "../../domain/sent.ts";

/** Of one piece of work; an order of 500 lines needs about 45,000. */
const MOST_BYTES = 60_000;
/** Of one step: several of them, with what is around them, fit into an entry. */
const STEP_BYTES = 1500;
/** The journal takes entries of 8,000. */
const ENTRY_BYTES = 7900;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** In the order given. */
export function sentSteps(requests: readonly SentRequest[]): JournalStep[] {
  const steps: JournalStep[] = [];
  let left = MOST_BYTES;
  let dropped = 0;
  for (const { at, request, answer, rows } of requests) {
    const parts = inParts(rowsInWords(rows));
    for (const [index, part] of parts.entries()) {
      const size = bytesOf(part);
      if (size > left) {
        dropped += 1;
        continue;
      }
      left -= size;
      const about: JournalEntry["detail"] =
        index === 0 ? { request, answer, rows: rows.length } : { request, part: index + 1 };
      steps.push({ at, step: "sent to IFS", detail: { ...about, ...Object.fromEntries(part) } });
    }
  }
  const last = steps.at(-1);
  return dropped === 0 || !last
    ? steps
    : [
        ...steps,
        { at: last.at, step: "sent to IFS", detail: { leftOut: `${dropped} further parts: too long to be kept` } },
      ];
}

type Named = readonly [name: string, text: string];

/** "OrderLinesArray 2" -> "CatalogNo=A-1; BuyQtyDue=2"; what all rows of a kind have alike is under "OrderLinesArray, each". */
function rowsInWords(rows: readonly SentRow[]): Named[] {
  const told = rows.filter(({ values }) => Object.keys(values).length > 0);
  return [...Map.groupBy(told, ({ into }) => into)].flatMap(([into, same]): Named[] => {
    const [first] = same;
    if (!first || same.length === 1) return first ? [[into, inWords(Object.entries(first.values))]] : [];
    const alike = Object.entries(first.values).filter(([name, value]) =>
      same.every(({ values }) => values[name] === value),
    );
    const names = new Set(alike.map(([name]) => name));
    return [
      [`${into}, each`, inWords(alike)],
      ...same.map(
        ({ values }, index): Named => [
          `${into} ${index + 1}`,
          inWords(Object.entries(values).filter(([name]) => !names.has(name))),
        ],
      ),
    ];
  });
}

function inWords(values: readonly (readonly [string, string])[]): string {
  const text = values.map(([name, value]) => `${name}=${value}`).join("; ");
  if (bytesOf(text) <= STEP_BYTES) return text;
  // A character may take six bytes of JSON.
  return `${text.slice(0, STEP_BYTES / 6)}…`;
}

function inParts(rows: readonly Named[]): Named[][] {
  const parts: Named[][] = [[]];
  let size = 0;
  for (const row of rows) {
    const more = bytesOf(row);
    if (size > 0 && size + more > STEP_BYTES) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(row);
    size += more;
  }
  return parts;
}

/** An entry whose steps do not fit into one document becomes several: those before it carry steps alone. */
export function inEntries(entry: JournalEntry): JournalEntry[] {
  const { steps = [], ...rest } = entry;
  const carrier = { ...rest, event: SENT, detail: { part: 100, of: 100 }, steps: [] };
  const room = ENTRY_BYTES - bytesOf(carrier);
  const chunks: JournalStep[][] = [];
  let size = room;
  for (const step of steps) {
    const more = bytesOf(step) + 1;
    if (size + more > room) {
      chunks.push([]);
      size = 0;
    }
    chunks.at(-1)?.push(step);
    size += more;
  }
  const last = chunks.at(-1);
  const together = last && bytesOf({ ...rest, steps: last }) <= ENTRY_BYTES ? chunks.pop() : undefined;
  const of = chunks.length + 1;
  return [
    ...chunks.map((some, index) => ({ ...rest, event: SENT, detail: { part: index + 1, of }, steps: some })),
    { ...rest, ...(together && { steps: together }) },
  ];
}

/** Of an entry that only carries steps. */
export const SENT = "sent-to-ifs";
