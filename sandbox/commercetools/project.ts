import { authorize } from "./auth.ts";
import type { Call, Project } from "./definition.ts";
import { concurrentModification, invalidField, requiredField, unknownAction } from "./errors.ts";
import {
  flag,
  integer,
  oneOf,
  requireDoc,
  requireDocs,
  requireInteger,
  requireOneOf,
  requireText,
  texts,
} from "./input.ts";
import { type Doc, sameJson } from "./json.ts";
import { ROUNDING_MODES } from "./money.ts";

export function createProject(key: string, createdAt: string): Project {
  return {
    key,
    name: key,
    version: 1,
    createdAt,
    countries: [],
    currencies: [],
    languages: ["en"],
    messages: { enabled: false, deleteDaysAfterCreation: 15 },
    carts: {
      deleteDaysAfterLastModification: 90,
      countryTaxRateFallbackEnabled: false,
      priceRoundingMode: "HalfEven",
      taxRoundingMode: "HalfEven",
    },
    inventory: { releaseExpiredReservations: true },
    discounts: { discountCombinationMode: "Stacking" },
    shoppingLists: { deleteDaysAfterLastModification: 360 },
    searchIndexing: { orders: { status: "Deactivated" } },
    productCatalogModel: "Classic",
  };
}

const VIEW = ["view_project_settings", "manage_project_settings"];

export function readProject(call: Call): Project {
  authorize(call.actor, VIEW);
  return call.world.project;
}

/** POST on the project: an all-or-nothing list of actions at a version. */
export function updateProject(call: Call, body: Doc): Project {
  authorize(call.actor, ["manage_project_settings"]);
  const { world } = call;
  const version = requireInteger(body, "version");
  if (version !== world.project.version) throw concurrentModification(version, world.project.version);
  const changed = structuredClone(world.project);
  for (const action of requireDocs(body, "actions")) {
    const name = requireText(action, "action");
    const apply = ACTIONS[name];
    if (!apply) throw unknownAction(name, Object.keys(ACTIONS));
    apply(changed, action);
  }
  if (!sameJson(changed, world.project)) {
    changed.version += 1;
    world.project = changed;
  }
  return world.project;
}

const ACTIONS: Record<string, (project: Project, action: Doc) => void> = {
  changeName(project, action) {
    project.name = requireText(action, "name");
  },
  changeCountries(project, action) {
    project.countries = codes(action, "countries", /^[A-Z]{2}$/);
  },
  changeCurrencies(project, action) {
    project.currencies = codes(action, "currencies", /^[A-Z]{3}$/);
  },
  changeLanguages(project, action) {
    project.languages = codes(action, "languages", /^[a-zA-Z-]{2,}$/);
  },
  changeMessagesConfiguration(project, action) {
    const wanted = requireDoc(action, "messagesConfiguration");
    const days = requireInteger(wanted, "deleteDaysAfterCreation");
    if (days < 1 || days > 90) throw invalidField("deleteDaysAfterCreation", days);
    project.messages = { enabled: flag(wanted, "enabled") ?? false, deleteDaysAfterCreation: days };
  },
  changeCartsConfiguration(project, action) {
    const wanted = requireDoc(action, "cartsConfiguration");
    project.carts = {
      deleteDaysAfterLastModification: integer(wanted, "deleteDaysAfterLastModification") ?? 90,
      countryTaxRateFallbackEnabled: flag(wanted, "countryTaxRateFallbackEnabled") ?? false,
      priceRoundingMode: oneOf(wanted, "priceRoundingMode", ROUNDING_MODES) ?? "HalfEven",
      taxRoundingMode: oneOf(wanted, "taxRoundingMode", ROUNDING_MODES) ?? "HalfEven",
    };
  },
  changeCountryTaxRateFallbackEnabled(project, action) {
    project.carts.countryTaxRateFallbackEnabled = flag(action, "countryTaxRateFallbackEnabled") ?? false;
  },
  changePriceRoundingMode(project, action) {
    project.carts.priceRoundingMode = requireOneOf(action, "priceRoundingMode", ROUNDING_MODES);
  },
  changeTaxRoundingMode(project, action) {
    project.carts.taxRoundingMode = requireOneOf(action, "taxRoundingMode", ROUNDING_MODES);
  },
  setReservationExpirationInMinutes(project, action) {
    const minutes = requireInteger(action, "reservationExpirationInMinutes");
    if (minutes < 1 || minutes > 44_640) throw invalidField("reservationExpirationInMinutes", minutes);
    project.inventory.reservationExpirationInMinutes = minutes;
  },
  setReleaseExpiredReservations(project, action) {
    project.inventory.releaseExpiredReservations = flag(action, "releaseExpiredReservations") ?? true;
  },
  changeOrderSearchStatus(project, action) {
    const status = requireOneOf(action, "status", ["Activated", "Deactivated"]);
    project.searchIndexing = { orders: { status } };
  },
};

function codes(action: Doc, field: string, pattern: RegExp): string[] {
  const list = texts(action, field);
  if (!list) throw requiredField(field);
  const wrong = list.find((code) => !pattern.test(code));
  if (wrong !== undefined) throw invalidField(field, wrong);
  return list;
}
