import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { HOST_RULES, type MerchantCenter, startMerchantCenter } from "../sandbox/merchant-center/merchant-center.ts";
import { buildMcApp } from "../scripts/mc-app.ts";
import { freePort } from "../scripts/processes.ts";
import { scan } from "./merchant-center-axe.ts";
import { overviewFixture } from "./merchant-center-fixture.ts";
import { visitOverview, withPage } from "./merchant-center-page.ts";
import { type OverviewService, type Project, startOverviewService, startProject } from "./merchant-center-stand-ins.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const PROJECT = "sandbox-shop";

let site: string;
let merchantCenter: MerchantCenter;
let project: Project;
let service: OverviewService;

beforeAll(async () => {
  // The HTML carries the port, so it has to be known before anything listens.
  const port = await freePort(0);
  const { dir } = await buildMcApp({ root, port, entryPointUriPath: "ifs-cloud" });
  site = dirname(dir);
  project = await startProject(PROJECT);
  merchantCenter = await startMerchantCenter({
    port,
    appDir: dir,
    commercetoolsUrl: project.url,
    projectKey: PROJECT,
    entryPointUriPath: "ifs-cloud",
  });
  service = await startOverviewService({
    issuer: merchantCenter.issuer,
    projectKey: PROJECT,
    overview: overviewFixture,
  });
}, 900_000);

afterAll(async () => {
  await merchantCenter?.close();
  await service?.close();
  await project?.close();
  // Its name carries a port of this run alone; nobody would ever use it again.
  if (site) await rm(site, { recursive: true, force: true });
});

beforeEach(async () => {
  await signIn({ user: "manager", language: "en" });
  project.install(service.serviceUrl);
  service.answer(200, overviewFixture);
  service.sessions.length = 0;
});

test("a manager sees flows, figures and exceptions inside the Merchant Center, from the service's real answer", async () => {
  const visit = await visitOverview({
    pageUrl: merchantCenter.url,
    hostRules: HOST_RULES,
    screenshotPath: join(root, "artifacts", "merchant-center.png"),
  });
  expect(visit).toEqual({
    title: "IFS Cloud",
    flows: [
      "Orders to IFS Every shop order becomes one customer order in IFS. As soon as it happens. Running well Shop → IFS Owner: commercetools 19 seconds ago 10:29 AM 19 seconds ago 10:29 AM 148 146 2",
      "Order check Finds orders that did not get through and sends them again. Every 5 minutes. Running well Shop → IFS Owner: commercetools 3 minutes ago 10:27 AM 3 minutes ago 10:27 AM 150 1 0",
      "Stock What IFS can deliver becomes the stock of the shop. Every 5 minutes. No run since 07:30, although one is due every five minutes. Silent IFS → Shop Owner: IFS Cloud 2 hours ago 8:30 AM 2 hours ago 8:30 AM 12,480 311 0",
      "Prices IFS price lists become the prices of the shop. Every 15 minutes. IFS refuses the price list SE-WEB: the user has no grant on company 20. Failing IFS → Shop Owner: IFS Cloud 15 minutes ago 10:15 AM 11 hours ago Mar 2, 11:15 PM 540 12 3",
      "Delivery status Deliveries with tracking, states and cancellations from IFS reach the shop order. Every 5 minutes. Never ran IFS → Shop Owner: IFS Cloud Never Never 0 0 0",
    ],
    exceptions: [
      "The total in the shop is 0.01 EUR above what IFS calculates. totalsDiffer W-100231 (opens in a new tab) Order Check the tax code of freight charge FRT in IFS, then retry the order. Finance 43 hours ago Mar 1, 3:05 PM 5",
      "IFS has no sales part GIFT-CARD-50 on site 10. unmappedSku W-100245 (opens in a new tab) Order Create the sales part in IFS or declare the SKU as not handled by IFS. Merchant 50 minutes ago 9:40 AM 2",
      "The stock would fall from 1,200 to 0 in one run. heldForReview SKU-0042 in Hamburg SKU Confirm the count in IFS. The change is held until somebody releases it. IFS administrator 2 hours ago 8:30 AM 1",
    ],
    navigationEntry: true,
    consoleErrors: [],
  });
  expect(service.sessions).toEqual([
    {
      userId: "7c1f6a52-58a4-4f0a-9f2b-000000000001",
      projectKey: PROJECT,
      userPermissions: ["viewIfsCloud", "manageIfsCloud"],
    },
  ]);
  expect(await askGateway("/sandbox/unknown-operations")).toEqual([]);
});

