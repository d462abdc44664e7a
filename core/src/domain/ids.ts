import { z } from "zod";

declare const brand: unique symbol;
/** A string that came out of a parser of its kind and cannot be mixed up with another kind. */
export type Brand<T, B extends string> = T & { readonly [brand]: B };

/** commercetools resource id (UUID). */
export type OrderId = Brand<string, "OrderId">;
export type Sku = Brand<string, "Sku">;
/** IFS customer order number, at most 12 characters. */
export type OrderNo = Brand<string, "OrderNo">;
/** IFS sales part number of a site. */
export type CatalogNo = Brand<string, "CatalogNo">;
/** IFS inventory part number of a site. */
export type PartNo = Brand<string, "PartNo">;
/** IFS site. */
export type Contract = Brand<string, "Contract">;

const text = z.string().min(1);
export const orderIdSchema = text.transform((value) => value as OrderId);
export const skuSchema = text.transform((value) => value as Sku);
export const orderNoSchema = text.transform((value) => value as OrderNo);
export const catalogNoSchema = text.transform((value) => value as CatalogNo);
export const partNoSchema = text.transform((value) => value as PartNo);
export const contractSchema = text.transform((value) => value as Contract);

/** Nothing in it that a gateway could mind in a filter. */
export const isPlain = (number: string): boolean => /^[\w.-]+$/.test(number);
