/** A simulation as a chart in the terminal: ERP calls to the right, oversold orders upwards. */
import { type Point, plot } from "simple-ascii-chart";
import type { Evaluation } from "../core/src/flows/threshold-simulation/evaluate.ts";

export function plotOf({ candidates }: Evaluation, riskGoal: number): string[] {
  const points = candidates
    .map(({ callShare, risk }): Point => [Math.round(callShare * 10_000) / 100, Math.round(risk * 100) / 100])
    .sort((a, b) => a[0] - b[0]);
  const highest = Math.max(...points.map(([, risk]) => risk));
  if (points.length < 2 || highest === 0) return [];
  return plot(points, {
    width: 60,
    height: 12,
    title: "oversold orders per 10,000, by the share of checkouts that call the ERP (%)",
    showTickLabel: true,
    formatter: (value) => Number(value.toFixed(2)),
    customXAxisTicks: ticksOf(points.map(([calls]) => calls)),
    customYAxisTicks: ticksOf(points.map(([, risk]) => risk)),
    ...(riskGoal <= highest && { thresholds: [{ y: riskGoal }] }),
  }).split("\n");
}

/** The ends and two between: one for each candidate would stand in one another's way. */
function ticksOf(values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return [0, 1, 2, 3].map((third) => Math.round((least + ((most - least) * third) / 3) * 100) / 100);
}
