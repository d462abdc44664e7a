/** Drives the Merchant Center page in a real browser, for every story that has to look at it. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { findChromium } from "../scripts/browser.ts";

export type VisitOptions = {
  pageUrl: string;
  /** Chromium's `--host-resolver-rules`: what exists besides this machine. */
  hostRules: string;
  /** A PNG of the whole page; its folder is made. */
  screenshotPath?: string;
  viewport?: { width: number; height: number };
};

export type OverviewVisit = {
  title: string;
  /** One line per flow: name, state and figures, as a reader sees them. */
  flows: string[];
  exceptions: string[];
  /** Whether the application stands in the Merchant Center's own navigation. */
  navigationEntry: boolean;
  /** Of the page itself; calls to hosts that do not exist here (flags, avatars, fonts) are not among them. */
  consoleErrors: string[];
};

const DEADLINE_MS = 30_000;

/** Opens the overview, waits until flows and exceptions are there, and says what a visitor sees. */
export async function visitOverview(options: VisitOptions): Promise<OverviewVisit> {
  return withPage(options, async (page, consoleErrors) => {
    await page.locator("#flows").waitFor({ timeout: DEADLINE_MS });
    await page.locator("#exceptions").waitFor({ timeout: DEADLINE_MS });
    if (options.screenshotPath) await takeScreenshot(page, options.screenshotPath);
    return {
      title: (await page.getByRole("heading", { level: 1 }).textContent()) ?? "",
      flows: await readRows(page, "#flows"),
      exceptions: await readRows(page, "#exceptions"),
      navigationEntry: (await navigationEntry(page).count()) > 0,
      consoleErrors: [...consoleErrors],
    };
  });
}

/** A fresh browser context on the page, closed at the end whatever happens. */
export async function withPage<T>(
  options: Pick<VisitOptions, "pageUrl" | "hostRules" | "viewport">,
  visit: (page: Page, consoleErrors: readonly string[]) => Promise<T>,
): Promise<T> {
  const browser = await launch(options.hostRules);
  try {
    const context = await browser.newContext({
      viewport: options.viewport ?? { width: 1600, height: 1000 },
      locale: "en",
    });
    await showWideMenu(context);
    const page = await context.newPage();
    const consoleErrors = collectErrors(page);
    await page.goto(options.pageUrl, { timeout: DEADLINE_MS, waitUntil: "domcontentloaded" });
    return await visit(page, consoleErrors);
  } finally {
    await browser.close();
  }
}

async function launch(hostRules: string): Promise<Browser> {
  const choice = await findChromium();
  return chromium.launch({
    executablePath: choice.executablePath,
    args: [...choice.args, `--host-resolver-rules=${hostRules}`],
    timeout: DEADLINE_MS,
  });
}

/** The Merchant Center remembers whether its menu is open; open, it shows the names of its entries. */
async function showWideMenu(context: BrowserContext) {
  await context.addInitScript("window.localStorage.setItem('isForcedMenuOpen', 'true')");
}

function collectErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() !== "error") return;
    const at = message.location().url;
    if (isForeign(at) || isAboutForeign(message.text())) return;
    errors.push(`${message.text()} (${at})`);
  });
  return errors;
}

/** The shell asks for feature flags, avatars and fonts on the internet, which does not exist here. */
function isForeign(url: string): boolean {
  return URL.canParse(url) && !new URL(url).hostname.endsWith("localhost");
}

function isAboutForeign(text: string): boolean {
  return /launchdarkly/i.test(text);
}

async function readRows(page: Page, section: string): Promise<string[]> {
  const rows = await page.locator(`${section} tbody tr`).allInnerTexts();
  return rows.map((row) => row.replaceAll(/\s+/g, " ").trim());
}

function navigationEntry(page: Page) {
  return page.getByRole("navigation").getByText("IFS Cloud", { exact: true });
}

/** Of the whole page, to a PNG. */
export async function takeScreenshot(page: Page, path: string) {
  await mkdir(dirname(path), { recursive: true });
  // The Merchant Center scrolls a part of the page, so "full page" means a window tall enough for that part.
  const hidden = await page.evaluate(() => {
    const scrolling = [...document.querySelectorAll("*")].map((element) => element.scrollHeight - element.clientHeight);
    return Math.max(0, ...scrolling);
  });
  const viewport = page.viewportSize();
  if (viewport) await page.setViewportSize({ ...viewport, height: Math.min(viewport.height + hidden, 4_000) });
  await page.screenshot({ path });
}
