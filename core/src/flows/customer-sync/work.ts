/** What the steps of bringing one IFS customer up to date hand to each other. */
import type { Rejection } from "../../domain/failure.ts";
import type { IfsCustomerCard, IfsTaxLiability } from "../../domain/ifs-customers.ts";
import type { Route } from "../../domain/route-config.ts";
import type { Wanted } from "./map.ts";
import type { ShopParty } from "./parse.ts";
import type { AddressPlan, CardPlan, Written } from "./plan.ts";
import type { CommPlan } from "./plan-communication.ts";

export type Bringing = {
  readonly shop: ShopParty;
  readonly route: Route;
  /** Keys of the party's customer groups. */
  readonly groups: readonly string[];
  readonly customerNo: string;
  /** Types of all addresses are looked at, not only of those that are new or the default. */
  readonly thorough: boolean;
  /** Monotonic milliseconds. */
  readonly deadlineAt: number;
};

export type Plan = {
  readonly wanted: Wanted;
  readonly card: IfsCustomerCard;
  readonly cardPlan: CardPlan;
  readonly communication: CommPlan;
  readonly addresses: AddressPlan;
  readonly tax: { readonly row: IfsTaxLiability; readonly to: string; readonly was: string } | undefined;
  readonly taxLost: string | undefined;
};

/** Grows while a plan is carried out, so that what was done is known wherever it ends. */
export type Done = {
  readonly counts: {
    card: number;
    communication: number;
    addressesAdded: number;
    addressesChanged: number;
    addressesEnded: number;
    addressTypes: number;
    taxLiability: number;
  };
  readonly written: Written[];
  readonly refused: Rejection[];
};

export const nothingDone = (): Done => ({
  counts: {
    card: 0,
    communication: 0,
    addressesAdded: 0,
    addressesChanged: 0,
    addressesEnded: 0,
    addressTypes: 0,
    taxLiability: 0,
  },
  written: [],
  refused: [],
});

export const changesOf = ({ counts }: Done): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
