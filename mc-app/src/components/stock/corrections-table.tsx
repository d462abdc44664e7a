import Spacings from "@commercetools-uikit/spacings";
import Text from "@commercetools-uikit/text";
import { useText } from "../../hooks/use-text.ts";
import { Moment } from "../page/moment.tsx";
import { Table } from "../page/table.tsx";
import { useMoments } from "../page/use-moments.ts";
import type { Correction, Corrections } from "./parse-stock.ts";
import { SkuLink } from "./sku-link.tsx";
import { useStockWords } from "./stock-words.ts";

type Row = Correction & { id: string };

/** Entries that were wrong although no change announced it. */
export function CorrectionsTable({ corrections, now }: { corrections: Corrections; now: number }) {
  const text = useText();
  const moments = useMoments();
  const words = useStockWords();
  const rows = corrections.corrections;
  const counted = corrections.unlisted.reduce((total, { count }) => total + count, 0);
  const since = moments.full(corrections.since);
  if (rows.length === 0) return <Text.Body tone="secondary">{text("Corrections.empty", { since })}</Text.Body>;
  return (
    <Spacings.Stack scale="m">
      <Table<Row>
        labelledBy="corrections-title"
        rows={rows.map((row, index) => ({ ...row, id: `${row.at} ${row.sku} ${index}` }))}
        columns={[
          { key: "sku", label: text("Sku.sku"), isRowHeader: true, cell: ({ sku }) => <SkuLink sku={sku} /> },
          {
            key: "where",
            label: text("Corrections.where"),
            cell: ({ site, pool, supplyChannel }) => (
              <Text.Body>{text("Freshness.poolOfSite", { pool: pool ?? supplyChannel ?? "–", site })}</Text.Body>
            ),
          },
          {
            key: "change",
            label: text("Corrections.change"),
            align: "right",
            cell: ({ from, to }) => <Text.Body nowrap>{text("Stock.fromTo", { from, to })}</Text.Body>,
          },
          {
            key: "reason",
            label: text("Corrections.reason"),
            width: "36%",
            cell: ({ reason, cause }) => (
              <div>
                <Text.Body>{words.reason(reason)}</Text.Body>
                {cause === null ? null : <Text.Detail tone="secondary">{cause}</Text.Detail>}
              </div>
            ),
          },
          {
            key: "who",
            label: text("Corrections.who"),
            cell: ({ lastModifiedBy }) => (
              <Text.Body>
                {lastModifiedBy === null ? text("Corrections.nobody") : words.writer(lastModifiedBy)}
              </Text.Body>
            ),
          },
          { key: "at", label: text("Corrections.at"), cell: ({ at }) => <Moment iso={at} now={now} /> },
        ]}
      />
      <Text.Detail tone="secondary">
        {text("Corrections.more", { shown: rows.length, total: Math.max(corrections.total ?? 0, rows.length), since })}{" "}
        {counted > 0
          ? text(
              (corrections.unlistedRuns ?? 0) > corrections.unlisted.length
                ? "Corrections.atLeast"
                : "Corrections.counted",
              { counted },
            )
          : ""}
      </Text.Detail>
    </Spacings.Stack>
  );
}
