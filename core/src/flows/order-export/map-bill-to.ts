/** The invoice address: in properties of its own where the tenant's binding names them, else a line of the note. Pure. */
import { z } from "zod";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { IfsAddress } from "../../domain/ifs-records.ts";
import { ok, type Result } from "../../domain/result.ts";
import { type AddressOwner, toAddress } from "../ifs-address.ts";
import type { Lengths } from "../lengths.ts";
import type { ShopOrder } from "./shop-order.ts";

const bound = z.object({ singleOccurrence: z.object({ billAddress: z.record(z.string(), z.string().nullable()) }) });

const owner: AddressOwner = {
  has: "The order has",
  action: "Complete the billing address of the order in commercetools.",
};

/** Whether `ifs.binding.singleOccurrence.billAddress` names a property. */
export function hasBillTo({ ifs }: Pick<ConnectorConfig, "ifs">): boolean {
  const { data } = bound.safeParse(ifs.binding);
  return Object.values(data?.singleOccurrence.billAddress ?? {}).some((property) => property !== null);
}

/** Undefined: the order has none, or IFS has no place for it. */
export function toBillTo(
  { billingAddress }: ShopOrder,
  { config, lengths }: { readonly config: ConnectorConfig; readonly lengths: Lengths },
): Result<IfsAddress | undefined, Rejection> {
  if (!billingAddress || !hasBillTo(config)) return ok(undefined);
  return toAddress(billingAddress, { path: "billingAddress", owner, lengths, addresses: config.addresses });
}
