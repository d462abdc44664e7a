/** What the page asks the service about stock, and has it do. */
import type { ApolloClient } from "@apollo/client";
import { type Asked, askService } from "../../service/ask-service.ts";
import {
  type Corrections,
  type Explanation,
  type Freshness,
  type Held,
  type Hold,
  parseCorrections,
  parseExplanation,
  parseFreshness,
  parseHeld,
  parseReleased,
  parseSynchronised,
  type Released,
  type Synchronised,
} from "./parse-stock.ts";

type Apollo = ApolloClient<unknown>;

export const explainSku = (apollo: Apollo, sku: string): Promise<Asked<Explanation>> =>
  askService(apollo, { path: `/mc/stock?sku=${encodeURIComponent(sku)}`, parse: parseExplanation });

export const syncSku = (apollo: Apollo, sku: string): Promise<Asked<Synchronised>> =>
  askService(apollo, { path: "/mc/stock/sync", body: { skus: [sku] }, parse: parseSynchronised });

export const loadFreshness = (apollo: Apollo): Promise<Asked<Freshness>> =>
  askService(apollo, { path: "/mc/stock/freshness", parse: parseFreshness });

export const loadHeld = (apollo: Apollo): Promise<Asked<Held>> =>
  askService(apollo, { path: "/mc/stock/held", parse: parseHeld });

export const loadCorrections = (apollo: Apollo): Promise<Asked<Corrections>> =>
  askService(apollo, { path: "/mc/stock/corrections", parse: parseCorrections });

/** Permits the next run of the site at most so many changes of the kind. */
export const releaseHeld = (
  apollo: Apollo,
  { site, kind, most }: { site: string; kind: Hold["kind"]; most: number },
): Promise<Asked<Released>> =>
  askService(apollo, { path: "/mc/stock/release", body: { site, [kind]: most }, parse: parseReleased });
