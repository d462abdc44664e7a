/** Prints what `interruptEveryStep` found; fails where it found anything, or no steps. */
import { interruptEveryStep } from "./steps.ts";

const report = await interruptEveryStep();
process.stdout.write(`${JSON.stringify(report)}\n`);
if (report.findings.length > 0 || report.steps < 10) process.exitCode = 1;
