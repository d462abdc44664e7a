import { fireEvent, screen, waitFor, within } from "@commercetools-frontend/application-shell/test-utils";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Answer, answerByPath, openPage, server } from "../../test/merchant-center.tsx";
import { channel, corrections, explanation, freshness, held, right } from "../../test/stocks.ts";

beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse("2026-03-03T09:30:00.000Z"), toFake: ["Date"] });
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const good = (body: unknown): Answer => ({ status: 200, body });
const refusal = (status: number, code: string, words: object = { message: "in words" }): Answer => ({
  status,
  body: { error: { code, ...words } },
});
const BOLT = "GET /mc/stock?sku=BOLT%2F1";

const everything: Record<string, Answer[]> = {
  "GET /mc/stock/freshness": [good(freshness)],
  "GET /mc/stock/held": [good(held)],
  "GET /mc/stock/corrections": [good(corrections)],
  [BOLT]: [good(explanation)],
};
const open = (answers: Record<string, Answer[]> = {}, options: Parameters<typeof openPage>[0] = {}) => {
  const { asked } = answerByPath({ ...everything, ...answers });
  openPage({ page: "/stock", ...options });
  return asked;
};
const openBolt = (answers: Record<string, Answer[]> = {}, options: Parameters<typeof openPage>[0] = {}) =>
  open(answers, { page: "/stock?sku=BOLT%2F1", ...options });

const textsOf = (table: HTMLElement) =>
  within(table)
    .getAllByRole("row")
    .slice(1)
    .map((row) => Array.from(row.children, (cell) => cell.textContent));

