import { fireEvent, screen, waitFor, within } from "@commercetools-frontend/application-shell/test-utils";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Answer, answerWith, installedProject, openPage, SERVICE, server } from "../../test/merchant-center.tsx";
import { busy, checkout, failingPrices, quiet, silentStock } from "../../test/overviews.ts";

beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const good = (body: unknown): Answer => ({ status: 200, body });

describe("what the page asks", () => {
  it("reads the service address from the project and asks the service through the gateway", async () => {
    const { forwarded, asked } = answerWith({ project: installedProject(`${SERVICE}/`), service: [good(quiet)] });
    openPage();
    await screen.findByRole("heading", { name: "Flows" });
    expect({ asked, forwarded }).toEqual({
      asked: [
        {
          target: "ctp",
          operationName: "FetchConnectorServiceUrl",
          variables: { container: "ifs-connector-config", key: "service-url" },
        },
      ],
      forwarded: [
        { uri: `${SERVICE}/mc/overview`, version: "v2", claims: "permissions", policy: "forward-url-full-path" },
      ],
    });
  });
});

describe("what the page shows", () => {
  it("says that it is loading until the answer is there", async () => {
    answerWith({ project: installedProject(), service: ["never"] });
    openPage();
    expect(await screen.findByText("Asking the connector how it is doing")).toBeInTheDocument();
    expect(screen.queryByRole("table")).not.toBeInTheDocument();
  });

  it("lists the flows in plain words, with figures and state", async () => {
    answerWith({ project: installedProject(), service: [good(busy)] });
    openPage();
    expect(await rowsOf("Flows")).toEqual([
      [
        "Orders to IFSEvery shop order becomes one customer order in IFS. As soon as it happens.",
        "Running well",
        "Shop → IFSOwner: commercetools",
        "19 seconds ago10:29 AM",
        "19 seconds ago10:29 AM",
        "148",
        "146",
        "2",
      ],
      [
        "PricesIFS price lists become the prices of the shop. Every 15 minutes.IFS refuses the price list SE-WEB.",
        "Failing",
        "IFS → ShopOwner: IFS Cloud",
        "15 minutes ago10:15 AM",
        "11 hours agoMar 2, 11:15 PM",
        "1,540",
        "12",
        "3",
      ],
      [
        "Delivery statusDeliveries with tracking, states and cancellations from IFS reach the shop order. Every 5 minutes.",
        "Never ran",
        "IFS → ShopOwner: IFS Cloud",
        "Never",
        "Never",
        "0",
        "0",
        "0",
      ],
    ]);
  });

  it("lists the open exceptions with what to do, and leads from an order to its page", async () => {
    answerWith({ project: installedProject(), service: [good(busy)] });
    openPage();
    expect(await rowsOf("Open exceptions (2)")).toEqual([
      [
        "The totals differ by 0.01 EUR.totals-differ",
        "W-100231 (opens in a new tab)Order",
        "Check the tax code of the freight charge.",
        "finance@shop.example",
        "43 hours agoMar 1, 3:05 PM",
        "5",
      ],
      [
        "The stock would fall from 1,200 to 0.change-too-large",
        "SKU-0042 in HamburgSKU",
        "Confirm the count in IFS.",
        "IFS administrator",
        "2 hours ago8:30 AM",
        "1",
      ],
    ]);
    expect(screen.getByRole("link", { name: /W-100231/ })).toHaveAttribute(
      "href",
      "/sandbox-shop/orders/order%2F1/general",
    );
  });

  it("tells what the check at checkout did, and what is held", async () => {
    answerWith({ project: installedProject(), service: [good(busy)] });
    openPage();
    expect(await rowsOf("Check at checkout, last 24 hours")).toEqual([
      [
        "commercetoolsBefore an order is created, and before carts change where that is configured.",
        "1,4402.5 a minute",
        "1,29690%",
        "12",
        "74 let pass, 1 refused, 2 as back-order",
        "half within 30 ms, 99 % within 500 ms99 % of the parts: own 5 ms, commercetools 100 ms, IFS 300 ms",
      ],
      [
        "Storefront and checkoutProduct pages, carts and the steps before payment.",
        "00 a minute",
        "0",
        "02 undecided",
        "00 let pass, 0 refused",
        "half within –, 99 % within –99 % of the parts: own –, commercetools –, IFS –",
      ],
      [
        "Several questions at onceLists of carts, quotes and recurring orders; each question counts.",
        "200.1 a minute",
        "525%",
        "1",
        "00 let pass, 0 refused",
        "half within 50 ms, 99 % within 75 ms99 % of the parts: own 2 ms, commercetools 30 ms, IFS 50 ms",
      ],
    ]);
    const facts = within(screen.getByRole("list", { name: "More about the check at checkout" })).getAllByRole(
      "listitem",
    );
    expect(facts.map(({ textContent }) => textContent)).toEqual([
      "One cart holds goods now; 3 orders have goods held until the order itself is counted.",
      "IFS was read 96 times; 40 figures were at hand, and one was being read by another customer already.",
      "IFS did not have to be left alone.",
      "IFS had less than the shop showed 2 times; the stock was corrected.",
      "The policy decided because of: no answer in time (4 lines), somethingNew (one line).",
    ]);
  });

  it("tells of calls with a wrong secret, with the last of them and the last right one", async () => {
    const extensionCalls = { refused: 7, lastRefusedAt: "2026-03-01T10:00:00.000Z", lastRightAt: null };
    answerWith({
      project: installedProject(),
      service: [good({ ...quiet, checkout: { ...checkout, extensionCalls } })],
    });
    openPage();
    const facts = await screen.findByRole("list", { name: "More about the check at checkout" });
    expect(
      within(facts).getByText(/^7 calls at the door of commercetools had a wrong secret, or none: last at .*2026/),
    ).toHaveTextContent(/The last with the right one: –\.$/);
  });

  it.each([
    ["armed", "On guard", "Each order is checked before it exists."],
    ["parked", "Switched off by itself", /orders go through unchecked/],
    ["missing", "Not installed", /Deploy service-app again/],
    ["off", "Off", /does not arm the check/],
    ["unknown", "Unknown", /could not be read/],
  ] as const)("says whether orders are checked: %s", async (guard, label, sentence) => {
    answerWith({
      project: installedProject(),
      service: [good({ ...quiet, checkout: { ...checkout, guard, holds: null } })],
    });
    openPage();
    const section = within(await screen.findByRole("region", { name: "Check at checkout, last 24 hours" }));
    expect(section.getByText(label)).toBeInTheDocument();
    expect(section.getByText(sentence)).toBeInTheDocument();
    expect(section.getByText(/^Nothing is known of held goods/)).toBeInTheDocument();
  });

  it("says nothing of a check that the service does not tell of", async () => {
    answerWith({ project: installedProject(), service: [good(quiet)] });
    openPage();
    await screen.findByRole("heading", { name: "Flows" });
    expect(screen.queryByRole("region", { name: /^Check at checkout/ })).not.toBeInTheDocument();
  });

  it("puts the four numbers first, each leading to its list", async () => {
    answerWith({ project: installedProject(), service: [good(busy)] });
    openPage();
    const figures = within(await screen.findByRole("list", { name: "Key figures" })).getAllByRole("link");
    expect(figures.map((figure) => [figure.textContent, figure.getAttribute("href")])).toEqual([
      ["Orders waiting2Placed in the shop, not yet linked to an order in IFS", "#flows"],
      ["Orders linked146Have their order in IFS", "#flows"],
      ["Open exceptions2Records that a person has to look at", "#exceptions"],
      ["Oldest open exception43 hoursOpen since Mar 1, 2026, 3:05 PM", "#exceptions"],
    ]);
    fireEvent.click(screen.getByRole("link", { name: /^Open exceptions/ }));
    expect(screen.getByRole("region", { name: "Open exceptions (2)" })).toHaveFocus();
  });

  it("shows one owner's exceptions when asked to", async () => {
    answerWith({ project: installedProject(), service: [good(busy)] });
    openPage();
    fireEvent.click(await screen.findByRole("button", { name: "IFS administrator (1)" }));
    expect((await rowsOf("Open exceptions (2)")).map((cells) => cells[1])).toEqual(["SKU-0042 in HamburgSKU"]);
    fireEvent.click(screen.getByRole("button", { name: "Everybody (2)" }));
    expect(await rowsOf("Open exceptions (2)")).toHaveLength(2);
  });

  it("says so when there are more exceptions than the service sent", async () => {
    answerWith({ project: installedProject(), service: [good({ ...busy, exceptionCount: 1_204 })] });
    openPage();
    expect(await screen.findByText("The 2 shown here are part of 1,204 open exceptions.")).toBeInTheDocument();
  });

  it("says that nothing is open", async () => {
    answerWith({ project: installedProject(), service: [good(quiet)] });
    openPage();
    expect(await screen.findByText(/^There are no open exceptions\./)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: /^Oldest/ })).toHaveTextContent("Oldest open exception–Nothing is open");
  });

  it.each([
    ["everything well", quiet, "All flows run as planned. Nothing waits for anybody."],
    [
      "trouble",
      { ...busy, flows: [failingPrices, silentStock] },
      "2 flows need attention: one is failing, one is silent. 2 exceptions wait for somebody.",
    ],
    [
      "one exception",
      { ...quiet, exceptionCount: 1, exceptions: busy.exceptions.slice(0, 1) },
      "All flows run as planned. One exception waits for somebody.",
    ],
    [
      "no configuration yet",
      { ...quiet, configurationVersion: null },
      "The connector is installed, but no configuration has been published yet, so no flow does anything. Publish the configuration to start.",
    ],
  ])("sums up: %s", async (_name, overview, sentence) => {
    answerWith({ project: installedProject(), service: [good(overview)] });
    openPage();
    await screen.findByRole("heading", { name: "Flows" });
    expect(screen.getByRole("status")).toHaveTextContent(sentence);
  });

  it("speaks German to those who do", async () => {
    answerWith({ project: installedProject(), service: [good(quiet)] });
    openPage({ language: "de" });
    expect(await screen.findByRole("heading", { name: "Abläufe" })).toBeInTheDocument();
    expect(screen.getByRole("status")).toHaveTextContent(
      "Alle Abläufe laufen wie geplant. Nichts wartet auf jemanden.",
    );
  });

  it.each([
    [["View", "Manage"] as const, 0],
    [["View"] as const, 1],
  ])("marks the page for somebody with %s", async (permissions, marks) => {
    answerWith({ project: installedProject(), service: [good(quiet)] });
    openPage({ permissions: [...permissions] });
    await screen.findByRole("heading", { name: "Flows" });
    expect(screen.queryAllByText("View only")).toHaveLength(marks);
  });
});

