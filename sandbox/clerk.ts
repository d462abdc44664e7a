/**
 * The sandbox from the command line: people's work in its IFS Cloud (`npm run sandbox -- ship H100009`) and a shopper's
 * purchase in its commercetools (`npm run sandbox -- buy BAT.12V.2AH 1`).
 * Finds the running sandbox through SANDBOX_IFS_URL and SANDBOX_COMMERCETOOLS_URL, else through the file `.sandbox.json` that
 * the start script writes.
 */
import { readFile } from "node:fs/promises";
import { commands, help, type Wish } from "./clerk-commands.ts";
import { buy, type Purchase } from "./purchase.ts";
import { SHOP_PROJECT_KEY } from "./seed/commercetools-shop.ts";

type Print = (text: string) => void;

/** Ends the run with a text and an exit code. */
class Ending extends Error {
  readonly code: number;
  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** Exit codes: 0 done, 1 refused by IFS or by the shop, 2 not understood, 3 no sandbox. */
export async function runCli(words: string[], print: Print): Promise<number> {
  try {
    print(await outcome(words));
    return 0;
  } catch (error) {
    if (!(error instanceof Ending)) throw error;
    print(error.message);
    return error.code;
  }
}

async function outcome([name = "help", ...rest]: string[]): Promise<string> {
  const named = name === "help" ? (rest[0] ?? "") : name;
  const asksForHelp = name === "help" || name === "--help" || rest.includes("--help");
  if (asksForHelp && !(named in commands)) return help();
  const command = Object.hasOwn(commands, named) ? commands[named] : undefined;
  if (!command) throw new Ending(2, `There is no command "${name}".\n\n${help()}`);
  if (asksForHelp) return `${command.usage}\n  ${command.does}`;
  const wish = command.ask(rest);
  if (!wish) throw new Ending(2, `Use it like this: ${command.usage}`);
  return carryOut(wish);
}

async function carryOut(wish: Wish): Promise<string> {
  const sandbox = await findSandbox();
  switch (wish.kind) {
    case "buy":
      return purchase(sandbox.commercetools, wish.purchase);
    case "orders":
      return youngestOrders(await ask(sandbox.ifs, "GET", "state/orders"));
    case "clerk":
      return describe(await ask(sandbox.ifs, "POST", `clerk/${wish.command}`, wish.body), "");
  }
}

type Sandbox = { ifs?: string; commercetools?: { apiUrl: string; projectKey: string } };

function noSandbox(variable: string): Ending {
  return new Ending(3, `No sandbox is running: start it with \`npm start\`, or name it in ${variable}.`);
}

function silent(url: string, error: unknown): Ending {
  const why = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : error;
  return new Ending(3, `The sandbox at ${url} does not answer: ${String(why)}`);
}

async function purchase(shop: Sandbox["commercetools"], wanted: Purchase): Promise<string> {
  if (!shop) throw noSandbox("SANDBOX_COMMERCETOOLS_URL");
  const receipt = await buy(shop, wanted).catch((error: unknown) => {
    throw silent(shop.apiUrl, error);
  });
  if (receipt.kind === "refused") throw new Ending(1, `The shop refused: ${receipt.message}`);
  const { kind: _kind, ...shown } = receipt;
  return [describe(shown, ""), "Its order in IFS shows in: npm run sandbox -- orders"].join("\n");
}

type Answer = Record<string, unknown>;

async function ask(url: string | undefined, method: string, path: string, body?: object): Promise<Answer> {
  if (!url) throw noSandbox("SANDBOX_IFS_URL");
  let response: Response;
  let answer: Answer;
  try {
    response = await fetch(`${url}/sandbox/${path}`, {
      method,
      ...(body ? { headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(20_000),
    });
    answer = (await response.json()) as Answer;
  } catch (error) {
    throw silent(url, error);
  }
  if (!response.ok) throw new Ending(1, `IFS refused: ${String(answer.message ?? `it answered ${response.status}`)}`);
  return answer;
}

const YOUNGEST = 10;

function youngestOrders(answer: Answer): string {
  const orders = answer as unknown as Record<string, unknown>[];
  if (orders.length === 0) return "There is no order in IFS.";
  return orders
    .slice(-YOUNGEST)
    .map(({ orderNo, state, site, customerNo, totalGross, currency, externalRef }) =>
      oneLine({ orderNo, state, site, customerNo, total: `${String(totalGross)} ${String(currency)}`, externalRef }),
    )
    .join("\n");
}

/** `name: value` lines, lists indented. */
function describe(value: Answer, indent: string): string {
  return Object.entries(value)
    .filter(([, entry]) => entry !== null && !(Array.isArray(entry) && entry.length === 0))
    .map(([name, entry]) => {
      if (!Array.isArray(entry)) return `${indent}${name}: ${String(entry)}`;
      const items = entry.map((item: unknown) =>
        typeof item === "object" && item !== null
          ? `${indent}  - ${oneLine(item as Answer)}`
          : `${indent}  - ${String(item)}`,
      );
      return `${indent}${name}:\n${items.join("\n")}`;
    })
    .join("\n");
}

function oneLine(item: Answer): string {
  return Object.entries(item)
    .filter(([, entry]) => entry !== null && entry !== undefined)
    .map(([name, entry]) => `${name} ${String(entry)}`)
    .join(", ");
}

/** What the environment names counts alone; the file is for a sandbox that the start script runs. */
async function findSandbox(): Promise<Sandbox> {
  const ifs = process.env.SANDBOX_IFS_URL?.replace(/\/$/, "");
  const shop = process.env.SANDBOX_COMMERCETOOLS_URL?.replace(/\/$/, "");
  if (ifs || shop) {
    return { ifs, ...(shop ? { commercetools: { apiUrl: shop, projectKey: SHOP_PROJECT_KEY } } : {}) };
  }
  const file = new URL("../.sandbox.json", import.meta.url);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
  try {
    return JSON.parse(text) as Sandbox;
  } catch {
    throw new Ending(
      3,
      `The file ${file.pathname} is not what the start script writes; start again with \`npm start\`.`,
    );
  }
}

if (import.meta.main) {
  process.exitCode = await runCli(process.argv.slice(2), (text) => process.stdout.write(`${text}\n`));
}
