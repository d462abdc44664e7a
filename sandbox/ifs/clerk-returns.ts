import { creditReturn, denyReturn, linesOfReturn, receiveReturn } from "./business/return-material.ts";
import { badInput, type Input, type Summary } from "./clerk-input.ts";
import { canonical, Decimal } from "./decimal.ts";
import { refused } from "./errors.ts";
import { maybeText, num, text } from "./rows.ts";
import type { Row } from "./store.ts";
import type { World } from "./world.ts";

/** What happens to returns after their release: goods come back, credit is approved, or the return is denied. */
export const returnCommands: Record<string, (world: World, input: Input) => Summary> = {
  "return-receive": onReturn((world, rma, input) => {
    receiveReturn(world, rma, { wanted: wanted(input), scrap: input.flag("scrap", false) });
  }),
  "return-credit"(world, input) {
    const rma = returnOf(world, input);
    const credit = creditReturn(world, rma);
    return {
      ...summarize(world, rma),
      creditInvoiceNo: text(credit, "InvoiceNo"),
      amount: canonical(num(credit, "InvoiceAmount")),
    };
  },
  "return-deny": onReturn((world, rma) => denyReturn(world, rma)),
};

function onReturn(work: (world: World, rma: Row, input: Input) => void) {
  return (world: World, input: Input): Summary => {
    const rma = returnOf(world, input);
    work(world, rma, input);
    return summarize(world, rma);
  };
}

function returnOf(world: World, input: Input): Row {
  const rmaNo = input.text("rmaNo");
  const rma = world.table("ReturnMaterial").get(rmaNo);
  if (!rma) throw refused("ReturnMaterial", "NOTEXIST", `There is no return ${rmaNo}.`);
  return rma;
}

/** `lines: {"1": "2"}`: sales quantity by return line. */
function wanted(input: Input): Map<string, Decimal> | undefined {
  const given = input.map("lines");
  if (!given) return undefined;
  return new Map(
    [...given].map(([lineNo, qty]) => {
      if (!/^\d+(\.\d+)?$/.test(qty)) throw badInput(`"lines" has the quantity "${qty}", which is no number.`);
      return [lineNo, new Decimal(qty)];
    }),
  );
}

function summarize(world: World, rma: Row): Summary {
  return {
    rmaNo: text(rma, "RmaNo"),
    state: text(rma, "Objstate"),
    customerNo: text(rma, "CustomerNo"),
    lines: linesOfReturn(world, rma).map((line) => ({
      rmaLineNo: text(line, "RmaLineNo"),
      orderNo: text(line, "OrderNo"),
      lineNo: text(line, "LineNo"),
      state: text(line, "Objstate"),
      toReturn: canonical(num(line, "QtyToReturn")),
      received: canonical(num(line, "QtyReceived")),
      scrapped: canonical(num(line, "QtyScrapped")),
      creditInvoiceNo: maybeText(line, "CreditInvoiceNo"),
    })),
  };
}
