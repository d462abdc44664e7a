import { type Decimal, ONE } from "../decimal.ts";
import { refused } from "../errors.ts";
import { num, text } from "../rows.ts";
import { databaseName, spaced } from "../schema.ts";
import type { Row } from "../store.ts";
import type { World } from "../world.ts";

/** Reads of basic data that refuse, as the database does, when the value is not there. */

export function requireSite(world: World, lu: string, contract: string): Row {
  const site = world.table("CompanySite").get(contract);
  if (!site) throw refused(lu, "NOSITE", `Site "${contract}" does not exist.`);
  return site;
}

export function companyOf(world: World, contract: string): Row {
  const company = world.table("Company").get(text(requireSite(world, "Site", contract), "Company"));
  if (!company) throw new Error(`the company of site ${contract} is missing`);
  return company;
}

/** Company currency per unit of the given currency, valid today. */
export function currencyRate(world: World, lu: string, company: string, currency: string, day: string): Decimal {
  const own = world.table("Company").get(company);
  if (own && text(own, "CurrencyCode") === currency) return ONE;
  const valid = [...world.table("CurrencyRate").all()]
    .filter((row) => text(row, "Company") === company && text(row, "CurrencyCode") === currency)
    .filter((row) => text(row, "ValidFrom") <= day)
    .sort((a, b) => (text(a, "ValidFrom") < text(b, "ValidFrom") ? 1 : -1))[0];
  if (!valid) throw refused(lu, "NOCURRENCY", `Currency code "${currency}" is not valid in company ${company}.`);
  return num(valid, "CurrencyRate");
}

/** Refuses a caller's rate that is not the company's. */
export function requireRate(given: Decimal, own: Decimal): void {
  if (!given.eq(own)) throw refused("CurrencyRate", "RATEDIFF", `The currency rate is ${own.toFixed()}.`);
}

/** Percent of a tax code of the company. */
export function taxRate(world: World, lu: string, company: string, code: string): Decimal {
  const row = world.table("StatutoryFee").get(company, code);
  if (!row) throw refused(lu, "NOTAXCODE", `Tax code "${code}" does not exist in company ${company}.`);
  return num(row, "FeeRate");
}

/** The company's code for "no tax". */
export function taxFreeCode(world: World, company: string): string {
  const free = [...world.table("StatutoryFee").all()].find(
    (row) => text(row, "Company") === company && num(row, "FeeRate").isZero(),
  );
  if (!free) throw new Error(`company ${company} has no tax code with rate 0`);
  return text(free, "FeeCode");
}

export function requireIn(
  world: World,
  table: string,
  key: string[],
  lu: string,
  message: [key: string, text: string],
) {
  const row = world.table(table).get(...key);
  if (!row) throw refused(lu, message[0], message[1]);
  return row;
}

export function nullValue(lu: string, name: string) {
  const text = `Field [${databaseName(name)}] is mandatory for ${spaced(lu)} and requires a value.`;
  return refused(lu, "NULLVALUE", text);
}

export function requireAddress(world: World, lu: string, customerNo: string, addrNo: string, type: string) {
  const address = world.table("CustomerInfoAddress").get(customerNo, addrNo);
  if (!address) throw refused(lu, "NOADDRESS", `Address "${addrNo}" of customer "${customerNo}" does not exist.`);
  if (!world.table("CustomerInfoAddressType").get(customerNo, addrNo, type)) {
    throw refused(
      lu,
      "NOADDRTYPE",
      `Address "${addrNo}" of customer "${customerNo}" is no ${type.toLowerCase()} address.`,
    );
  }
}
