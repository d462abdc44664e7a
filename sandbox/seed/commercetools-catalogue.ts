import { parts, type SeedPart } from "./ifs-parts.ts";

/** One product of the shop: a sales part of the ERP under its catalogue number, or something only the shop knows. */
export type SeedProduct = {
  sku: string;
  key: string;
  name: { en: string; de: string; sv: string };
  taxCategoryKey: "standard" | "reduced";
  salesUnit: string;
};

const INVENTORY_PARTS = 250;
const SERVICES = 10;

/** SKUs that the ERP has never heard of. */
export const unknownSkus = ["SHOP-MUG-01", "SHOP-CARD-50"];

/** A key out of any SKU: every character that keys may not have, and `_` itself, becomes `_` and its code. */
export function productKey(sku: string): string {
  return sku.replace(/[^A-Za-z0-9-]/g, (character) => `_${character.codePointAt(0)?.toString(16).padStart(4, "0")}`);
}

export function catalogue(): SeedProduct[] {
  const inventory = parts.filter((part) => part.type === "inventory").slice(0, INVENTORY_PARTS);
  const services = parts.filter((part) => part.type === "nonInventory").slice(0, SERVICES);
  return [...[...inventory, ...services].map(ofPart), ...unknownSkus.map(ofShop)];
}

function ofPart(part: SeedPart): SeedProduct {
  const { catalogNo, description, taxClass, salesUnit } = part;
  return {
    sku: catalogNo,
    key: productKey(catalogNo),
    name: { en: description, de: description, sv: description },
    taxCategoryKey: taxClass,
    salesUnit,
  };
}

function ofShop(sku: string): SeedProduct {
  const name = sku === "SHOP-MUG-01" ? "Mug with the shop's emblem" : "Gift card 50";
  return {
    sku,
    key: productKey(sku),
    name: { en: name, de: name, sv: name },
    taxCategoryKey: "standard",
    salesUnit: "PCS",
  };
}
