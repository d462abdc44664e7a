import type { World } from "../ifs/world.ts";
import { seedBasicData } from "./ifs-basic-data.ts";
import { seedCustomers } from "./ifs-customers.ts";
import { seedDemand } from "./ifs-demand.ts";
import { seedProducts } from "./ifs-products.ts";
import { seedStock } from "./ifs-stock.ts";

/** The sandbox's company with everything: basic data, customers, parts, prices, stock and other channels' demand. */
export function seedCompany(world: World): void {
  seedQuietCompany(world);
  seedDemand(world);
}

/** The same without any orders, for stories that count every order there is. */
export function seedQuietCompany(world: World): void {
  seedBasicData(world);
  seedCustomers(world);
  seedProducts(world);
  seedStock(world);
}
