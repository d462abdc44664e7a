/** Whose word counts on goods that are on their way: the part of `atp` that goes by supply. */
import { z } from "zod";

export const atpSupplyShape = {
  supply: z
    .enum(["entry", "ifs"])
    .default("entry")
    .describe(
      "For classes with `restockableInDays: supply`, below the threshold. `entry`: any quantity passes while the inventory entry says that goods are expected. `ifs`: IFS is asked, and a line passes only where its supply within `stock.supply.horizonDays` covers the quantity after everybody who has ordered already; the answer has the day.",
    ),
};
