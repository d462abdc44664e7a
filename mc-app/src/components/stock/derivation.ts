import type { TextId, TextValues } from "../../hooks/use-text.ts";
import type { Channel } from "./parse-stock.ts";

/** One line of a calculation that a person can follow with a pencil. */
export type Step = {
  term: TextId;
  values?: TextValues;
  sign: "" | "+" | "−" | "÷" | "=";
  /** As the service has it: inventory units as decimal text, sales units as numbers. */
  value: string | number;
  /** What is special about this line. */
  note?: { id: TextId; values?: TextValues };
};

const isBelowZero = (decimal: string): boolean => decimal.startsWith("-");

/** From what lies in the warehouse to the number for the shop, with the terms of the service; nothing is calculated again. */
export function derivationOf(channel: Channel): Step[] {
  return [...inventoryUnits(channel), ...salesUnits(channel), ...ofChannel(channel), ...ofSum(channel)];
}

/** The number that the shop should show. */
export const targetOf = ({ sum, target }: Channel): number => sum?.target ?? target;

function inventoryUnits({ onHand, inTransit, reserved, demand, inFlight, raw, sum }: Channel): Step[] {
  return [
    { term: "Term.onHand", sign: "", value: onHand },
    ...(inTransit === undefined ? [] : [{ term: "Term.inTransit", sign: "+", value: inTransit } satisfies Step]),
    { term: "Term.reserved", sign: "−", value: reserved },
    { term: "Term.demand", sign: "−", value: demand },
    // What comes off the sum of several sites comes off none of them.
    ...(sum ? [] : [{ term: "Term.inFlight", sign: "−", value: inFlight } satisfies Step]),
    {
      term: "Term.left",
      sign: "=",
      value: raw,
      ...(isBelowZero(raw) && { note: { id: "Term.belowZero" } }),
    },
  ];
}

function salesUnits({ raw, factor, units, shared, ended }: Channel): Step[] {
  const isWhole = factor.factor === factor.inverted;
  const steps: Step[] = [];
  if (!isWhole) {
    const each = factor.inverted === "1" ? factor.factor : `${factor.factor}/${factor.inverted}`;
    steps.push({ term: "Term.factor", sign: "÷", value: each });
  }
  if (ended !== undefined) {
    return [...steps, { term: "Term.units", sign: "=", value: units, note: { id: "Term.ended", values: { ended } } }];
  }
  if (shared && (shared.sharers > 1 || shared.components !== undefined)) {
    const note = sharedNote(shared);
    return [...steps, { term: "Term.units", sign: "=", value: units, ...(note && { note }) }];
  }
  if (!isWhole || String(units) !== raw) steps.push({ term: "Term.units", sign: "=", value: units });
  return steps;
}

function sharedNote({ sharers, components }: NonNullable<Channel["shared"]>): Step["note"] {
  if (components !== undefined) return { id: "Term.scarcest", values: { components, sharers } };
  return { id: "Term.shared", values: { sharers } };
}

function ofChannel({ units, share, buffer, bufferClass, target }: Channel): Step[] {
  const steps: Step[] = [];
  if (share !== units) steps.push({ term: "Term.share", sign: "=", value: share });
  steps.push(bufferStep(buffer, bufferClass));
  steps.push({
    term: "Term.target",
    sign: "=",
    value: target,
    ...(share < buffer && { note: { id: "Term.belowBuffer" } }),
  });
  return steps;
}

const bufferStep = (buffer: number, bufferClass: string | undefined): Step =>
  bufferClass === undefined
    ? { term: "Term.buffer", sign: "−", value: buffer }
    : { term: "Term.bufferOf", values: { bufferClass }, sign: "−", value: buffer };

function ofSum({ sum }: Channel): Step[] {
  if (!sum) return [];
  const { parts, sold, owed, buffer, target, unread } = sum;
  const rest = parts.reduce((total, { units }) => total + units, 0) - sold - owed - buffer;
  const note: Step["note"] =
    unread.length > 0
      ? { id: "Term.unread", values: { sites: unread.join(", ") } }
      : rest < 0
        ? { id: "Term.belowZero" }
        : undefined;
  return [
    ...parts.map(
      ({ site, pool, units }, index): Step => ({
        term: "Term.part",
        values: { site, pool },
        sign: index === 0 ? "" : "+",
        value: units,
      }),
    ),
    { term: "Term.sold", sign: "−", value: sold },
    { term: "Term.owed", sign: "−", value: owed },
    { term: "Term.sumBuffer", sign: "−", value: buffer },
    { term: "Term.together", sign: "=", value: target, ...(note && { note }) },
  ];
}
