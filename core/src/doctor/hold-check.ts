/** What the facts about holds mean. Pure. */
import { callerShardKey } from "../ct/caller-carts.ts";
import { containers } from "../ct/documents.ts";
import { holdShardKey } from "../ct/holds.ts";
import type { Attempt } from "./attempt.ts";
import { counted, type Diagnosis, type Finding, said } from "./finding.ts";
import type { HoldFacts, ShardFacts } from "./hold-facts.ts";
import type { DoctorConfig } from "./scope.ts";

/** One finding names so many. */
const NAMED = 5;

const base = { severity: "error", owner: "operator" } as const;
const CREATE = "Run the post-deploy script of service-app again (a new deployment does): it creates what is missing.";

type Kind = { readonly container: string; readonly keyOf: (shard: number) => string; readonly harm: string };

const kinds: Readonly<Record<keyof HoldFacts, Kind>> = {
  holds: {
    container: containers.holds,
    keyOf: holdShardKey,
    harm: "whether a part whose holds belong there can still be ordered is left to the fail policy, so that two checkouts may be told of the same unit",
  },
  callerCarts: {
    container: containers.callerCarts,
    keyOf: callerShardKey,
    harm: "the servers of the shop whose carts are counted there cannot hold anything",
  },
};

export function checkHolds(facts: Attempt<HoldFacts>, { atp, stock }: DoctorConfig): Diagnosis {
  if (atp.holds.mode === "off") return { findings: [], seen: ["holds: switched off"] };
  if (stock.direction === "commercetools") return { findings: [], seen: [] };
  if (!facts.ok) {
    const message = said(`The documents of holds could not be read: ${facts.error.message}`);
    const action = "Try again; see status.commercetools.com, and the scopes of the API client.";
    return { seen: [], findings: [{ ...base, check: "ct.holds", subject: "holds", message, action }] };
  }
  const { holds, callerCarts } = facts.value;
  return {
    seen: [`holds: ${counted(holds.shards + callerCarts.shards, "document")} looked at`],
    findings: [...findingsOf(kinds.holds, holds), ...findingsOf(kinds.callerCarts, callerCarts)],
  };
}

function findingsOf({ container, keyOf, harm }: Kind, { shards, missing, damaged }: ShardFacts): Finding[] {
  const found: Finding[] = [];
  const add = (numbers: readonly number[], what: string, action: string) => {
    if (numbers.length === 0) return;
    const names = numbers.slice(0, NAMED).map(keyOf).join(", ");
    const more = numbers.length > NAMED ? ` and ${numbers.length - NAMED} more` : "";
    const message = `Of ${shards} documents in ${container}, ${numbers.length} ${what}: ${names}${more}. With the check at checkout, ${harm}.`;
    found.push({ ...base, check: "ct.holds", subject: container, message, action });
  };
  add(missing, missing.length === 1 ? "is missing" : "are missing", CREATE);
  add(damaged, "cannot be read", `Delete what cannot be read, with what it holds, then: ${CREATE}`);
  return found;
}