describe("a SKU", () => {
  it("is found by its field, and its derivation ends in the number of the shop", async () => {
    open();
    fireEvent.change(await screen.findByLabelText("SKU"), { target: { value: " BOLT/1 " } });
    fireEvent.click(screen.getByRole("button", { name: "Show" }));
    const shown = await screen.findByRole("region", { name: "hamburg (pool Hamburg)" });
    expect(textsOf(within(shown).getByRole("table"))).toEqual([
      ["On hand", "", "40", ""],
      ["Reserved in IFS", "−", "5", ""],
      ["Open orders in IFS, not reserved yet", "−", "4", ""],
      ["In flight: sold in the shop, not counted by IFS yet", "−", "2", ""],
      ["Left, inventory units", "=", "29", ""],
      ["Buffer", "−", "3", ""],
      ["For the shop", "=", "26", ""],
    ]);
    expect(shown).toHaveTextContent("The shop shows 30 on stock, 28 of them available; by IFS it should be 26.");
    expect(shown).toHaveTextContent("by user u-7");
    expect(shown).toHaveTextContent("On hand, but not counted: frozen for a count 7.");
    expect(within(shown).getByText("Shop differs from IFS")).toBeInTheDocument();
    // The hold of the page names this very entry.
    expect(shown).toHaveTextContent("The change to 26 is held until somebody releases it");
  });

  it("comes with rows, IFS order lines, and orders in flight that are linked by their number", async () => {
    openBolt();
    expect(textsOf(await screen.findByRole("table", { name: "Orders in flight" }))).toEqual([
      [...["W-100231 (opens in a new tab)", "Not in IFS yet", "Mar 3, 2026, 10:29 AM", "BOLT/1", "hamburg", "2"]],
    ]);
    expect(screen.getByRole("link", { name: /W-100231/ })).toHaveAttribute(
      "href",
      "/sandbox-shop/orders/order%2F1/general",
    );
    expect(textsOf(screen.getByRole("table", { name: "Order lines in IFS" }))).toEqual([
      ["P10001, line 1/2", "P-1", "Released", "4"],
    ]);
    expect(textsOf(screen.getByRole("table", { name: "Stock rows in IFS" }))).toEqual([
      ["PICK-01W1, Picking", "P-1", "40", "5", "Hamburg: counts"],
      ["PICK-02", "P-1", "7", "0", "Hamburg: frozen for a count"],
    ]);
  });

  it.each<[string, unknown, RegExp]>([
    ["without hold", { ...explanation, sku: "WASHER" }, /The next run writes 26\./],
    ["that is held beyond the plan's end", { ...explanation, sku: "PIN" }, /is held until somebody releases it/],
    ["that is right", right, /The next run has nothing to write\./],
    ["without entry", withChannel({ entry: null }), /The shop has no inventory entry; by IFS it should show 26\./],
    ["below zero", withChannel({ raw: "-2", units: 0, share: 0, target: 0 }), /Below zero: more is sold than there is/],
    ["that is untracked", { ...explanation, tracked: false, sites: [] }, /never writes its stock/],
    ["with a problem", { ...explanation, problems: ["No site sells it."], sites: [] }, /No site sells it\./],
  ])("%s is told in words", async (_, answer, words) => {
    openBolt({ [BOLT]: [good(answer)] });
    expect(await screen.findByText(words)).toBeInTheDocument();
  });

  it("of a channel that is too old is said to be stale", async () => {
    const stale = { channels: freshness.channels.map((each) => ({ ...each, stale: true })) };
    openBolt({ "GET /mc/stock/freshness": [good(stale)] });
    expect(await screen.findByText(/^Stale: runs brought this channel up to date 1 minute ago/)).toBeInTheDocument();
  });

  it.each<[string, Answer, RegExp]>([
    ["either system is down", refusal(503, "unavailable"), /IFS Cloud or commercetools does not answer/],
    ["the service is not there", { status: 502, body: {} }, /Try again\. If it stays like this for some minutes/],
    ["the service refuses it", refusal(400, "unreadable", { message: "sku: too long" }), /sku: too long/],
  ])("is not shown where %s, and the page says what to do", async (_, answer, words) => {
    openBolt({ [BOLT]: [answer] });
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveTextContent(words);
    expect(alert.textContent).toMatch(/\.$/);
    expect(screen.queryByText("For the shop")).not.toBeInTheDocument();
  });

  it.each<[string, Answer, RegExp, number]>([
    ["one entry", good({ processed: 1, changed: 1, failed: 0 }), /^Done\. One entry was written\.$/, 2],
    ["nothing to do", good({ processed: 1, changed: 0, failed: 0 }), /so nothing was written\.$/, 2],
    ["no sales part", good({ processed: 0, changed: 0, failed: 0 }), /no site sells this SKU/, 2],
    [
      "what is held",
      good({ processed: 1, changed: 0, failed: 0, waiting: 1, elsewhere: 0, message: "Held." }),
      /^One change is held or waits for a later run\./,
      2,
    ],
    [
      "what is refused",
      good({ processed: 1, changed: 0, failed: 2, waiting: 0, elsewhere: 0 }),
      /^2 records of it were refused\./,
      2,
    ],
    [
      "what belongs to others",
      good({ processed: 2, changed: 1, failed: 0, waiting: 0, elsewhere: 1 }),
      /^One finding is about other SKUs/,
      2,
    ],
    ["no answer", "connection refused", /It is not known whether it was done\. Look again/, 2],
    ["no permission", refusal(403, "forbidden"), /does not accept your session/, 2],
  ])("is synchronised on the button, whose outcome is told: %s", async (_, answer, words, looks) => {
    const asked = openBolt({ "POST /mc/stock/sync": [answer] });
    fireEvent.click(await screen.findByRole("button", { name: "Synchronise this SKU now" }));
    expect(await screen.findByText(words)).toBeInTheDocument();
    expect(asked.filter(({ method }) => method === "POST")).toEqual([
      { method: "POST", path: "/mc/stock/sync", body: { skus: ["BOLT/1"] } },
    ]);
    // What it shows is read again.
    await waitFor(() => expect(asked.filter(({ path }) => path === "/mc/stock?sku=BOLT%2F1")).toHaveLength(looks));
  });
});

describe("freshness", () => {
  it("tells the age of every supply channel, and which is too old", async () => {
    open();
    expect(textsOf(await screen.findByRole("table", { name: "How old the stock is" }))).toEqual([
      ["hamburg", "Hamburg, site 101", "Fresh", "1 minute ago10:29 AM"],
      ["munich", "Munich, site 102", "Too old", "2 hours ago8:30 AM"],
      ["gothenburg", "Gothenburg, site 201", "Waits for its first run", "Not yet"],
    ]);
    expect(screen.getByText(/^One supply channel is older than it may be\./)).toBeInTheDocument();
  });
});

