/** The result of a simulation as a file: CSV for a spreadsheet, SVG (alone, or in a page) for a look. */
import type { Evaluated, Evaluation } from "../flows/threshold-simulation/evaluate.ts";

const columns: readonly (keyof Evaluated)[] = [
  "candidate",
  "risk",
  "riskLow",
  "riskHigh",
  "unitsPerTenThousand",
  "refusedPerTenThousand",
  "callShare",
  "askShare",
  "callsPerHour",
  "mostCallsPerHour",
];

/** One row per candidate. The names have no character that CSV would quote. */
export const toCsv = ({ candidates, knee, chosen }: Evaluation): string =>
  [
    [...columns, "mark"].join(","),
    ...candidates.map((each) => [...columns.map((column) => each[column]), markOf(each, { knee, chosen })].join(",")),
    "",
  ].join("\n");

export function markOf({ candidate }: Evaluated, { knee, chosen }: Pick<Evaluation, "knee" | "chosen">): string {
  const marks = [
    ...(candidate === chosen ? ["cheapest within the goal"] : []),
    ...(candidate === knee ? ["knee"] : []),
  ];
  return marks.join(" and ");
}

const [WIDTH, HEIGHT] = [760, 440];
const EDGE = { left: 70, right: 30, top: 40, bottom: 60 };

/** Calls to the right, oversells upwards with their intervals. */
export function toSvg(evaluation: Evaluation, title: string): string {
  const rows = evaluation.candidates.toSorted((a, b) => a.callShare - b.callShare);
  const mostCalls = Math.max(...rows.map(({ callShare }) => callShare), 1e-6) * 1.05;
  const mostRisk = Math.max(...rows.map(({ riskHigh }) => riskHigh), 1e-6) * 1.05;
  const x = (share: number) => round(EDGE.left + (share / mostCalls) * (WIDTH - EDGE.left - EDGE.right));
  const y = (risk: number) => round(HEIGHT - EDGE.bottom - (risk / mostRisk) * (HEIGHT - EDGE.top - EDGE.bottom));
  const ticks = [0, 0.25, 0.5, 0.75, 1];
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(WIDTH / 2, 20, title, 'text-anchor="middle" font-weight="bold"'),
    text(WIDTH / 2, HEIGHT - 12, "share of checkouts that call the ERP", 'text-anchor="middle"'),
    text(16, HEIGHT / 2, "oversold orders per 10,000", `text-anchor="middle" transform="rotate(-90 16 ${HEIGHT / 2})"`),
    ...ticks.flatMap((part) => [
      `<path d="M${EDGE.left} ${y(part * mostRisk)}H${WIDTH - EDGE.right}" stroke="#ddd"/>`,
      text(EDGE.left - 6, y(part * mostRisk) + 4, figure(part * mostRisk), 'text-anchor="end"'),
      text(x(part * mostCalls), HEIGHT - EDGE.bottom + 18, percent(part * mostCalls), 'text-anchor="middle"'),
    ]),
    `<polyline fill="none" stroke="#2a6fb0" stroke-width="2" points="${rows.map((row) => `${x(row.callShare)},${y(row.risk)}`).join(" ")}"/>`,
    ...rows.flatMap((row) => {
      const mark = markOf(row, evaluation);
      const [left, top] = [x(row.callShare), y(row.risk)];
      return [
        `<path d="M${left} ${y(row.riskLow)}V${y(row.riskHigh)}" stroke="#2a6fb0" opacity="0.5"/>`,
        `<circle cx="${left}" cy="${top}" r="${mark ? 6 : 4}" fill="${mark ? "#c0392b" : "#2a6fb0"}"/>`,
        text(left + 8, top - 8, mark ? `${row.candidate} (${mark})` : row.candidate, ""),
      ];
    }),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">${parts.join("\n")}</svg>\n`;
}

export const toHtml = (evaluation: Evaluation, title: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><body>${toSvg(evaluation, title)}</body></html>\n`;

const text = (x: number, y: number, value: string, attributes: string): string =>
  `<text x="${x}" y="${y}" ${attributes}>${escaped(value)}</text>`;

const escaped = (value: string): string =>
  value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const round = (value: number): number => Math.round(value * 10) / 10;

/** Two digits that count. */
export const figure = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
export const percent = (share: number): string => `${figure(share * 100)} %`;