describe("what the page says when it has nothing to show", () => {
  it.each<[string, unknown, Answer[], string]>([
    ["not installed", { data: { customObject: null } }, [], "notInstalled"],
    [
      "no right to read the settings",
      { data: null, errors: [{ message: "Forbidden", extensions: { code: "insufficient_scope" } }] },
      [],
      "settingsForbidden",
    ],
    ["an address that is none", installedProject("not a url"), [], "badAddress"],
    ["a document without address", { data: { customObject: { id: "document", value: {} } } }, [], "badAddress"],
    ["session not accepted", installedProject(), [{ status: 401, body: {} }], "refused"],
    ["permission missing", installedProject(), [{ status: 403, body: {} }], "refused"],
    ["nobody there", installedProject(), ["connection refused"], "unreachable"],
    ["gateway gives up", installedProject(), [{ status: 502, body: {} }], "unreachable"],
    ["nothing deployed there", installedProject(), [{ status: 404, body: "gone" }], "unreachable"],
    ["service fails", installedProject(), [{ status: 500, body: {} }], "failed"],
    ["another version's answer", installedProject(), [good({ ...quiet, flows: [{ flow: "new-flow" }] })], "unreadable"],
    ["no JSON at all", installedProject(), [{ status: 200, body: "<html>" }], "unreadable"],
  ])("%s", async (_name, project, service, problem) => {
    answerWith({ project, service });
    openPage();
    const alert = await screen.findByRole("alert");
    expect(alert).toHaveAttribute("data-problem", problem);
    expect(alert.textContent).toMatch(/\..+\.$/);
    expect(screen.queryByRole("table")).not.toBeInTheDocument();
  });
});