describe("held changes", () => {
  const release = { site: "101", cuts: 3, until: "2026-03-03T11:30:00.000Z" };

  it("are shown with their number, share, reason and plan", async () => {
    open();
    const hold = await screen.findByRole("article", { name: "Site 101: 3 large cuts" });
    expect(hold).toHaveTextContent(
      "3 of 40 entries of the site, 7.5%. One of them was written before the bound was met.",
    );
    expect(hold).toHaveTextContent("A run would lower 3 of 40 entries");
    expect(textsOf(within(hold).getByRole("table"))).toEqual([
      ["BOLT/1", "hamburg", "200 → 10", "IFS: on hand 10: 10."],
      ["NUT", "hamburg", "200 → 10", "IFS: on hand 10: 10."],
    ]);
    expect(within(hold).getByRole("link", { name: "NUT" })).toHaveAttribute(
      "href",
      "/sandbox-shop/ifs-cloud/stock?sku=NUT",
    );
  });

  it("that are more than the list say how many there are", async () => {
    const sites = held.sites.map((site) => ({
      ...site,
      holds: site.holds.map((hold) => ({ ...hold, changes: 2400, already: 0, more: true, skuCount: 2300 })),
    }));
    open({ "GET /mc/stock/held": [good({ sites })] });
    expect(await screen.findByText("2 of 2,400 changes are listed, of 2,300 SKUs.")).toBeInTheDocument();
  });

  it("are not released before the question was answered, and not at all when it was declined", async () => {
    const asked = open({ "POST /mc/stock/release": [good(release)] });
    fireEvent.click(await screen.findByRole("button", { name: "Release 3 cuts" }));
    const dialog = await screen.findByRole("dialog");
    expect(dialog).toHaveTextContent("The next run may lower at most 3 entries of site 101 by a large part.");
    expect(dialog).toHaveTextContent("It plans anew from what IFS has by then");
    fireEvent.click(within(dialog).getByRole("button", { name: "Leave them held" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(asked.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("are released by the answer, once, and the outcome is told", async () => {
    const asked = open({ "POST /mc/stock/release": [good(release)] });
    fireEvent.click(await screen.findByRole("button", { name: "Release 3 cuts" }));
    fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Release 3 cuts" }));
    expect(await screen.findByText(/^Released\. .* the release ends at Mar 3, 2026, 12:30 PM\.$/)).toBeInTheDocument();
    expect(asked.filter(({ method }) => method === "POST")).toEqual([
      { method: "POST", path: "/mc/stock/release", body: { site: "101", cuts: 3 } },
    ]);
  });

  it("that somebody has released say so after a reload, with who, when and how many, and offer no second release", async () => {
    const releases = [
      {
        ...{ kind: "cuts", most: 3, by: "u-7" },
        ...{ at: "2026-03-03T09:25:00.000Z", until: "2026-03-03T11:25:00.000Z" },
      },
    ];
    open({ "GET /mc/stock/held": [good({ sites: held.sites.map((site) => ({ ...site, releases })) })] });
    const hold = await screen.findByRole("article", { name: "Site 101: 3 large cuts" });
    expect(hold).toHaveTextContent(
      "A release waits for the next run of site 101: at most 3 large cuts. Given by u-7, 10:25 AM.",
    );
    expect(hold).toHaveTextContent("No run has used it yet; unused, it ends at 12:25 PM.");
    expect(within(hold).queryByRole("button")).not.toBeInTheDocument();
  });

  it.each([
    [
      "that permits fewer than are held says so, and may be given anew",
      "cuts",
      "Release 3 cuts",
      /3 are held, which is more/,
    ],
    ["of what is not held any more is told all the same", "raises", "Release 3 cuts", /at most 2 large raises/],
  ])("a release %s", async (_, kind, button, words) => {
    const times = { at: "2026-03-03T09:25:00.000Z", until: "2026-03-03T11:25:00.000Z" };
    const sites = held.sites.map((site) => ({ ...site, releases: [{ kind, most: 2, by: "u-7", ...times }] }));
    open({ "GET /mc/stock/held": [good({ sites })] });
    expect(await screen.findByText(words)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: button })).toBeEnabled();
  });

  it("of ended sales parts have a release of their own", async () => {
    const ended = {
      sites: held.sites.map((site) => ({ ...site, holds: site.holds.map((hold) => ({ ...hold, kind: "ended" })) })),
    };
    const asked = open({ "GET /mc/stock/held": [good(ended)], "POST /mc/stock/release": [good(release)] });
    fireEvent.click(await screen.findByRole("button", { name: "Release 3 ended entries" }));
    fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Release 3 ended entries" }));
    await screen.findByText(/^Released\./);
    expect(asked.at(-2)?.body ?? asked.at(-1)?.body).toEqual({ site: "101", ended: 3 });
  });

  it.each<[string, Answer, RegExp]>([
    ["somebody else was faster", refusal(409, "conflict"), /Somebody else did the same.*Look again/],
    ["the site is gone", refusal(404, "notFound"), /configuration has probably changed/],
    ["commercetools is down", refusal(503, "unavailable"), /does not answer the connector/],
    ["the answer is lost", "connection refused", /not known whether it was done\. Look again/],
  ])("stay held where %s, and the page says what to do", async (_, answer, words) => {
    open({ "POST /mc/stock/release": [answer] });
    fireEvent.click(await screen.findByRole("button", { name: "Release 3 cuts" }));
    fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Release 3 cuts" }));
    expect(await screen.findByRole("alert")).toHaveTextContent(words);
  });

  it("are none: the page says so", async () => {
    open({ "GET /mc/stock/held": [good({ sites: [] })] });
    expect(await screen.findByText(/^Nothing is held\./)).toBeInTheDocument();
  });
});

describe("corrections", () => {
  it("tell what was shown, what is shown, why, who and when", async () => {
    open();
    expect(textsOf(await screen.findByRole("table", { name: "Last corrections" }))).toEqual([
      [
        "NUT",
        "Hamburg, site 101",
        "1,200 → 7",
        "A person had edited the entryIFS: on hand 7: 7.",
        "user u-7",
        "1 hour ago9:30 AM",
      ],
    ]);
    expect(
      screen.getByText(
        /^1 of one correction since .*, the newest ones\. 40 more were corrected without being listed\.$/,
      ),
    ).toBeInTheDocument();
  });

  it("that are more than the page lists say how many there are, and that runs counted more than are added up", async () => {
    const cut = { ...corrections, total: 213, unlistedRuns: 2 };
    open({ "GET /mc/stock/corrections": [good(cut)] });
    expect(
      await screen.findByText(/^1 of 213 corrections since .*, the newest ones\. At least 40 more were corrected/),
    ).toBeInTheDocument();
  });

  it("are none: the page says since when", async () => {
    open({ "GET /mc/stock/corrections": [good({ ...corrections, corrections: [], unlisted: [] })] });
    expect(await screen.findByText("No entry had to be corrected since Feb 17, 2026, 10:30 AM.")).toBeInTheDocument();
  });
});

describe("the page", () => {
  it("tells at the top what needs somebody, and leads there", async () => {
    open();
    fireEvent.click(await screen.findByRole("link", { name: "Held changes wait for somebody" }));
    expect(screen.getByRole("region", { name: "Held changes" })).toHaveFocus();
    expect(screen.getByRole("link", { name: "One supply channel is too old" })).toHaveAttribute("href", "#freshness");
  });

  it("lets somebody who may only view look, and neither release nor synchronise", async () => {
    openBolt({}, { permissions: ["View"] });
    await screen.findByText(/^You may look\. Releasing needs the Manage permission/);
    await screen.findByRole("region", { name: "hamburg (pool Hamburg)" });
    expect(screen.getByText("View only")).toBeInTheDocument();
    expect(screen.queryAllByRole("button").map(({ textContent }) => textContent)).toEqual(["Show"]);
  });

  it("shows three parts where the fourth has no answer, and says what is wrong with it", async () => {
    open({ "GET /mc/stock/held": [{ status: 500, body: {} }] });
    const region = await screen.findByRole("region", { name: "Held changes" });
    expect(await within(region).findByRole("alert")).toHaveAttribute("data-problem", "failed");
    expect(screen.getByRole("table", { name: "Last corrections" })).toBeInTheDocument();
  });

  it("says that it is loading until the answers are there", async () => {
    openBolt({ "GET /mc/stock/held": ["never"], [BOLT]: ["never"] });
    expect(await screen.findByText("Reading both systems")).toBeInTheDocument();
    expect(screen.getByText("Asking the connector how it is doing")).toBeInTheDocument();
  });

  it("speaks German to those who do", async () => {
    open({}, { language: "de" });
    expect(await screen.findByRole("button", { name: "3 Senkungen freigeben" })).toBeInTheDocument();
    expect(screen.getAllByRole("heading", { level: 2 }).map(({ textContent }) => textContent)).toEqual([
      ...["Eine SKU suchen", "Wie alt der Bestand ist", "Angehaltene Änderungen", "Letzte Korrekturen"],
    ]);
  });
});

function withChannel(given: object) {
  return {
    ...explanation,
    sites: explanation.sites.map((site) => ({ ...site, channels: [{ ...channel, ...given }] })),
  };
}
