/** What IFS should know of a customer or business unit, in IFS's words. Pure. */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { CommKind, IfsCardField, IfsCustomerAddress } from "../../domain/ifs-customers.ts";
import type { Route } from "../../domain/route-config.ts";
import { countryOf } from "../address-codes.ts";
import { bookAddressId, chosenAddressId } from "../customer-number.ts";
import { toAddress } from "../ifs-address.ts";
import { fitting, lengthsOf } from "../lengths.ts";
import { type BookAddress, mainAddress, type ShopParty } from "./parse.ts";
import { phoneOf, valueIn } from "./view.ts";

export type WantedAddress = {
  readonly row: IfsCustomerAddress;
  /** Its number is one of IFS (`externalId`), so that only what it says is compared; else we chose it. */
  readonly given: boolean;
  /** Under this number an order may have brought the same address. */
  readonly contentId: string;
  /** Types of which it is the customer's default. */
  readonly defaults: readonly string[];
};

export type WantedCommunication = { readonly [K in CommKind]?: string };

export type Wanted = {
  /** What is absent, commercetools does not say. */
  readonly fields: { readonly [F in IfsCardField]?: string };
  readonly communication: WantedCommunication;
  readonly extra: Readonly<Record<string, string | number | boolean>>;
  readonly taxLiability: string | undefined;
  readonly addresses: readonly WantedAddress[];
  /** Numbers of all addresses of the book, also of those that were refused. */
  readonly bookIds: ReadonlySet<string>;
  /** What cannot be written; all else goes on. */
  readonly refused: readonly Rejection[];
};

type Context = { readonly route: Route; readonly config: ConnectorConfig; readonly groups: readonly string[] };

export function toWanted(shop: ShopParty, context: Context): Wanted {
  const { route, config, groups } = context;
  const { party } = shop;
  const refused: Rejection[] = [];
  const name = fitting(party.name, { field: `${party.kind}.name`, setting: "name", lengths: lengthsOf(config.orders) });
  if (!name.ok) refused.push(name.error);
  const main = mainAddress(shop);
  const language = languageOf(shop.locale, config.customers.changes.languages);
  const phone = phoneOf(shop);
  const addresses = shop.addresses.map((address) => toWantedAddress(shop, address, config));
  const extra = Object.entries(route.customers.fields).flatMap(([property, value]) => {
    const found = valueIn(value, shop, groups);
    return found === undefined ? [] : [[property, found] as const];
  });
  const { taxLiability } = route.customers;
  const liability = taxLiability === undefined ? undefined : valueIn(taxLiability, shop, groups);
  return {
    fields: {
      reference: party.id,
      ...(name.ok && { name: name.value }),
      ...(main && { country: countryOf(main, config.addresses) }),
      ...(party.email !== undefined && { email: party.email }),
      ...(phone !== undefined && { phone }),
      ...(party.vatId !== undefined && { vatNo: party.vatId }),
      ...(language !== undefined && { defaultLanguage: language }),
    },
    communication: communicationOf(shop),
    extra: Object.fromEntries(extra),
    taxLiability: liability === undefined ? undefined : String(liability),
    addresses: addresses.flatMap(({ wanted }) => wanted ?? []),
    bookIds: new Set(addresses.map(({ addressId }) => addressId)),
    refused: [...refused, ...addresses.flatMap((address) => address.refused ?? [])],
  };
}

function communicationOf(shop: ShopParty): WantedCommunication {
  const main = mainAddress(shop);
  const [email, phone, mobile] = [shop.party.email, main?.phone?.trim(), main?.mobile?.trim()];
  return { ...(email && { email }), ...(phone && { phone }), ...(mobile && { mobile }) };
}

function languageOf(locale: string | undefined, languages: Readonly<Record<string, string>>): string | undefined {
  if (locale === undefined) return undefined;
  const [language = locale] = locale.split(/[-_]/);
  const listed = [locale, language].find((name) => Object.hasOwn(languages, name));
  return listed === undefined ? language.toLowerCase() : languages[listed];
}

type MappedAddress = {
  readonly addressId: string;
  readonly wanted?: WantedAddress;
  readonly refused?: Rejection;
};

function toWantedAddress(shop: ShopParty, address: BookAddress, config: ConnectorConfig): MappedAddress {
  const { party } = shop;
  const number = address.externalId?.trim();
  const addressId = number || bookAddressId(party, address, config.customers);
  const label = `addresses[${address.key ?? address.id}]`;
  const mapped = toAddress(address, {
    path: label,
    owner: {
      has: `The ${party.label} has at ${label}`,
      action: "Complete the address in commercetools; the other addresses are in IFS.",
    },
    lengths: lengthsOf(config.orders),
    addresses: config.addresses,
  });
  if (!mapped.ok) return { addressId, refused: mapped.error };
  const { countryCode, county: _, ...texts } = mapped.value;
  const content = { ...texts, country: countryCode };
  const { shipping, billing } = config.customers.changes.defaultAddresses;
  const defaults = [
    ...(address.id === shop.defaultShippingId ? shipping : []),
    ...(address.id === shop.defaultBillingId ? billing : []),
  ];
  return {
    addressId,
    wanted: {
      row: { addressId, ...content },
      given: number !== undefined && number !== "",
      contentId: chosenAddressId(content, config.customers),
      defaults,
    },
  };
}
