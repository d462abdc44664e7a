import type { Order } from "@commercetools/platform-sdk";
import type { ClaimChannels } from "../../domain/claims.ts";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { Contract, OrderNo } from "../../domain/ids.ts";
import type { IfsEnteredOrder, IfsOrder, IfsOrderDocument } from "../../domain/ifs-records.ts";
import type { IfsReturn } from "../../domain/ifs-returns.ts";
import type { ExceptionRecord } from "../../domain/records.ts";

export type ReconcileDeps = {
  readonly orders: {
    /** One page by ascending id; fewer rows than `limit` means the end. */
    page(query: {
      where: string[];
      variables?: Record<string, string | number | string[]>;
      afterId?: string;
      limit: number;
    }): Promise<Order[]>;
  };
  readonly ifs: {
    ordersByReference(references: readonly string[]): Promise<IfsOrder[]>;
    pageOrdersEntered(
      contract: Contract,
      period: { readonly from: string; readonly to: string },
      after: OrderNo | undefined,
      limit: number,
    ): Promise<IfsEnteredOrder[]>;
    ordersVisible(contract: Contract): Promise<boolean>;
    documents(orderNos: readonly OrderNo[], options?: { charges?: boolean }): Promise<IfsOrderDocument[]>;
  };
  readonly returns: {
    /** RMAs of any site that carry one of the references or have one of the numbers, as far as they can be seen. */
    list(query: { readonly references: readonly string[]; readonly rmaNos: readonly string[] }): Promise<IfsReturn[]>;
  };
  readonly exceptions: {
    /** Those of the ids that are open. */
    byIds(ids: readonly string[]): Promise<ExceptionRecord[]>;
    /** Open exceptions of the code, a bounded list. */
    byCode(code: string, limit: number): Promise<ExceptionRecord[]>;
    open(exception: Omit<ExceptionRecord, "firstSeenAt" | "lastSeenAt" | "attempts">): Promise<void>;
    close(id: string): Promise<void>;
  };
  /** Periods before `exportFrom` that back-fills have put in the connector's charge; ISO 8601. */
  readonly backfilled: () => Promise<readonly { readonly from: string; readonly to: string }[]>;
  readonly config: ConnectorConfig;
  readonly channels: ClaimChannels;
  readonly clock: { now(): number };
};
