/** The page about stock in a real browser: the Merchant Center's gateway, service-app's own routes, and both served models. */
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { placeOrder } from "../sandbox/commercetools/shopper.ts";
import { HOST_RULES } from "../sandbox/merchant-center/merchant-center.ts";
import { SHOP_PROJECT_KEY } from "../sandbox/seed/commercetools-shop.ts";
import { buildMcApp } from "../scripts/mc-app.ts";
import { freePort } from "../scripts/processes.ts";
import { shopper } from "../scripts/story.ts";
import { scan } from "./merchant-center-axe.ts";
import { takeScreenshot, withPage } from "./merchant-center-page.ts";
import { admin, root, sandbox, shop } from "./served/doctor-fixture.ts";
import { entryOf, openStockService, type StockService, shown } from "./served/stock-service-fixture.ts";

const HOUR = 3_600_000;
/** Stocked at site 101, sold by the piece, and by no other SKU. */
const [EXPLAINED, ...CUT] = ["HN.M5.A2", "HN.M6.A2", "HN.M6.A4", "HN.M8.A2"] as const;

let site: string;
let bench: StockService;

beforeAll(async () => {
  // The HTML carries the port, so it has to be known before anything listens.
  const port = await freePort(0);
  const { dir } = await buildMcApp({ root, port, entryPointUriPath: "ifs-cloud" });
  site = dirname(dir);
  bench = await openStockService({ port, appDir: dir });
  for (const part of [EXPLAINED, ...CUT]) {
    await sandbox("clerk/receive", { part, site: "101", qty: "200", location: "PICK-01" });
  }
  await bench.run(Date.now() - HOUR);
}, 900_000);

afterAll(async () => {
  await bench?.close();
  // Its name carries a port of this run alone; nobody would ever use it again.
  if (site) await rm(site, { recursive: true, force: true });
});

test("a manager explains a SKU, synchronises it, releases held cuts, and sees what became of them", async () => {
  const before = CUT.map((sku) => shown(sku) ?? 0);
  for (const part of CUT) await sandbox("clerk/issue", { part, site: "101", qty: "190", location: "PICK-01" });
  await bench.run(Date.now() - HOUR / 2);
  expect(CUT.map(shown)).toEqual(before);
  await sandbox("clerk/sell", { catalogNo: EXPLAINED, site: "101", qty: "4", reserve: false });
  const order = await placeOrder({
    url: shop.url,
    projectKey: SHOP_PROJECT_KEY,
    lines: [{ sku: EXPLAINED, quantity: 2, externalPrice: 199, supplyChannelKey: "hamburg" }],
    country: shopper.country,
    currency: shopper.currency,
    customerEmail: shopper.customerEmail,
    shippingAddress: shopper.address,
    shippingMethodKey: shopper.shippingMethodKey,
    inventoryMode: "None",
  });
  const { id, version } = order as { id: string; version: number };
  await admin.post(`/orders/${id}`, { version, actions: [{ action: "setOrderNumber", orderNumber: "W-7" }] });

  const seen = await open(async (page, consoleErrors) => {
    await page.getByRole("link", { name: "Stock", exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "Stock" }).waitFor();

    const hold = page.locator("[data-hold=cuts]");
    await hold.waitFor();
    await takeScreenshot(page, join(root, "artifacts", "merchant-center-stock-held.png"));

    // Explains, by keyboard.
    await page.getByLabel("SKU", { exact: true }).fill(EXPLAINED);
    await page.keyboard.press("Enter");
    const channel = page.locator("[data-channel=hamburg]");
    await channel.waitFor();
    const derivation = await rowsOf(channel.locator("[data-derivation] tbody tr"));
    const links = await page
      .locator("article a[href*='/orders/']")
      .evaluateAll((all) => all.map((a) => [a.textContent, a.getAttribute("href")]));
    const address = new URL(page.url());

    await channel.getByText("Shop differs from IFS").waitFor();
    await page.getByRole("button", { name: "Synchronise this SKU now" }).click();
    await page.getByText("Done. One entry was written.").waitFor();
    await channel.getByText("Shop and IFS agree").waitFor();

    // What is held, and the question that comes before a release.
    const plan = await rowsOf(hold.locator("tbody tr"));
    await takeScreenshot(page, join(root, "artifacts", "merchant-center-stock.png"));
    const violations = await axe(page);
    await hold.getByRole("button", { name: `Release ${CUT.length} cuts` }).click();
    const dialog = page.getByRole("dialog");
    const question = await dialog.innerText();
    const violationsOfDialog = await axe(page, "[role=dialog]");
    await dialog.getByRole("button", { name: "Leave them held" }).click();
    await dialog.waitFor({ state: "detached" });
    await bench.run(Date.now() - HOUR / 4);
    const declined = CUT.map(shown);

    await hold.getByRole("button", { name: `Release ${CUT.length} cuts` }).click();
    await dialog.getByRole("button", { name: `Release ${CUT.length} cuts` }).click();
    await page.getByText(/^Released\. /).waitFor();
    await bench.run(Date.now());
    await page.reload();
    await page.getByText(/^Nothing is held\./).waitFor();
    return {
      ...{
        derivation,
        links,
        search: address.search,
        plan: plan.map((cells) => cells.slice(0, 3)).toSorted(),
        question,
      },
      ...{ violations, violationsOfDialog, declined, consoleErrors: [...consoleErrors] },
    };
  });

  const target = shown(EXPLAINED) ?? 0;
  const [last] = seen.derivation.slice(-1);
  expect(last?.slice(0, 3)).toEqual(["For the shop", "=", String(target)]);
  expect(seen.derivation.map(([term]) => term)).toEqual([
    "On hand",
    "Reserved in IFS",
    "Open orders in IFS, not reserved yet",
    "In flight: sold in the shop, not counted by IFS yet",
    "Left, inventory units",
    "Buffer",
    "For the shop",
  ]);
  const [onHand = 0, reserved = 0, demand = 0, inFlight = 0, , buffer = 0] = seen.derivation.map(([, , value]) =>
    Number(value),
  );
  expect(onHand - reserved - demand - inFlight - buffer).toBe(target);
  expect([demand, inFlight]).toEqual([4, 2]);
  expect(seen.links).toEqual([["W-7 (opens in a new tab)", `/${SHOP_PROJECT_KEY}/orders/${id}/general`]]);
  expect(seen.search).toBe(`?sku=${EXPLAINED}`);
  expect(seen.plan).toEqual(
    CUT.map((sku, index) => [sku, "hamburg", `${before[index]} → ${(before[index] ?? 0) - 190}`]).toSorted(),
  );
  expect(seen.question).toContain(`The next run may lower at most ${CUT.length} entries of site 101 by a large part.`);
  expect(seen.declined).toEqual(before);
  expect(CUT.map(shown)).toEqual(before.map((quantity) => quantity - 190));
  expect([seen.violations, seen.violationsOfDialog, seen.consoleErrors]).toEqual([[], [], []]);
});

