import { expect, test } from "vitest";
import { median, observe } from "./observed-fetch.ts";

const NOW = Date.parse("2026-03-01T08:00:00Z");

/** Each call takes 40 ms. */
function watched(answers: Record<string, Response>) {
  let elapsed = 0;
  return observe({
    tokenUrl: "https://ifs.example/token",
    clock: { now: () => NOW, monotonic: () => elapsed },
    fetch: async (input) => {
      elapsed += 40;
      const answer = answers[String(input)];
      if (!answer) throw new TypeError("fetch failed");
      return answer;
    },
  });
}

test("tokens, clocks and round trips are noted, and answers arrive untouched", async () => {
  const token = { access_token: "secret", expires_in: "180", scope: "manage_orders:shop view_types:shop" };
  const { fetch, observed } = watched({
    "https://ifs.example/token": Response.json(token),
    "https://ifs.example/data": new Response("[]", { headers: { date: "Sun, 01 Mar 2026 08:10:00 GMT" } }),
  });
  expect(await (await fetch("https://ifs.example/token", { method: "POST" })).text()).toBe(JSON.stringify(token));
  expect(await (await fetch("https://ifs.example/data", {})).text()).toBe("[]");
  await expect(fetch("https://elsewhere.example/", {})).rejects.toThrow("fetch failed");
  expect(observed).toEqual({
    token: { status: 200, expiresIn: 180, scopes: ["manage_orders:shop", "view_types:shop"] },
    // Ten minutes, half a second that the header cuts off, less half of the round trip.
    skews: [600_000 + 500 - 20],
    latencies: [40],
  });
});

test("a refused token, and one that is no JSON", async () => {
  const refused = watched({ "https://ifs.example/token": Response.json({ error: "invalid_client" }, { status: 401 }) });
  await refused.fetch("https://ifs.example/token", { method: "POST" });
  expect(refused.observed.token).toEqual({ status: 401, expiresIn: undefined, scopes: undefined });
  const page = watched({ "https://ifs.example/token": new Response("<html>") });
  await page.fetch("https://ifs.example/token", { method: "POST" });
  expect(page.observed.token).toEqual({ status: 200, expiresIn: undefined, scopes: undefined });
});

test("the middle value", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([])]).toEqual([2, 2, undefined]);
});
