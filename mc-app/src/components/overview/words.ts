import { type TextId, useText } from "../../hooks/use-text.ts";

const owners: Record<string, TextId> = {
  merchant: "OwnerClass.merchant",
  ifsAdministrator: "OwnerClass.ifsAdministrator",
  operator: "OwnerClass.operator",
  developer: "OwnerClass.developer",
};

const records: Record<string, TextId> = {
  order: "Record.order",
  sku: "Record.sku",
  price: "Record.price",
  flow: "Record.flow",
  message: "Record.message",
  shipment: "Record.shipment",
  customer: "Record.customer",
  businessUnit: "Record.businessUnit",
};

const policyReasons: Record<string, TextId> = {
  deadline: "Reason.deadline",
  busy: "Reason.busy",
  ifsUnavailable: "Reason.ifsUnavailable",
  breakerOpen: "Reason.breakerOpen",
  shopUnavailable: "Reason.shopUnavailable",
  unmappedSku: "Reason.unmappedSku",
  noSupplyChannel: "Reason.noSupplyChannel",
  ifsRefused: "Reason.ifsRefused",
  demandUnseen: "Reason.demandUnseen",
  holdsUnavailable: "Reason.holdsUnavailable",
  defect: "Reason.defect",
};

export type Words = {
  owner(name: string): string;
  record(type: string): string;
  policyReason(reason: string): string;
};

/**
 * The service's own names in the user's language. What is not one of them (a team that the merchant named, a kind of
 * record that a newer service knows) is shown as it came.
 */
export function useWords(): Words {
  const text = useText();
  const say = (known: Record<string, TextId>) => (name: string) => {
    const id = Object.hasOwn(known, name) ? known[name] : undefined;
    return id ? text(id) : name;
  };
  return { owner: say(owners), record: say(records), policyReason: say(policyReasons) };
}
