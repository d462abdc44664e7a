/** Whether the returns of an order need a look, told by the order alone: most orders have none, and most returns are done. Pure. */
import { type ConnectorConfig, returnsAreOn } from "../../../domain/config.ts";
import type { Rejection } from "../../../domain/failure.ts";
import type { ReturnRecord } from "../../../domain/return-record.ts";
import { groupsOf } from "../../return-groups.ts";
import type { ExportContext } from "../work.ts";
import { hasReturns, judgedDigest, type OrderReturns, parseReturns, type ReturnGroup } from "./parse-returns.ts";

export type Due =
  | { readonly kind: "nothing" }
  /** A pause; milliseconds since the epoch. */
  | { readonly kind: "waits"; readonly at: number; readonly code: string }
  /** All is done, and the exception of before has no cause any more. */
  | { readonly kind: "cured" }
  | { readonly kind: "refuse"; readonly rejection: Rejection; readonly judged: "" }
  | {
      readonly kind: "look";
      readonly order: OrderReturns;
      readonly groups: readonly ReturnGroup[];
      readonly judged: string;
    };

export type DueInput = {
  readonly order: unknown;
  readonly record: ReturnRecord;
  readonly config: Pick<ConnectorConfig, "orders" | "routes">;
  readonly configVersion: number;
  readonly mode: ExportContext["mode"];
  readonly now: number;
};

export function returnsDue(input: DueInput): Due {
  const { order, record, config } = input;
  if (!returnsAreOn(config)) return { kind: record.code === "" ? "nothing" : "cured" };
  if (!hasReturns(order) && record.returns.length === 0 && record.code === "") return { kind: "nothing" };
  const parsed = parseReturns(order);
  if (!parsed.ok) return pausedOr(input, "", { kind: "refuse", rejection: parsed.error, judged: "" });
  const groups = groupsOf(parsed.value.returns, config.orders.afterExport.returns.trigger);
  const judged = judgedDigest(parsed.value);
  const look: Due = { kind: "look", order: parsed.value, groups, judged };
  if (record.code !== "") return pausedOr(input, judged, isDone(groups, record) ? { kind: "cured" } : look);
  return isDone(groups, record) ? { kind: "nothing" } : look;
}

/** The sweep respects the pause of what was refused, unless the returns or the configuration changed. */
function pausedOr({ record, configVersion, mode, now }: DueInput, judged: string, due: Due): Due {
  if (mode !== "sweep" || record.code === "" || record.notBefore <= now) return due;
  if (record.judged !== judged || record.configVersion !== configVersion) return due;
  return { kind: "waits", at: record.notBefore, code: record.code };
}

/** Each return that asks for an RMA has one and is as it was; and no RMA is left that stands for none. */
function isDone(groups: readonly ReturnGroup[], { returns }: ReturnRecord): boolean {
  const refs = new Map(groups.map((group) => [group.ref, group]));
  const open = groups.filter(({ ref, items }) => items.length > 0 && !returns.some((one) => one.ref === ref));
  return (
    open.length === 0 && returns.every(({ ref, content, rmaNo }) => rmaNo !== "" && refs.get(ref)?.content === content)
  );
}
