import type { Purchase } from "./purchase.ts";

/** What a command wants done: people's work in IFS, a look at its orders, or a purchase in the shop. */
export type Wish =
  | { kind: "clerk"; command: string; body: Record<string, unknown> }
  | { kind: "orders" }
  | { kind: "buy"; purchase: Purchase };

export type Command = {
  usage: string;
  does: string;
  /** Undefined when the words do not fit. */
  ask: (words: string[]) => Wish | undefined;
};

const clerk = (command: string, body: Record<string, unknown>): Wish => ({ kind: "clerk", command, body });

/** A command on the values of its words: `<needed>` words must be there, `[optional]` ones may, more may not. */
function plain(usage: string, does: string, names: string[], command?: string): Command {
  const needed = usage.split("<").length - 1;
  const own = command ?? usage.split(" ")[0] ?? "";
  return {
    usage,
    does,
    ask(words) {
      if (words.length < needed || words.length > names.length) return undefined;
      return clerk(own, Object.fromEntries(words.map((word, index) => [names[index] ?? "", word])));
    },
  };
}

const onOrder = (name: string, does: string) => plain(`${name} <OrderNo>`, does, ["orderNo"]);
const onStock = (name: string, does: string) =>
  plain(`${name} <part> <quantity> [site] [location]`, does, ["part", "qty", "site", "location"]);
const onPlace = (name: string, does: string) =>
  plain(`${name} <part> [site] [location]`, does, ["part", "site", "location"]);
const onCustomer = (name: string, does: string) =>
  plain(`${name} <CustomerNo> [company]`, does, ["customerNo", "company"]);
const onReturn = (name: string, does: string) => plain(`${name} <RmaNo>`, does, ["rmaNo"]);

export const commands: Record<string, Command> = {
  buy: {
    usage: "buy <SKU> <quantity>",
    does: "a shopper from Germany orders in the shop, from Hamburg, paid by card",
    ask([sku, quantity, ...more]) {
      const fits = sku && /^[1-9]\d{0,5}$/.test(quantity ?? "") && more.length === 0;
      return fits ? { kind: "buy", purchase: { sku, quantity: Number(quantity) } } : undefined;
    },
  },
  orders: {
    usage: "orders",
    does: "the youngest orders in IFS with the shop's reference",
    ask: (words) => (words.length === 0 ? { kind: "orders" } : undefined),
  },
  state: onOrder("state", "shows where an order stands"),
  release: onOrder("release", "releases a planned order; a credit check may block it"),
  reserve: onOrder("reserve", "reserves what is in stock"),
  unreserve: onOrder("unreserve", "gives back what is reserved and not picked"),
  pick: onOrder("pick", "moves the goods to the shipment location"),
  ship: {
    usage: "ship <OrderNo> [line=quantity …] [tracking=<number>] [carrier=<id>] [with=<OrderNo>,…]",
    does: "does all that is missing until the goods have left, of some lines or with other orders",
    ask: shipWords,
  },
  deliver: onOrder("deliver", "lets a completed shipment leave"),
  invoice: onOrder("invoice", "invoices what was delivered"),
  pay: plain("pay <InvoiceNo>", "the customer pays an invoice", ["invoiceNo"]),
  promise: plain("promise <OrderNo> <date> [line]", "promises another delivery date, as in 2026-05-31", [
    "orderNo",
    "date",
    "line",
  ]),
  cancel: plain(
    "cancel <OrderNo> [reason] [line]",
    "cancels an order or one of its lines; reasons: CUST, WEB, STOCK, DUPL",
    ["orderNo", "reason", "line"],
  ),
  block: plain("block <OrderNo> [reason]", "blocks an order by hand", ["orderNo", "reason"]),
  unblock: onOrder("unblock", "lets a blocked order go on"),
  "credit-block": onCustomer("credit-block", "blocks a customer's credit: his next releases end Blocked"),
  "credit-unblock": onCustomer("credit-unblock", "lifts the credit block of a customer"),
  stock: plain("stock <part> [site]", "shows what is in stock of a part", ["part", "site"]),
  receive: onStock("receive", "takes goods in"),
  issue: onStock("issue", "takes goods out for another use"),
  scrap: onStock("scrap", "takes goods out for good"),
  freeze: onPlace("freeze", "freezes stock for counting: it cannot be sold"),
  unfreeze: onPlace("unfreeze", "lets frozen stock be sold again"),
  sell: plain("sell <part> <quantity> [site]", "a telephone order of another sales channel", ["part", "qty", "site"]),
  price: plain(
    "price <list> <part> <amount>",
    "changes a price; lists: WEB-EUR, WEB-SEK, B2B-EUR, B2B-SEK",
    ["list", "part", "amount"],
    "set-price",
  ),
  "return-receive": {
    usage: "return-receive <RmaNo> [scrap]",
    does: "takes back what was announced; with scrap it does not go into stock",
    ask([rmaNo, scrap, ...more]) {
      const fits = rmaNo && (scrap === undefined || scrap === "scrap") && more.length === 0;
      return fits ? clerk("return-receive", { rmaNo, scrap: scrap === "scrap" }) : undefined;
    },
  },
  "return-credit": onReturn("return-credit", "approves the credit of what came back"),
  "event-messages": plain("event-messages", "shows the calls of event actions and what became of them", []),
  "event-resend": plain(
    "event-resend [MessageId]",
    "makes a call of an event action again; all that failed when none is named",
    ["messageId"],
  ),
  "return-deny": onReturn("return-deny", "refuses a return that has not arrived"),
};

/** Words after the order number are `tracking=…`, `carrier=…` or quantities by line. */
function shipWords([orderNo, ...words]: string[]): Wish | undefined {
  if (!orderNo) return undefined;
  const given: Record<string, string> = {};
  for (const word of words) {
    const [name = "", value = ""] = word.split(/=(.*)/s);
    const known = ["tracking", "carrier", "with"].includes(name) || /^\d+$/.test(name);
    if (!known || value === "" || name in given) return undefined;
    given[name] = value;
  }
  const { tracking, carrier, with: others, ...lines } = given;
  const wanted = Object.keys(lines).length > 0 ? lines : undefined;
  return clerk("ship", { orderNo, trackingNumber: tracking, carrier, with: others, lines: wanted });
}

export function help(): string {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length));
  const lines = Object.values(commands).map(({ usage, does }) => `  ${usage.padEnd(width)}  ${does}`);
  return [
    "Buy in the sandbox's shop and work in its IFS Cloud: npm run sandbox -- <command>",
    "",
    ...lines,
    "",
    "Exit codes: 0 done, 1 refused, 2 not understood, 3 no sandbox.",
  ].join("\n");
}
