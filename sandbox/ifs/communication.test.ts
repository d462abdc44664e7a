/** Communication methods of customers: rows that IFS numbers, each with an ETag of its own. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, forms, messageOf } from "./testing/harness.ts";
import { accepted } from "./testing/orders.ts";

const ROWS = "CustomerHandling.svc/CustomerInfoSet(CustomerId='10001')/CommunicationMethods";

describe.each(forms)("IFS communication methods $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  test("are numbered, may hold the same twice, and are changed at the ETag of the row", async () => {
    const body = { MethodId: "EMail", Value: "office@example.com" };
    const [first, second] = [
      accepted(await bench.ask("POST", ROWS, { body })),
      accepted(await bench.ask("POST", ROWS, { body })),
    ];
    expect(second.json.CommId).not.toBe(first.json.CommId);
    const path = `${ROWS}(CommId=${String(first.json.CommId)})`;
    const etag = String(first.json["@odata.etag"]);
    const change = { body: { Value: "buying@example.com" }, headers: { "if-match": etag } };
    accepted(await bench.ask("PATCH", path, change));
    expect((await bench.ask("PATCH", path, change)).status).toBe(412);
    const list = (await bench.ask("GET", `${ROWS}?$select=Value`)).json.value as { Value: string }[];
    expect(list.map(({ Value }) => Value)).toEqual(["buying@example.com", "office@example.com"]);
  });

  test("are nothing without method and value", async () => {
    const answer = await bench.ask("POST", ROWS, { body: { MethodId: "EMail" } });
    expect(messageOf(answer)).toContain("Field [VALUE] is mandatory");
  });
});
