import type { TableDef } from "../schema.ts";
import * as basic from "./basic.ts";
import * as customer from "./customer.ts";
import * as order from "./customer-order.ts";
import * as delivery from "./delivery.ts";
import * as part from "./part.ts";
import * as stock from "./stock.ts";
import * as system from "./system.ts";

export const allTables: TableDef[] = [basic, customer, order, part, stock, delivery, system].flatMap((group) =>
  Object.values<TableDef>(group),
);
