import { describe, expect, test } from "vitest";
import { type Finding, formatFinding, parseConfiguration } from "./parse.ts";
import { formatPath, parsePath } from "./path.ts";

const valid = `schemaVersion: 1
orders:
  exportFrom: "2026-01-01T00:00:00Z"
routes:
  - name: web
    company: "10"
    site: "101"
    orderType: WEB
    coordinator: WEB
    customerNo: WEBDE
    addressNo: "1"
sites:
  - site: "101"
    company: "10"
    timeZone: Europe/Berlin
`;

function findings(text: string): Finding[] {
  const parsed = parseConfiguration(text);
  if (parsed.ok) throw new Error("expected findings");
  return parsed.error;
}

describe("findings", () => {
  test("a valid text becomes a document with its defaults", () => {
    const parsed = parseConfiguration(valid);
    expect(parsed.ok && [parsed.value.routes[0]?.site, parsed.value.atp.defaultThreshold, parsed.value.units]).toEqual([
      "101",
      10,
      { sellBySalesUnit: true },
    ]);
  });

  test("JSON is read as well", () => {
    const parsed = parseConfiguration(valid);
    if (!parsed.ok) throw new Error("not valid");
    expect(parseConfiguration(JSON.stringify(parsed.value))).toEqual(parsed);
  });

  test("a number where a text is expected: the hint keeps the zeros that YAML would lose", () => {
    expect(findings(valid.replace('site: "101"\n    orderType', "site: 0101\n    orderType"))).toEqual([
      {
        path: "routes[0].site",
        message:
          'Invalid input: expected string, received number: write it in quotes, "0101" (IFS site (Contract) that sells.)',
        line: 7,
        column: 5,
      },
    ]);
  });

  test("a missing setting is named at the place where it belongs, with its meaning", () => {
    expect(findings(valid.replace("    coordinator: WEB\n", ""))).toEqual([
      {
        path: "routes[0].coordinator",
        message: "is missing and has no default (IFS AuthorizeCode.)",
        line: 5,
        column: 5,
      },
    ]);
  });

  test("a misspelled setting is answered with the right spelling", () => {
    expect(findings(`${valid}atp:\n  defaultTreshold: 5\n`)).toEqual([
      {
        path: "atp.defaultTreshold",
        message: 'there is no such setting; did you mean "defaultThreshold"?',
        line: 17,
        column: 3,
      },
    ]);
  });

  test("an unknown setting is answered with the known ones", () => {
    expect(findings(`${valid}units:\n  colour: red\n`)).toEqual([
      { path: "units.colour", message: "there is no such setting; known here: sellBySalesUnit", line: 17, column: 3 },
    ]);
  });

  test("a wrong choice says the choices", () => {
    expect(findings(`${valid}atp:\n  extension: on\n`)).toEqual([
      {
        path: "atp.extension",
        message:
          'Invalid option: expected one of "off"|"armed" (`armed` lets commercetools ask this connector before it creates an order.)',
        line: 17,
        column: 3,
      },
    ]);
  });

  test("references between sections carry their line too", () => {
    expect(findings(valid.replace('  - site: "101"', '  - site: "102"'))).toEqual([
      { path: "routes[0].site", message: 'site "101" is not listed under sites', line: 7, column: 5 },
    ]);
  });

  test("names of the binding, time zones and deadlines are judged before they can stop a running connector", () => {
    const binding = (row: string) => findings(`${valid}ifs:\n  binding:\n    ${row}\n`);
    expect(binding("shipmnt: { set: X }").map(({ path, line }) => [path, line])).toEqual([["ifs.binding.shipmnt", 18]]);
    expect(binding("shipmnt: { set: X }")[0]?.message).toContain('did you mean "shipment"?');
    const field = binding("shipment: { fields: { trackingNo: Cf_Tracking } }");
    expect(field.map(({ path, message }) => [path, message])).toEqual([
      [
        "ifs.binding.shipment.fields.trackingNo",
        '"shipment" has no field "trackingNo"; did you mean "trackingNumber"?',
      ],
    ]);
    const zone = findings(valid.replace("Europe/Berlin", "Europe/Berln"));
    expect(zone.map(({ path }) => path)).toEqual(["sites[0].timeZone"]);
    expect(zone[0]?.message).toContain("no time zone of the IANA database");
    const late = `${valid}atp: { extension: armed, extensionTimeoutMs: 2000, deadlineMs: 1601 }\n`;
    expect(findings(late).map(({ path }) => path)).toEqual(["atp.deadlineMs"]);
    expect(parseConfiguration(late.replace("1601", "1600")).ok).toBe(true);
    expect(parseConfiguration(late.replace("armed", "off")).ok).toBe(true);
    const short = `${valid}atp: { holds: { seconds: 601, longestSeconds: 600 } }\n`;
    expect(findings(short).map(({ path }) => path)).toEqual(["atp.holds.longestSeconds"]);
    expect(parseConfiguration(short.replace("601", "600")).ok).toBe(true);
  });

  test("fields of a customer that there are not, and properties that are the connector's, are told with their line", () => {
    const customers = `    customers:
      policy: own
      template: T
      fields:
        Cf_Good: { field: customer.custom.segment }
        Cf_Odd: { field: customer.sore }
        Cf_Shop: { field: customer.group }
        Name: fixed
      taxLiability: { field: customer.constructor }
`;
    const bound = "ifs: { binding: { customer: { fields: { reference: Cf_Shop } } } }\n";
    const text = `${valid.replace('    addressNo: "1"\n', `    addressNo: "1"\n${customers}`)}${bound}`;
    expect(findings(text).map(({ path, message, line }) => [path, line, message.split(";")[0]])).toEqual([
      ["routes[0].customers.fields.Cf_Odd", 17, "there is no sore"],
      [
        "routes[0].customers.fields.Cf_Shop",
        18,
        "Cf_Shop is the tenant's property for reference, which is set by the connector",
      ],
      ["routes[0].customers.fields.Name", 19, "Name is the tenant's property for name, which is set by the connector"],
      ["routes[0].customers.taxLiability", 20, "there is no constructor"],
    ]);
  });

  test("mappings are compiled: what is no expression, or no value for its field, is told with its line", () => {
    const mapping = `    mapping:
      header:
        Cf_Good: { expression: 'order.store + "!"' }
        Cf_Bad: { expression: 'order.sore' }
        noteText: 7
        Cf_Odd: { expresion: 'x' }
`;
    const text = valid.replace('    addressNo: "1"\n', `    addressNo: "1"\n${mapping}`);
    expect(findings(text)).toEqual([
      {
        path: "routes[0].mapping.header.Cf_Odd",
        message: expect.stringContaining("a constant, or `field:` with a path, or `expression:`"),
        line: 17,
        column: 9,
      },
    ]);
    expect(findings(text.replace(/.*Cf_Odd.*\n/, ""))).toEqual([
      { path: "routes[0].mapping.header.Cf_Bad", message: "No such key: sore (order.sore)", line: 15, column: 9 },
      {
        path: "routes[0].mapping.header.noteText",
        message: "it is a number, the IFS field takes a text (7)",
        line: 16,
        column: 9,
      },
    ]);
  });

  test("all findings come at once, in the order of the text", () => {
    const text = valid
      .replace("schemaVersion: 1", "schemaVersion: 2")
      .replace('    addressNo: "1"', "    addressNo: 1");
    expect(findings(`${text}owner: x\n`).map(({ path, line }) => [path, line])).toEqual([
      ["schemaVersion", 1],
      ["routes[0].addressNo", 11],
      ["owner", 16],
    ]);
  });

  test("broken YAML has a position", () => {
    expect(findings("orders: [1,\nroutes: {")).toMatchObject([{ path: "", line: 2 }, {}]);
    expect(findings("a: 1\na: 2\n")).toEqual([
      { path: "", message: "not readable as YAML: Map keys must be unique", line: 2, column: 1 },
    ]);
  });

  test("an empty file says what is missing", () => {
    expect(findings("").map(({ path }) => path)).toEqual([""]);
  });

  test("aliases that blow up are refused, not expanded", () => {
    const bomb = `${["a: &a [x,x,x,x,x,x,x,x,x,x]", "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]", "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]", "d: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]"].join("\n")}\n`;
    expect(findings(bomb)).toEqual([
      { path: "", message: "not readable as YAML: Excessive alias count indicates a resource exhaustion attack" },
    ]);
  });

  test("a line for the terminal", () => {
    expect(formatFinding("c.yaml", { path: "atp.extension", message: "wrong", line: 3, column: 5 })).toBe(
      "c.yaml:3:5: atp.extension: wrong",
    );
    expect(formatFinding("c.yaml", { path: "", message: "wrong" })).toBe("c.yaml: wrong");
  });
});

test.each([
  ["routes[0].site", ["routes", 0, "site"]],
  ['statuses.carriers["DHL 1.2"].name', ["statuses", "carriers", "DHL 1.2", "name"]],
  ["", []],
])("path %s", (text, segments) => {
  expect([formatPath(segments), parsePath(text)]).toEqual([text, segments]);
});
