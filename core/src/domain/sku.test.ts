import { expect, test } from "vitest";
import type { ConnectorConfig } from "./config.ts";
import type { CatalogNo, Sku } from "./ids.ts";
import { toCatalogNo, toSkus } from "./sku.ts";

const config = {
  skus: {
    exceptions: [
      { sku: "S-1", catalogNo: "C-1" },
      { sku: "S-2", catalogNo: "C-1" },
      { sku: "C-2", catalogNo: "OTHER" },
    ],
    untracked: [],
  },
} satisfies Pick<ConnectorConfig, "skus">;

test("a SKU is its own sales part number unless configuration says otherwise", () => {
  expect(["S-1", "S-2", "S-3"].map((sku) => toCatalogNo(config, sku as Sku))).toEqual(["C-1", "C-1", "S-3"]);
});

test("all SKUs of a sales part, its own number only while it is not another part's SKU", () => {
  const skus = ["C-1", "C-2", "OTHER", "X"].map((catalogNo) => toSkus(config, catalogNo as CatalogNo));
  expect(skus).toEqual([["S-1", "S-2", "C-1"], [], ["C-2", "OTHER"], ["X"]]);
});
