/** An accessibility scan of what a real browser shows. */
import type { Page } from "playwright-core";

/** Violations of WCAG 2.2 A and AA inside a part of the page, on which axe has been loaded; the Merchant Center's own frame around it is not ours. */
export function scan(page: Page, part = "main"): Promise<string[]> {
  return page.evaluate(async (selector) => {
    const { axe } = globalThis as unknown as { axe: { run(context: unknown, options: unknown): Promise<AxeResult> } };
    const main = document.querySelector(selector) ?? document.body;
    const result = await axe.run(main, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] });
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  }, part);
}

type AxeResult = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
