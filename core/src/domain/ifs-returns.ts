/**
 * Return material authorizations (RMA) under the connector's logical names. Logical units and attributes of returns are derived
 * from naming rules (unverified): the binding names what the tenant has. Quantities in sales units.
 */
import type { DecimalString } from "./decimal.ts";
import type { Contract, OrderNo } from "./ids.ts";

/** Logical states of header and line; the binding maps a tenant's members to them. Anything else is `unknown:<member>`. */
export const ifsReturnStates = [
  "Planned",
  "Released",
  "PartiallyReceived",
  "Received",
  "ReturnCompleted",
  "Denied",
  "Cancelled",
] as const;
export type IfsReturnState = (typeof ifsReturnStates)[number] | `unknown:${string}`;

/** The order line that comes back. */
export type ReturnedLineKey = {
  readonly orderNo: OrderNo;
  readonly lineNo: string;
  readonly relNo: string;
  readonly lineItemNo: string;
};

export type IfsReturnLineDraft = ReturnedLineKey & {
  /** Our reference of the line (the return item's key, else its id), where the binding names a field for it. */
  readonly lineRef: string;
  readonly qtyToReturn: DecimalString;
  readonly returnReasonCode: string | undefined;
};

/** An RMA as it is to be created. Customer, site and currency must be those of the order. */
export type IfsReturnDraft = {
  /** Our identity of the return; what look-ups ask for. */
  readonly reference: string;
  readonly contract: Contract;
  readonly customerNo: string;
  readonly currencyCode: string;
  readonly returnApproverId: string | undefined;
  readonly noteText: string | undefined;
  readonly lines: readonly IfsReturnLineDraft[];
};

export type IfsReturnLine = ReturnedLineKey & {
  readonly rmaNo: string;
  readonly rmaLineNo: string;
  readonly lineRef: string | null;
  readonly qtyToReturn: DecimalString;
  readonly returnReasonCode: string | null;
  readonly state: IfsReturnState;
};

export type IfsReturn = {
  readonly rmaNo: string;
  readonly state: IfsReturnState;
  readonly contract: Contract;
  readonly reference: string | null;
  readonly lines: readonly IfsReturnLine[];
};

/** What IFS shows of the returns of one order. */
export type IfsReturnLookup = {
  /** Those that carry one of the references, or have one of the numbers that were asked for. */
  readonly found: readonly IfsReturn[];
  /** Lines of all RMAs of the order, whoever entered them; as far as the tenant has a list of them. */
  readonly ofOrder: readonly IfsReturnLine[];
  /** Undefined: proven, because the same look-up showed an RMA of the site. Else why what is not shown may be there all the same. */
  readonly unproven: string | undefined;
};

export type IfsReturnCreated =
  | { readonly kind: "done"; readonly rma: IfsReturn }
  /** The header exists and IFS refused a line of it. */
  | { readonly kind: "halfBuilt"; readonly rmaNo: string; readonly refusal: Error };

const DEAD: ReadonlySet<string> = new Set(["Denied", "Cancelled"]);
/** Of such an RMA or line nothing will come back. */
export const isDead = ({ state }: { readonly state: IfsReturnState }): boolean => DEAD.has(state);

export const returnedLineKey = ({ orderNo, lineNo, relNo, lineItemNo }: ReturnedLineKey): string =>
  [orderNo, lineNo, relNo, lineItemNo].join("/");
