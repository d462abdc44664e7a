import { designTokens } from "@commercetools-uikit/design-system";
import Spacings from "@commercetools-uikit/spacings";
import Stamp from "@commercetools-uikit/stamp";
import Text from "@commercetools-uikit/text";
import { useText } from "../../hooks/use-text.ts";
import { Moment } from "../page/moment.tsx";
import { Table } from "../page/table.tsx";
import { secondsSince } from "../page/time.ts";
import { useMoments } from "../page/use-moments.ts";
import type { ChannelAge } from "./parse-stock.ts";

type Row = ChannelAge & { id: string };

/** How old is what each supply channel shows. */
export function FreshnessTable({ channels, now }: { channels: readonly ChannelAge[]; now: number }) {
  const text = useText();
  if (channels.length === 0) return <Text.Body tone="secondary">{text("Freshness.empty")}</Text.Body>;
  const stale = channels.filter((channel) => channel.stale).length;
  return (
    <Spacings.Stack scale="m">
      <Text.Body>{text("Freshness.verdict", { stale })}</Text.Body>
      <Table<Row>
        labelledBy="freshness-title"
        rows={channels.map((channel) => ({ ...channel, id: JSON.stringify([channel.supplyChannel, channel.pool]) }))}
        columns={[
          {
            key: "channel",
            label: text("Freshness.channel"),
            isRowHeader: true,
            cell: ({ supplyChannel }) => <Text.Body fontWeight="bold">{supplyChannel}</Text.Body>,
          },
          {
            key: "pool",
            label: text("Freshness.pool"),
            cell: ({ pool, site }) => <Text.Body>{text("Freshness.poolOfSite", { pool, site })}</Text.Body>,
          },
          { key: "state", label: text("Flows.state"), cell: (row) => <AgeStamp age={row} /> },
          { key: "age", label: text("Freshness.age"), cell: (row) => <Age age={row} now={now} /> },
        ]}
      />
    </Spacings.Stack>
  );
}

function AgeStamp({ age }: { age: ChannelAge }) {
  const text = useText();
  if (age.stale) {
    return (
      // The stamp's own red on pink misses the contrast that small text needs (4.4 of 4.5).
      <span css={{ whiteSpace: "nowrap", "&& *": { color: designTokens.colorError25 } }}>
        <Stamp isCondensed tone="critical" label={text("Freshness.stale")} />
      </span>
    );
  }
  return (
    <span css={{ whiteSpace: "nowrap" }}>
      {age.caughtUpAt === null ? (
        <Stamp isCondensed tone="secondary" label={text("Freshness.waiting")} />
      ) : (
        <Stamp isCondensed tone="positive" label={text("Freshness.fresh")} />
      )}
    </span>
  );
}

function Age({ age, now }: { age: ChannelAge; now: number }) {
  const text = useText();
  const moments = useMoments();
  if (age.caughtUpAt !== null) return <Moment iso={age.caughtUpAt} now={now} />;
  const waiting = age.waitingSince;
  return (
    <Text.Body tone="secondary">
      {waiting === null
        ? text("Freshness.never")
        : text("Freshness.waitingFor", { duration: moments.duration(secondsSince(waiting, now)) })}
    </Text.Body>
  );
}
