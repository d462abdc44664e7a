/**
 * A server that pages stock rows and does nothing else, in a process of its own so that its memory and its time are not the
 * client's: `node stock-server.ts <rows> <latency ms>`. Prints its port. It stops when its standard input ends.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const [total, latencyMs] = process.argv.slice(2).map(Number) as [number, number];

const row = (index: number): string =>
  JSON.stringify({
    "@odata.etag": `W/"${index}"`,
    Contract: "S1",
    PartNo: `PART-${String(index).padStart(7, "0")}`,
    ConfigurationId: "*",
    LocationNo: `A-${index % 97}-${index % 13}`,
    LotBatchNo: "*",
    SerialNo: "*",
    EngChgLevel: "1",
    WaivDevRejNo: "*",
    ActivitySeq: 0,
    HandlingUnitId: 0,
    Warehouse: `W${index % 5}`,
    LocationTypeDb: "PICKING",
    QtyOnhand: (index % 1000) + 0.5,
    QtyReserved: index % 7,
    FreezeFlagDb: "N",
    AvailabilityControlId: null,
    PartOwnershipDb: "COMPANY OWNED",
    ProjectId: null,
    ExpirationDate: null,
    LastActivityDate: "2026-10-01T08:00:00Z",
  });

/** Each row has a part of its own, so that the part tells what comes behind a key. */
const behind = (filter: string): number => {
  const part = /PartNo eq 'PART-(\d+)'/.exec(filter)?.[1];
  return part === undefined ? 0 : Number(part) + 1;
};

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const send = (text: string) => response.writeHead(200, { "content-type": "application/json" }).end(text);
  if (url.pathname === "/token") {
    send(JSON.stringify({ access_token: "sandbox-token", expires_in: 3600 }));
    return;
  }
  const skip = Number(url.searchParams.get("$skip") ?? 0) + behind(url.searchParams.get("$filter") ?? "");
  const top = Number(url.searchParams.get("$top") ?? total);
  const rows: string[] = [];
  for (let index = skip; index < Math.min(total, skip + top); index++) rows.push(row(index));
  const text = `{"value":[${rows.join(",")}]}`;
  setTimeout(() => send(text), latencyMs);
});
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.on("end", () => process.exit(0)).resume();
