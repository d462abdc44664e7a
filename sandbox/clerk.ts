/**
 * People's work in the sandbox's IFS Cloud from the command line: `npm run sandbox -- ship H100009`.
 * Finds the running sandbox through SANDBOX_IFS_URL, else through the file `.sandbox.json` that the start script writes.
 */
import { readFile } from "node:fs/promises";

type Command = {
  usage: string;
  does: string;
  /** Command and body for the sandbox; undefined when the words do not fit. */
  ask: (words: string[]) => { command: string; body: Record<string, unknown> } | undefined;
};

const onOrder = (command: string, does: string): Command => ({
  usage: `${command} <OrderNo>`,
  does,
  ask: ([orderNo]) => (orderNo ? { command, body: { orderNo } } : undefined),
});

const onStock = (command: string, does: string): Command => ({
  usage: `${command} <part> <quantity> [site] [location]`,
  does,
  ask: ([part, qty, site, location]) => (part && qty ? { command, body: { part, qty, site, location } } : undefined),
});

const onCustomer = (command: string, does: string): Command => ({
  usage: `${command} <CustomerNo> [company]`,
  does,
  ask: ([customerNo, company]) => (customerNo ? { command, body: { customerNo, company } } : undefined),
});

const commands: Record<string, Command> = {
  release: onOrder("release", "releases a planned order; a credit check may block it"),
  reserve: onOrder("reserve", "reserves what is in stock"),
  pick: onOrder("pick", "moves the goods to the shipment location"),
  ship: {
    usage: "ship <OrderNo> [line=quantity …] [tracking=<number>] [carrier=<id>]",
    does: "does all that is missing until the goods have left; with lines only those quantities",
    ask: shipWords,
  },
  deliver: onOrder("deliver", "lets a completed shipment leave"),
  invoice: onOrder("invoice", "invoices what was delivered"),
  cancel: {
    usage: "cancel <OrderNo> [reason] [line]",
    does: "cancels an order or one of its lines; reasons: CUST, WEB, STOCK, DUPL",
    ask: ([orderNo, reason, line]) => (orderNo ? { command: "cancel", body: { orderNo, reason, line } } : undefined),
  },
  unblock: onOrder("unblock", "lets a blocked order go on"),
  "credit-block": onCustomer("credit-block", "blocks a customer's credit: his next releases end Blocked"),
  "credit-unblock": onCustomer("credit-unblock", "lifts the credit block of a customer"),
  receive: onStock("receive", "takes goods in"),
  issue: onStock("issue", "takes goods out for another use"),
  scrap: onStock("scrap", "takes goods out for good"),
  sell: {
    usage: "sell <part> <quantity> [site]",
    does: "a telephone order of another sales channel",
    ask: ([part, qty, site]) => (part && qty ? { command: "sell", body: { part, qty, site } } : undefined),
  },
  price: {
    usage: "price <list> <part> <amount>",
    does: "changes a price; lists: WEB-EUR, WEB-SEK, B2B-EUR, B2B-SEK",
    ask: ([list, part, amount]) =>
      list && part && amount ? { command: "set-price", body: { list, part, amount } } : undefined,
  },
  "return-receive": {
    usage: "return-receive <RmaNo> [scrap]",
    does: "takes back what was announced; with scrap it does not go into stock",
    ask: ([rmaNo, scrap]) =>
      rmaNo ? { command: "return-receive", body: { rmaNo, scrap: scrap === "scrap" } } : undefined,
  },
  "return-credit": {
    usage: "return-credit <RmaNo>",
    does: "approves the credit of what came back",
    ask: ([rmaNo]) => (rmaNo ? { command: "return-credit", body: { rmaNo } } : undefined),
  },
  state: onOrder("state", "shows where an order stands"),
  stock: {
    usage: "stock <part> [site]",
    does: "shows what is in stock of a part",
    ask: ([part, site]) => (part ? { command: "stock", body: { part, site } } : undefined),
  },
};

/** Words after the order number are `tracking=…`, `carrier=…` or quantities by line. */
function shipWords([orderNo, ...words]: string[]) {
  if (!orderNo) return undefined;
  const given = Object.fromEntries(words.map((word) => [word.split("=")[0] ?? "", word.split("=")[1]]));
  if (Object.values(given).includes(undefined)) return undefined;
  const { tracking, carrier, ...lines } = given;
  const body = { orderNo, trackingNumber: tracking, carrier, lines: Object.keys(lines).length > 0 ? lines : undefined };
  return { command: "ship", body };
}

/** Exit codes: 0 done, 1 refused by IFS, 2 not understood, 3 no sandbox. */
export async function runCli(words: string[], print: (text: string) => void): Promise<number> {
  const [name = "help", ...rest] = words;
  if (name === "help" || name === "--help") {
    print(help());
    return 0;
  }
  const question = commands[name]?.ask(rest);
  if (!question) {
    print(commands[name] ? `Use it like this: ${commands[name].usage}` : `There is no command "${name}".\n\n${help()}`);
    return 2;
  }
  const url = await sandboxUrl();
  if (!url) {
    print("No sandbox is running: start it with `npm start`, or name it in SANDBOX_IFS_URL.");
    return 3;
  }
  return ask(url, question, print);
}

async function ask(
  url: string,
  question: { command: string; body: Record<string, unknown> },
  print: (text: string) => void,
): Promise<number> {
  let response: Response;
  try {
    response = await fetch(`${url}/sandbox/clerk/${question.command}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(question.body),
      signal: AbortSignal.timeout(20_000),
    });
  } catch (error) {
    print(`The sandbox at ${url} does not answer: ${error instanceof Error ? error.message : String(error)}`);
    return 3;
  }
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) {
    print(`IFS refused: ${String(answer.message)}`);
    return 1;
  }
  print(describe(answer, ""));
  return 0;
}

/** `name: value` lines, lists indented. */
function describe(value: Record<string, unknown>, indent: string): string {
  return Object.entries(value)
    .filter(([, entry]) => entry !== null && !(Array.isArray(entry) && entry.length === 0))
    .map(([name, entry]) => {
      if (!Array.isArray(entry)) return `${indent}${name}: ${String(entry)}`;
      const items = entry.map((item: unknown) =>
        typeof item === "object" && item !== null
          ? `${indent}  - ${oneLine(item as Record<string, unknown>)}`
          : `${indent}  - ${String(item)}`,
      );
      return `${indent}${name}:\n${items.join("\n")}`;
    })
    .join("\n");
}

function oneLine(item: Record<string, unknown>): string {
  return Object.entries(item)
    .filter(([, entry]) => entry !== null)
    .map(([name, entry]) => `${name} ${String(entry)}`)
    .join(", ");
}

function help(): string {
  const width = Math.max(...Object.values(commands).map(({ usage }) => usage.length));
  const lines = Object.values(commands).map(({ usage, does }) => `  ${usage.padEnd(width)}  ${does}`);
  return ["Work in the sandbox's IFS Cloud: npm run sandbox -- <command>", "", ...lines].join("\n");
}

async function sandboxUrl(): Promise<string | undefined> {
  const named = process.env.SANDBOX_IFS_URL;
  if (named) return named.replace(/\/$/, "");
  let text: string;
  try {
    text = await readFile(new URL("../.sandbox.json", import.meta.url), "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  const { ifs } = JSON.parse(text) as { ifs?: string };
  return ifs;
}

if (import.meta.main) {
  process.exitCode = await runCli(process.argv.slice(2), (text) => process.stdout.write(`${text}\n`));
}
