/** Goods leave the site of the order's route: lines that were sold from the stock of another one. Pure. */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { Rejection } from "../../domain/failure.ts";
import type { Route } from "../../domain/route-config.ts";
import type { RouteFacts } from "../../domain/routing.ts";
import type { ShopOrder } from "./shop-order.ts";

type Where = { readonly config: Pick<ConnectorConfig, "stock">; readonly facts: RouteFacts; readonly route: Route };

/**
 * Rejection `noRoute` for the lines whose supply channel shows the stock of other sites alone: delivered from the route's site, the
 * units would be taken from stock that was not sold, and those that were sold would be offered again.
 */
export function soldElsewhere({ lines }: ShopOrder, { config, facts, route }: Where): Rejection | undefined {
  if (route.supply === "any") return undefined;
  const wrong = lines.flatMap((line, index) => {
    const channel = facts.supplyChannels?.[index] ?? "";
    const sites = sitesOf(config, channel);
    return sites.length === 0 || sites.includes(route.site) ? [] : [{ sku: line.sku, channel, sites }];
  });
  if (wrong.length === 0) return undefined;
  const channels = [...new Set(wrong.map(({ channel }) => channel))].join(", ");
  const said = wrong.map(({ sku, channel, sites }) => `${sku ?? "a line"} from ${channel} (site ${sites.join(", ")})`);
  return {
    code: "noRoute",
    message: `Route "${route.name}" sells from site ${route.site}, and these lines were sold from the stock of other sites: ${said.join("; ").slice(0, LONGEST)}.`,
    action: `Add a route with \`when.supplyChannel\` ${channels} for that site; an order with lines of several sites has to be entered by hand. Or set \`supply: any\` on the route where IFS delivers from the other site by itself.`,
    owner: "merchant",
    field: "lineItems.supplyChannel",
    value: channels,
  };
}

const LONGEST = 500;

const sitesOf = ({ stock }: Where["config"], channel: string): string[] => [
  ...new Set(
    stock.pools
      .filter(({ channels }) => channels.some(({ supplyChannel }) => supplyChannel === channel))
      .map(({ site }) => site),
  ),
];
