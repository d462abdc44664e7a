import Spacings from "@commercetools-uikit/spacings";
import Text from "@commercetools-uikit/text";
import type { OverviewException } from "core/domain/overview.ts";
import { type ReactNode, useState } from "react";
import { useText } from "../../hooks/use-text.ts";
import { Moment } from "../page/moment.tsx";
import { OrderLink } from "../page/order-link.tsx";
import { Table } from "../page/table.tsx";
import { OwnerFilter } from "./owner-filter.tsx";
import { useWords } from "./words.ts";

type Props = {
  exceptions: readonly OverviewException[];
  /** May exceed the list: the service sends a bounded number of them. */
  total: number;
  projectKey: string;
  now: number;
};

export function ExceptionList({ exceptions, total, projectKey, now }: Props) {
  const text = useText();
  const [owner, setOwner] = useState<string>();
  if (total === 0) return <Text.Body tone="secondary">{text("Exceptions.empty")}</Text.Body>;
  // The chosen owner may have finished since: then everything shows again instead of an empty table.
  const chosen = exceptions.some((exception) => exception.owner === owner) ? owner : undefined;
  const shown = exceptions.filter((exception) => chosen === undefined || exception.owner === chosen);
  return (
    <Spacings.Stack scale="m">
      <OwnerFilter exceptions={exceptions} chosen={chosen} onChoose={setOwner} />
      <ExceptionTable exceptions={shown} projectKey={projectKey} now={now} />
      {total > exceptions.length ? (
        <Text.Detail tone="secondary">{text("Exceptions.more", { shown: exceptions.length, total })}</Text.Detail>
      ) : null}
    </Spacings.Stack>
  );
}

function ExceptionTable({ exceptions, projectKey, now }: Omit<Props, "total">) {
  const text = useText();
  const words = useWords();
  return (
    <Table<OverviewException>
      labelledBy="exceptions-title"
      rows={exceptions}
      columns={[
        {
          key: "message",
          label: text("Exceptions.what"),
          width: "26%",
          isRowHeader: true,
          cell: ({ message, code }) => (
            <Spacings.Stack scale="xs">
              <Text.Body fontWeight="medium">{message}</Text.Body>
              <Text.Detail tone="secondary">{code}</Text.Detail>
            </Spacings.Stack>
          ),
        },
        {
          key: "record",
          label: text("Exceptions.record"),
          cell: (exception) => <RecordName exception={exception} projectKey={projectKey} />,
        },
        {
          key: "action",
          label: text("Exceptions.action"),
          width: "26%",
          cell: ({ action }) => <Text.Body>{action}</Text.Body>,
        },
        {
          key: "owner",
          label: text("Exceptions.owner"),
          cell: ({ owner }) => <Text.Body>{words.owner(owner)}</Text.Body>,
        },
        {
          key: "firstSeenAt",
          label: text("Exceptions.since"),
          cell: ({ firstSeenAt }) => <Moment iso={firstSeenAt} now={now} />,
        },
        {
          key: "attempts",
          label: text("Exceptions.attempts"),
          align: "right",
          cell: ({ attempts }) => <Text.Body>{text("Headline.number", { value: attempts })}</Text.Body>,
        },
      ]}
    />
  );
}

/** Orders lead to their page in the Merchant Center, which opens beside this one. */
function RecordName({ exception, projectKey }: { exception: OverviewException; projectKey: string }): ReactNode {
  const words = useWords();
  const isOrder = exception.recordType === "order";
  return (
    <Spacings.Stack scale="xs">
      {isOrder ? (
        <OrderLink projectKey={projectKey} orderId={exception.recordId}>
          {exception.recordLabel}
        </OrderLink>
      ) : (
        <Text.Body>{exception.recordLabel}</Text.Body>
      )}
      <Text.Detail tone="secondary">{words.record(exception.recordType)}</Text.Detail>
    </Spacings.Stack>
  );
}
