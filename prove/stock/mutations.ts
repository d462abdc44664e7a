/**
 * Changes of the product that are made while its modules are loaded, so that it knows nothing of them: defects that have to be
 * noticed, and the naive strategies, which differ from the product in what they aim at alone. Text that is not found makes the run fail.
 */
import type { Hunted } from "../hunt.ts";
import type { Mutation } from "../plant.ts";

const plan = "core/src/flows/stock-sync/plan.ts";
const site = "core/src/flows/stock-sync/site.ts";
const reads = "core/src/flows/stock-sync/reads.ts";
const inFlight = "core/src/domain/in-flight.ts";

export const defects: readonly (Mutation & Hunted)[] = [
  {
    name: "entry but not in-flight re-read on 409",
    skips: 10,
    edits: [
      {
        file: site,
        find: "const current = await readSurely(desired);",
        replace:
          "const current = { ...(await readSurely(desired)), inFlight: globalThis.inFlightBefore.get(run) ?? [] };",
      },
      {
        file: site,
        find: "if (options.counts) run.seen.entries += current.entries.size;",
        replace:
          "globalThis.inFlightBefore ??= new WeakMap(); globalThis.inFlightBefore.set(run, current.inFlight); if (options.counts) run.seen.entries += current.entries.size;",
      },
    ],
  },
  {
    name: "stock read before demand",
    skips: 40,
    edits: [
      {
        file: reads,
        find: "const demand = await run.deps.stock.openDemand(run.contract, partNos);",
        replace:
          "const rows = await run.deps.stock.stockRows(run.contract, partNos); const demand = await run.deps.stock.openDemand(run.contract, partNos);",
      },
      { file: reads, find: "const rows = await run.deps.stock.stockRows(run.contract, partNos);\n", replace: "\n" },
    ],
  },
  {
    name: "no age rule",
    skips: 40,
    edits: [{ file: inFlight, find: "now - (cancelledAt ?? createdAt) < YOUNG_MS;", replace: "Number.isNaN(now);" }],
  },
  {
    name: "containment by link alone",
    skips: 215,
    edits: [
      {
        file: inFlight,
        find: "const rest = lines.map(({ ordered }) => ordered);",
        replace:
          "if (order.orderNo !== undefined) return lines.map(() => ZERO); const rest = lines.map(({ ordered }) => ordered);",
      },
    ],
  },
  {
    name: "absolute write",
    edits: [
      {
        file: site,
        find: "[...quantityActions(action.by), ...action.terms]",
        replace: `[{ action: "changeQuantity", quantity: action.to }, ...action.terms]`,
      },
    ],
  },
  {
    name: "two channels on a pool without sharing",
    edits: [
      { file: "core/src/domain/availability.ts", find: "const share = upTo - given;", replace: "const share = units;" },
      {
        file: plan,
        find: "const to = reachable(stands, target, { most, free: room.free() });",
        replace: "const to = target;",
      },
    ],
  },
  {
    name: "reserved lines are looked at once",
    skips: 25,
    edits: [
      {
        file: "core/src/flows/stock-sync/second-look.ts",
        find: "if (sites.length === 0 && !figures.peers) return current;",
        replace: "return current;",
      },
    ],
  },
  {
    name: "figures of any age",
    skips: 40,
    edits: [
      {
        file: site,
        find: "if (together && !desired.some((one) => agedBeyond(WRITE_WITHIN_MS, one))) return desired;",
        replace: "return desired;",
      },
      { file: site, find: "if (isRaise(change.apply) && agedBeyond(", replace: "if (false && agedBeyond(" },
    ],
  },
  {
    name: "pieces and packs of a part each show all of it",
    edits: [
      {
        file: "core/src/flows/stock-sync/shared.ts",
        find: "if (known.size > 1 || kits.containing(catalogNo).length > 0) shared.add(partNo);",
        replace: "",
      },
    ],
  },
  {
    name: "a channel of several sites without its orders in flight",
    skips: 8,
    edits: [
      {
        file: "core/src/domain/joint-stock.ts",
        find: "const raw = sumOf(rows.map(({ target }) => target)) - sold - owed;",
        replace: "const raw = sumOf(rows.map(({ target }) => target)) - owed;",
      },
    ],
  },
  {
    name: "a kit's orders in flight do not come off its components",
    skips: 33,
    edits: [
      {
        file: inFlight,
        find: "return draws.map(({ partNo, factor, component = false }) => {",
        replace: "return draws.filter(({ component }) => !component).map(({ partNo, factor, component = false }) => {",
      },
    ],
  },
  {
    name: "a kit and a component sold alone each show all of it",
    skips: 33,
    edits: [
      {
        file: "core/src/flows/stock-sync/shared.ts",
        find: "if (known.size > 1 || kits.containing(catalogNo).length > 0) shared.add(partNo);",
        replace: "if (known.size > 1) shared.add(partNo);",
      },
    ],
  },
  {
    name: "an order of which IFS shows a line is contained as a whole",
    edits: [
      {
        file: inFlight,
        find: "const known = accountedFor(order, shown, reported);",
        replace:
          "const known = accountedFor(order, shown, reported); if (known.length > 0) return lines.map(() => ZERO);",
      },
    ],
  },
  {
    name: "what IFS cancelled or shipped of a line that was taken off stands for another",
    edits: [{ file: inFlight, find: "take(rest, lines, passedOn(line),", replace: "take(rest, lines, line," }],
  },
  {
    name: "packs rounded up",
    skips: 13,
    edits: [
      {
        file: "core/src/domain/availability.ts",
        find: "> 0 ? MOST_UNITS : floorToInteger(units);",
        replace: "> 0 ? MOST_UNITS : Math.ceil(Number(units));",
      },
    ],
  },
];

/** IFS's figure as it is, whatever the shop has sold meanwhile. */
export const absoluteSet: Mutation = {
  name: "absolute set of IFS's figure",
  edits: [
    {
      file: "core/src/flows/stock-sync/targets.ts",
      find: "const inFlight = inFlightOf(current.inFlight, part.partNo, drawsOn(pool, current.channelIds));",
      replace: "const inFlight = inFlightOf([], part.partNo, drawsOn(pool, current.channelIds));",
    },
  ],
};

/** What IFS's figure changed since the last run, whatever the entry shows. */
export const blindIncrement: Mutation = {
  name: "blind increment",
  edits: [
    ...absoluteSet.edits,
    {
      file: plan,
      find: "    const to = reachable(stands, target, { most, free: room.free() });\n",
      replace: `
    const known = globalThis.figuresOfLastRun ??= new Map();
    const place = desired.sku + slot.supplyChannel;
    const to = stands + (entry ? target - (known.get(place) ?? target) : target);
    known.set(place, target);
`,
    },
  ],
};

export const mutations = [...defects, absoluteSet, blindIncrement];
