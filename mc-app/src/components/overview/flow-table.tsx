import DataTable from "@commercetools-uikit/data-table";
import Spacings from "@commercetools-uikit/spacings";
import Stamp from "@commercetools-uikit/stamp";
import Text from "@commercetools-uikit/text";
import type { FlowState, OverviewFlow } from "core/domain/overview.ts";
import type { ReactNode } from "react";
import { type TextId, useText } from "../../hooks/use-text.ts";
import { Moment } from "./moment.tsx";
import { useMoments } from "./use-moments.ts";

type Row = OverviewFlow & { id: string };

type FlowWords = { name: TextId; what: TextId; owner: TextId };

const words: Record<OverviewFlow["flow"], FlowWords> = {
  "order-export": { name: "Flow.orderExport", what: "Flow.orderExport.what", owner: "Owner.commercetools" },
  "order-sweep": { name: "Flow.orderSweep", what: "Flow.orderSweep.what", owner: "Owner.commercetools" },
  "stock-sync": { name: "Flow.stockSync", what: "Flow.stockSync.what", owner: "Owner.ifs" },
  "price-sync": { name: "Flow.priceSync", what: "Flow.priceSync.what", owner: "Owner.ifs" },
  "status-sync": { name: "Flow.statusSync", what: "Flow.statusSync.what", owner: "Owner.ifs" },
};

const stamps: Record<FlowState, { tone: "positive" | "critical" | "warning" | "secondary"; label: TextId }> = {
  ok: { tone: "positive", label: "State.ok" },
  failing: { tone: "critical", label: "State.failing" },
  silent: { tone: "warning", label: "State.silent" },
  neverRan: { tone: "secondary", label: "State.neverRan" },
};

export function FlowTable({ flows, now }: { flows: readonly OverviewFlow[]; now: number }) {
  const text = useText();
  if (flows.length === 0) return <Text.Body tone="secondary">{text("Flows.empty")}</Text.Body>;
  const number = (value: number) => <Text.Body>{text("Headline.number", { value })}</Text.Body>;
  return (
    <DataTable<Row>
      rows={flows.map((flow) => ({ ...flow, id: flow.flow }))}
      isCondensed
      verticalCellAlignment="top"
      columns={[
        { key: "flow", label: text("Flows.flow"), width: "minmax(260px, 3fr)", renderItem: (row) => <FlowName flow={row} /> },
        {
          key: "state",
          label: text("Flows.state"),
          width: "minmax(130px, auto)",
          renderItem: ({ state }) => <Stamp isCondensed tone={stamps[state].tone} label={text(stamps[state].label)} />,
        },
        {
          key: "direction",
          label: text("Flows.direction"),
          renderItem: ({ direction }) => (
            <Text.Body nowrap>{text(direction === "toIfs" ? "Direction.toIfs" : "Direction.toCommercetools")}</Text.Body>
          ),
        },
        {
          key: "owner",
          label: text("Flows.owner"),
          renderItem: ({ flow }) => <Text.Body nowrap>{text(words[flow].owner)}</Text.Body>,
        },
        {
          key: "lastRunAt",
          label: text("Flows.lastRun"),
          renderItem: ({ lastRunAt }) => <Moment iso={lastRunAt} now={now} />,
        },
        {
          key: "lastSuccessAt",
          label: text("Flows.lastSuccess"),
          renderItem: ({ lastSuccessAt }) => <Moment iso={lastSuccessAt} now={now} />,
        },
        { key: "processed", label: text("Flows.processed"), align: "right", renderItem: (row) => number(row.processed) },
        { key: "changed", label: text("Flows.changed"), align: "right", renderItem: (row) => number(row.changed) },
        { key: "failed", label: text("Flows.failed"), align: "right", renderItem: (row) => <Failed count={row.failed} /> },
      ]}
    />
  );
}

function FlowName({ flow }: { flow: OverviewFlow }): ReactNode {
  const text = useText();
  const moments = useMoments();
  const rhythm =
    flow.intervalSeconds > 0
      ? text("Flows.every", { interval: moments.duration(flow.intervalSeconds) })
      : text("Flows.atOnce");
  return (
    <Spacings.Stack scale="xs">
      <Text.Body fontWeight="bold">{text(words[flow.flow].name)}</Text.Body>
      <Text.Detail tone="secondary">
        {text(words[flow.flow].what)} {rhythm}
      </Text.Detail>
      {flow.message ? <Text.Detail tone="critical">{flow.message}</Text.Detail> : null}
    </Spacings.Stack>
  );
}

function Failed({ count }: { count: number }): ReactNode {
  const text = useText();
  const shown = text("Headline.number", { value: count });
  return count > 0 ? (
    <Text.Body tone="critical" fontWeight="bold">
      {shown}
    </Text.Body>
  ) : (
    <Text.Body>{shown}</Text.Body>
  );
}