test("a view-only user sees the same page, marked, and the service learns that there is no manage permission", async () => {
  await signIn({ user: "viewer" });
  const marks = await open(async (page) => {
    await page.locator("#flows").waitFor();
    return page.getByText("View only").count();
  });
  expect({ marks, sessions: service.sessions }).toEqual({
    marks: 1,
    sessions: [
      { userId: "7c1f6a52-58a4-4f0a-9f2b-000000000002", projectKey: PROJECT, userPermissions: ["viewIfsCloud"] },
    ],
  });
});

test("a user without the View permission gets neither the page nor a call to the service", async () => {
  await signIn({ user: "stranger" });
  await open((page) => page.getByRole("heading", { name: "We could not find what you are looking for" }).waitFor());
  expect(service.sessions).toEqual([]);
});

test("a German user reads German", async () => {
  await signIn({ language: "de" });
  const headings = await open(async (page) => {
    await page.locator("#flows").waitFor();
    return page.getByRole("heading", { level: 2 }).allInnerTexts();
  });
  expect(headings).toEqual(["Abläufe", "Offene Ausnahmen (3)"]);
});

test.each([
  ["before installation", () => project.install(undefined), "notInstalled"],
  ["while the service is away", () => project.install("http://127.0.0.1:9/service"), "unreachable"],
  ["where the service does not accept the session", () => service.answer(403, {}), "refused"],
  ["where the service fails", () => service.answer(500, {}), "failed"],
])("the page says what is wrong %s, and comes back by itself", async (_name, breakIt, problem) => {
  breakIt();
  await open(async (page) => {
    await page.locator(`[role=alert][data-problem=${problem}]`).waitFor();
    project.install(service.serviceUrl);
    service.answer(200, overviewFixture);
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.locator("#flows").waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  });
});

test("the page fits a laptop's window, works by keyboard, and passes an accessibility scan", async () => {
  const axe = await readFile(join(root, "mc-app", "node_modules", "axe-core", "axe.min.js"), "utf8");
  const found = await open(
    async (page) => {
      await page.locator("#exceptions").waitFor();
      const hidden = await page.evaluate(() =>
        [...document.querySelectorAll("#flows table, #exceptions table")].map((table) => {
          const frame = table.parentElement as HTMLElement;
          const beyondFrame = frame.scrollWidth - frame.clientWidth;
          const beyondWindow = Math.max(0, frame.getBoundingClientRect().right - window.innerWidth);
          return beyondFrame + beyondWindow;
        }),
      );
      // From the headline number to its list, and on to the first filter, without a mouse.
      await page.getByRole("link", { name: /^Open exceptions/ }).focus();
      await page.keyboard.press("Enter");
      const reached = await page.evaluate(() => document.activeElement?.id);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      const rows = await page.locator("#exceptions tbody tr").count();
      await page.evaluate(axe);
      return { hidden, reached, rows, violations: await scan(page) };
    },
    { width: 1_366, height: 768 },
  );
  expect(found).toEqual({ hidden: [0, 0], reached: "exceptions", rows: 1, violations: [] });
});

function open<T>(visit: (page: Page) => Promise<T>, viewport?: { width: number; height: number }): Promise<T> {
  return withPage({ pageUrl: merchantCenter.url, hostRules: HOST_RULES, viewport }, visit);
}

async function signIn(visit: { user?: string; language?: string }) {
  const answer = await fetch(`${merchantCenter.issuer}/sandbox/user`, { method: "POST", body: JSON.stringify(visit) });
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}: ${await answer.text()}`);
}

async function askGateway(path: string): Promise<unknown> {
  return (await fetch(merchantCenter.issuer + path)).json();
}
