/** What stands behind the terms: stock rows, order lines of IFS, and orders that only the shop has. */
import { useApplicationContext } from "@commercetools-frontend/application-shell-connectors";
import Spacings from "@commercetools-uikit/spacings";
import Text from "@commercetools-uikit/text";
import { type ReactNode, useId } from "react";
import { useText } from "../../hooks/use-text.ts";
import { OrderLink } from "../page/order-link.tsx";
import { Table } from "../page/table.tsx";
import { useMoments } from "../page/use-moments.ts";
import type { DemandLine, InFlightLine, StockRow } from "./parse-stock.ts";
import { useStockWords } from "./stock-words.ts";

type WithId<T> = T & { id: string };
const withIds = <T extends object>(rows: readonly T[]): WithId<T>[] =>
  rows.map((row, index) => ({ ...row, id: String(index) }));

type SourceProps = { id: string; title: string; empty: string; count: number; children: ReactNode };

function Source({ id, title, empty, count, children }: SourceProps) {
  return (
    <Spacings.Stack scale="s">
      <Text.Subheadline as="h4" id={id}>
        {title}
      </Text.Subheadline>
      {count === 0 ? <Text.Body tone="secondary">{empty}</Text.Body> : children}
    </Spacings.Stack>
  );
}

export function InFlightTable({ lines }: { lines: readonly InFlightLine[] }) {
  const text = useText();
  const moments = useMoments();
  const projectKey = useApplicationContext((context) => context.project?.key) ?? "";
  const id = useId();
  return (
    <Source id={id} title={text("InFlight.title")} empty={text("InFlight.empty")} count={lines.length}>
      <Table<WithId<InFlightLine>>
        labelledBy={id}
        rows={withIds(lines)}
        columns={[
          {
            key: "order",
            label: text("Record.order"),
            isRowHeader: true,
            cell: ({ orderId, orderNumber }) => (
              <OrderLink projectKey={projectKey} orderId={orderId}>
                {orderNumber ?? orderId}
              </OrderLink>
            ),
          },
          {
            key: "ifs",
            label: text("InFlight.ifsOrder"),
            cell: ({ ifsOrderNo }) => <Text.Body>{ifsOrderNo ?? text("InFlight.notInIfs")}</Text.Body>,
          },
          {
            key: "placed",
            label: text("InFlight.placed"),
            cell: ({ createdAt }) => <Text.Body>{createdAt === "" ? "–" : moments.full(createdAt)}</Text.Body>,
          },
          { key: "sku", label: text("Sku.sku"), cell: ({ sku }) => <Text.Body>{sku}</Text.Body> },
          {
            key: "channel",
            label: text("Freshness.channel"),
            cell: ({ supplyChannel }) => <Text.Body>{supplyChannel ?? "–"}</Text.Body>,
          },
          {
            key: "quantity",
            label: text("Term.quantity"),
            align: "right",
            cell: ({ quantity }) => <Text.Body>{quantity}</Text.Body>,
          },
        ]}
      />
    </Source>
  );
}

export function DemandTable({ lines }: { lines: readonly DemandLine[] }) {
  const text = useText();
  const id = useId();
  return (
    <Source id={id} title={text("Demand.title")} empty={text("Demand.empty")} count={lines.length}>
      <Table<WithId<DemandLine>>
        labelledBy={id}
        rows={withIds(lines)}
        columns={[
          {
            key: "order",
            label: text("InFlight.ifsOrder"),
            isRowHeader: true,
            cell: ({ orderNo, lineNo, relNo }) => (
              <Text.Body>{text("Demand.line", { orderNo, line: `${lineNo}/${relNo}` })}</Text.Body>
            ),
          },
          { key: "part", label: text("Rows.part"), cell: ({ partNo }) => <Text.Body>{partNo}</Text.Body> },
          { key: "state", label: text("Flows.state"), cell: ({ state }) => <Text.Body>{state}</Text.Body> },
          {
            key: "open",
            label: text("Demand.open"),
            align: "right",
            cell: ({ open }) => <Text.Body>{open}</Text.Body>,
          },
        ]}
      />
    </Source>
  );
}

export function RowsTable({ rows }: { rows: readonly StockRow[] }) {
  const text = useText();
  const words = useStockWords();
  const id = useId();
  return (
    <Source id={id} title={text("Rows.title")} empty={text("Rows.empty")} count={rows.length}>
      <Table<WithId<StockRow>>
        labelledBy={id}
        rows={withIds(rows)}
        columns={[
          {
            key: "location",
            label: text("Rows.location"),
            isRowHeader: true,
            cell: ({ locationNo, warehouse, locationType }) => (
              <div>
                <Text.Body>{locationNo}</Text.Body>
                <Text.Detail tone="secondary">{[warehouse, locationType].filter(Boolean).join(", ")}</Text.Detail>
              </div>
            ),
          },
          { key: "part", label: text("Rows.part"), cell: ({ partNo }) => <Text.Body>{partNo}</Text.Body> },
          {
            key: "onHand",
            label: text("Term.onHand"),
            align: "right",
            cell: ({ qtyOnhand }) => <Text.Body>{qtyOnhand}</Text.Body>,
          },
          {
            key: "reserved",
            label: text("Term.reserved"),
            align: "right",
            cell: ({ qtyReserved }) => <Text.Body>{qtyReserved}</Text.Body>,
          },
          {
            key: "pools",
            label: text("Rows.pools"),
            cell: ({ pools }) => (
              <Text.Body>
                {Object.entries(pools)
                  .map(([pool, verdict]) => `${pool}: ${words.verdict(verdict)}`)
                  .join(", ")}
              </Text.Body>
            ),
          },
        ]}
      />
    </Source>
  );
}