test("what another client wrote is told among the last corrections, with who did it, and a viewer may look at it alone", async () => {
  const before = shown(EXPLAINED) ?? 0;
  const { id, version } = entryOf(EXPLAINED) ?? { id: "", version: 0 };
  await admin.post(`/inventory/${id}`, { version, actions: [{ action: "addQuantity", quantity: 50 }] });
  // Late enough for a full run.
  await bench.run(Date.now() + 2 * HOUR);
  expect(shown(EXPLAINED)).toBe(before);
  const found = await open(
    async (page) => {
      await signIn("viewer");
      await page.reload();
      await page.getByRole("link", { name: "Stock", exact: true }).click();
      await page
        .locator("#held")
        .getByText(/^Nothing is held/)
        .waitFor();
      const frames = await page.evaluate(() =>
        [...document.querySelectorAll("main table")].map((table) => {
          const frame = table.parentElement as HTMLElement;
          return Math.max(0, frame.getBoundingClientRect().right - window.innerWidth);
        }),
      );
      return {
        frames: frames.filter((beyond) => beyond > 0),
        freshness: await page.locator("#freshness tbody tr").count(),
        corrections: await rowsOf(page.locator("#corrections tbody tr")),
        buttons: await page.locator("main").getByRole("button").allInnerTexts(),
      };
    },
    { width: 900, height: 700 },
  );
  expect(found).toMatchObject({ frames: [], freshness: 3, buttons: ["Show"] });
  expect(found.corrections.map((cells) => cells.slice(0, 3))).toContainEqual([
    ...[EXPLAINED, "Hamburg, site 101", `${before + 50} → ${before}`],
  ]);
  const told = found.corrections.find(([sku]) => sku === EXPLAINED)?.join(" ");
  expect(told).toMatch(/Another API client had written the entry .* API client admin/);
});

const axe = async (page: Page, part?: string): Promise<string[]> => {
  await page.evaluate(await readFile(join(root, "mc-app", "node_modules", "axe-core", "axe.min.js"), "utf8"));
  return scan(page, part);
};

async function rowsOf(rows: ReturnType<Page["locator"]>): Promise<string[][]> {
  return rows.evaluateAll((all) =>
    all.map((row) => [...row.children].map((cell) => (cell as HTMLElement).innerText.replaceAll(/\s+/g, " ").trim())),
  );
}

function open<T>(
  visit: (page: Page, consoleErrors: readonly string[]) => Promise<T>,
  viewport?: { width: number; height: number },
): Promise<T> {
  return withPage({ pageUrl: bench.merchantCenter.url, hostRules: HOST_RULES, viewport }, visit);
}

async function signIn(user: string) {
  const body = JSON.stringify({ user });
  const answer = await fetch(`${bench.merchantCenter.issuer}/sandbox/user`, { method: "POST", body });
  if (!answer.ok) throw new Error(`the sandbox answered ${answer.status}: ${await answer.text()}`);
}
