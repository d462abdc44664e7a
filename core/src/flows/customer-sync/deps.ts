import type { BusinessUnit, Customer } from "@commercetools/platform-sdk";
import type { ConnectorConfig } from "../../domain/config.ts";
import type {
  IfsAddressChange,
  IfsAddressRow,
  IfsAddressTypes,
  IfsCardChange,
  IfsCommChange,
  IfsCommDraft,
  IfsCommRow,
  IfsCustomerCard,
  IfsTaxLiability,
} from "../../domain/ifs-customers.ts";
import type { ExceptionRecord, JournalEntry } from "../../domain/records.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Cursors } from "../cursor.ts";
import type { CustomerDeps } from "../customer-deps.ts";

/** What the changes of one customer need. Deadlines are milliseconds from the call. */
export type CustomerSyncDeps = {
  readonly customers: CustomerDeps & {
    readonly ifsCustomers: {
      readCard(customerId: string, extra: readonly string[], deadlineMs: number): Promise<IfsCustomerCard | undefined>;
      writeCard(card: IfsCustomerCard, change: IfsCardChange, deadlineMs: number): Promise<void>;
      addresses(customerId: string, deadlineMs: number): Promise<IfsAddressRow[]>;
      writeAddress(
        customerId: string,
        address: { readonly row: IfsAddressRow; readonly change: IfsAddressChange },
        deadlineMs: number,
      ): Promise<void>;
      ensureTypes(
        customerId: string,
        address: IfsAddressTypes & { readonly addressId: string },
        deadlineMs: number,
      ): Promise<boolean>;
      /** Asked only where some of them are rows (`customers.changes.communication.rows`). */
      communication(customerId: string, deadlineMs: number): Promise<IfsCommRow[]>;
      addCommunication(customerId: string, draft: IfsCommDraft, deadlineMs: number): Promise<void>;
      writeCommunication(
        customerId: string,
        given: { readonly row: IfsCommRow; readonly change: IfsCommChange },
        deadlineMs: number,
      ): Promise<void>;
      readTaxLiability(customerId: string, company: string, deadlineMs: number): Promise<IfsTaxLiability | undefined>;
      writeTaxLiability(row: IfsTaxLiability, to: string, deadlineMs: number): Promise<void>;
    };
    readonly parties: { businessUnitById(id: string): Promise<BusinessUnit | undefined> };
  };
  /** Ids -> keys; asked only where a route or a field of it asks for the group. */
  readonly customerGroupKeys: (ids: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly exceptions: {
    open(exception: Omit<ExceptionRecord, "firstSeenAt" | "lastSeenAt" | "attempts">): Promise<void>;
    /** No error when there is none. */
    close(id: string): Promise<void>;
  };
  readonly journal: {
    append(entry: JournalEntry): Promise<void>;
    /** Entries about a record, oldest first; the youngest `limit` of them. */
    of(recordId: string, limit: number): Promise<JournalEntry[]>;
  };
  readonly settings: { readonly config: ConnectorConfig; readonly configVersion: number };
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly logger: Logger;
};

type PageQuery = {
  readonly where: string[];
  readonly variables: Record<string, string>;
  readonly afterId?: string;
  readonly limit: number;
};

/** What the sweep needs beyond that. */
export type CustomerSweepDeps = CustomerSyncDeps & {
  /** Pages by ascending id; fewer rows than `limit` mean the end. */
  readonly pages: {
    customers(query: PageQuery): Promise<Customer[]>;
    businessUnits(query: PageQuery): Promise<BusinessUnit[]>;
  };
  readonly openExceptions: (limit: number) => Promise<{ readonly rows: readonly ExceptionRecord[] }>;
  readonly cursors: Cursors;
  readonly limits: { readonly pageSize: number; readonly runMs: number; readonly partyMs: number };
};
