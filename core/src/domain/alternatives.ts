/** Out of which other supply channels an order may be offered what its own has not. Pure. */
import type { Route } from "./route-config.ts";

type Condition = keyof Route["when"];

/**
 * What is known of an order before it is one, as its route asks for it: keys, not ids. Empty: the order has none. Absent: not known. A
 * channel or supply channel is that of each line, an empty text for a line without one.
 */
export type KnownFacts = Readonly<Partial<Record<Condition, readonly string[]>>>;

type Holds = "yes" | "no" | "unknown";

/**
 * Keys of the supply channels that every route names which the order may take: the first one that surely matches, and those before it
 * that may. What is not known of an order thus never offers more than its route allows.
 */
export function alternativeChannels(routes: readonly Route[], facts: KnownFacts): string[] {
  const possible: Route[] = [];
  for (const route of routes) {
    const matches = matchOf(route, facts);
    if (matches !== "no") possible.push(route);
    if (matches === "yes") break;
  }
  const [first, ...others] = possible;
  return (first?.alternatives ?? []).filter((key) => others.every(({ alternatives }) => alternatives.includes(key)));
}

function matchOf({ when }: Route, facts: KnownFacts): Holds {
  const each = (Object.keys(when) as Condition[]).map((condition) => holds(when[condition], facts, condition));
  if (each.includes("no")) return "no";
  return each.includes("unknown") ? "unknown" : "yes";
}

function holds(wanted: string | readonly string[] | undefined, facts: KnownFacts, condition: Condition): Holds {
  if (wanted === undefined) return "yes";
  const given = facts[condition];
  if (given === undefined) return "unknown";
  return given.length > 0 && given.every((value) => [wanted].flat().includes(value)) ? "yes" : "no";
}