describe("refreshing", () => {
  it("asks again on the button and shows the new answer", async () => {
    answerWith({ project: installedProject(), service: [good(quiet), good(busy)] });
    openPage();
    await screen.findByText(/^There are no open exceptions\./);
    fireEvent.click(screen.getByRole("button", { name: "Refresh" }));
    expect(await screen.findByText("The totals differ by 0.01 EUR.")).toBeInTheDocument();
  });

  it("keeps the last good answer and says how old it is when a refresh fails, until one succeeds", async () => {
    answerWith({ project: installedProject(), service: [good(busy), { status: 503, body: {} }, good(busy)] });
    openPage();
    await screen.findByText("The totals differ by 0.01 EUR.");
    fireEvent.click(screen.getByRole("button", { name: "Refresh" }));
    expect(await screen.findByRole("alert")).toHaveTextContent(
      /^The page could not be refreshed\. What you see is from .+\.The connector does not answer\./,
    );
    expect(screen.getByText("The totals differ by 0.01 EUR.")).toBeInTheDocument();
    await waitFor(() => expect(screen.getByRole("button", { name: "Refresh" })).toBeEnabled());
    fireEvent.click(screen.getByRole("button", { name: "Refresh" }));
    await waitFor(() => expect(screen.queryByRole("alert")).not.toBeInTheDocument());
  });

  it("asks again by itself after 30 seconds, not earlier, and not while nobody looks", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ["setInterval", "clearInterval", "Date"] });
    const { forwarded } = answerWith({ project: installedProject(), service: [good(quiet)] });
    openPage();
    await screen.findByRole("heading", { name: "Flows" });
    await vi.advanceTimersByTimeAsync(25_000);
    expect(forwarded).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(6_000);
    await waitFor(() => expect(forwarded).toHaveLength(2));

    const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(forwarded).toHaveLength(2);
    hidden.mockReturnValue(false);
    fireEvent(document, new Event("visibilitychange"));
    await waitFor(() => expect(forwarded).toHaveLength(3));
    hidden.mockRestore();
  });
});

/** The texts of a section's cells, row by row. */
async function rowsOf(section: string): Promise<(string | null)[][]> {
  const region = await screen.findByRole("region", { name: section });
  const [, ...rows] = within(region).getAllByRole("row");
  return rows.map((row) => Array.from(row.children, (cell) => cell.textContent));
}
