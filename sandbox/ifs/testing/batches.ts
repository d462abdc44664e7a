import { batchText, type Item, type Piece, piecesOf } from "../../conformance/multipart.ts";
import type { Answer, Ask, Bench } from "./harness.ts";

export async function sendBatch(
  bench: Bench,
  items: Item[],
  options: { goOn?: boolean; projection?: string } = {},
): Promise<{ answer: Answer; pieces: Piece[] }> {
  const headers: Record<string, string> = { "content-type": "multipart/mixed; boundary=b", accept: "multipart/mixed" };
  if (options.goOn) headers.prefer = "odata.continue-on-error";
  const ask: Ask = { body: batchText(items), headers };
  const answer = await bench.ask("POST", `${options.projection ?? "CustomerOrderHandling"}.svc/$batch`, ask);
  return { answer, pieces: piecesOf(answer.text) };
}
