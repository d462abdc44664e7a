import { designTokens } from "@commercetools-uikit/design-system";
import Spacings from "@commercetools-uikit/spacings";
import Stamp from "@commercetools-uikit/stamp";
import Text from "@commercetools-uikit/text";
import type { FlowState, OverviewFlow } from "core/domain/overview.ts";
import { type TextId, useText } from "../../hooks/use-text.ts";
import { Moment } from "../page/moment.tsx";
import { Table } from "../page/table.tsx";
import { useMoments } from "../page/use-moments.ts";

type Row = OverviewFlow & { id: string };

type FlowWords = { name: TextId; what: TextId; owner: TextId };

const words: Record<OverviewFlow["flow"], FlowWords> = {
  "order-export": { name: "Flow.orderExport", what: "Flow.orderExport.what", owner: "Owner.commercetools" },
  "order-sweep": { name: "Flow.orderSweep", what: "Flow.orderSweep.what", owner: "Owner.commercetools" },
  "stock-sync": { name: "Flow.stockSync", what: "Flow.stockSync.what", owner: "Owner.ifs" },
  "price-sync": { name: "Flow.priceSync", what: "Flow.priceSync.what", owner: "Owner.ifs" },
  "status-sync": { name: "Flow.statusSync", what: "Flow.statusSync.what", owner: "Owner.ifs" },
  "customer-sync": { name: "Flow.customerSync", what: "Flow.customerSync.what", owner: "Owner.commercetools" },
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
  return (
    <Table<Row>
      labelledBy="flows-title"
      rows={flows.map((flow) => ({ ...flow, id: flow.flow }))}
      columns={[
        {
          key: "flow",
          label: text("Flows.flow"),
          width: "28%",
          isRowHeader: true,
          cell: (row) => <FlowName flow={row} />,
        },
        { key: "state", label: text("Flows.state"), cell: ({ state }) => <State state={state} /> },
        { key: "direction", label: text("Flows.direction"), cell: (row) => <Direction flow={row} /> },
        { key: "lastRun", label: text("Flows.lastRun"), cell: (row) => <Moment iso={row.lastRunAt} now={now} /> },
        {
          key: "lastSuccess",
          label: text("Flows.lastSuccess"),
          cell: (row) => <Moment iso={row.lastSuccessAt} now={now} />,
        },
        {
          key: "processed",
          label: text("Flows.processed"),
          align: "right",
          cell: (row) => <Count value={row.processed} />,
        },
        { key: "changed", label: text("Flows.changed"), align: "right", cell: (row) => <Count value={row.changed} /> },
        {
          key: "failed",
          label: text("Flows.failed"),
          align: "right",
          cell: (row) => <Count value={row.failed} alarming={row.failed > 0} />,
        },
      ]}
    />
  );
}

function State({ state }: { state: FlowState }) {
  const text = useText();
  return (
    // The stamp's own red on pink misses the contrast that small text needs (4.4 of 4.5).
    <span
      css={{ whiteSpace: "nowrap", ...(state === "failing" ? { "&& *": { color: designTokens.colorError25 } } : {}) }}
    >
      <Stamp isCondensed tone={stamps[state].tone} label={text(stamps[state].label)} />
    </span>
  );
}

/** Which way the data goes, and whose word counts when both sides differ. */
function Direction({ flow }: { flow: OverviewFlow }) {
  const text = useText();
  return (
    <div>
      <Text.Body nowrap>{text(flow.direction === "toIfs" ? "Direction.toIfs" : "Direction.toCommercetools")}</Text.Body>
      <Text.Detail tone="secondary">{text("Flows.owner", { owner: text(words[flow.flow].owner) })}</Text.Detail>
    </div>
  );
}

function FlowName({ flow }: { flow: OverviewFlow }) {
  const text = useText();
  const moments = useMoments();
  // No interval: nothing was configured yet.
  const scheduled = (seconds: number) =>
    seconds > 0 ? text("Flows.every", { interval: moments.duration(seconds) }) : "";
  const rhythm = flow.flow === "order-export" ? text("Flows.atOnce") : scheduled(flow.intervalSeconds);
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

function Count({ value, alarming = false }: { value: number; alarming?: boolean }) {
  const text = useText();
  const shown = text("Headline.number", { value });
  return alarming ? (
    <Text.Body tone="critical" fontWeight="bold">
      {shown}
    </Text.Body>
  ) : (
    <Text.Body>{shown}</Text.Body>
  );
}
