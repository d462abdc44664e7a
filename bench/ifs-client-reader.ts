/**
 * One reading of the whole list, in a process of its own: `… bare|client <origin> <rows> <page>`. Prints one JSON line:
 * {"seconds":…,"pages":…,"rssMb":…}, where rssMb is the most memory that the process ever had.
 */
import { connectorConfigSchema } from "../core/src/domain/config.ts";
import { createIfsClient } from "../core/src/ifs/client.ts";
import { systemClock } from "../core/src/runtime/clock.ts";

type Reading = { readonly origin: string; readonly rows: number; readonly page: number };

const [how, origin = "", rows, page] = process.argv.slice(2);
const reading = { origin, rows: Number(rows), page: Number(page) };
const begun = performance.now();
const pages = how === "bare" ? await bareLoop(reading) : await ownClient(reading);
const seconds = (performance.now() - begun) / 1000;
// maxRSS is in KiB.
process.stdout.write(`${JSON.stringify({ seconds, pages, rssMb: process.resourceUsage().maxRSS / 1024 })}\n`);

async function bareLoop({ origin, rows, page }: Reading): Promise<number> {
  let [read, pages] = [0, 0];
  for (let skip = 0; skip < rows; skip += page) {
    const response = await fetch(`${origin}/rows?$top=${page}&$skip=${skip}`);
    const body = JSON.parse(await response.text()) as { value: unknown[] };
    read += body.value.length;
    pages += 1;
  }
  if (read !== rows) throw new Error(`the bare loop read ${read} of ${rows} rows`);
  return pages;
}

/** The number of pages asked for: more than the bare loop, because the client proves the end of the list. */
async function ownClient({ origin, rows, page }: Reading): Promise<number> {
  let requests = 0;
  const client = createIfsClient({
    connection: { baseUrl: origin, tokenUrl: `${origin}/token`, clientId: "bench", clientSecret: "sandbox-secret" },
    config: connectorConfigSchema.parse({
      schemaVersion: 1,
      orders: { exportFrom: "2026-01-01T00:00:00Z" },
      routes: [
        { name: "all", company: "10", site: "S1", orderType: "WEB", coordinator: "C", customerNo: "C", addressNo: "1" },
      ],
      sites: [{ site: "S1", company: "10", timeZone: "Europe/Berlin" }],
      ifs: { pageSize: page },
    }),
    clock: systemClock,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    fetch: (...request) => {
      requests += 1;
      return fetch(...request);
    },
  });
  let read = 0;
  await client.each(client.binding.stock, {}, (some) => {
    read += some.length;
  });
  if (read !== rows) throw new Error(`the client read ${read} of ${rows} rows`);
  // One of the requests was for the token.
  return requests - 1;
}
