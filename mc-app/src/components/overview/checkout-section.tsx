import { designTokens } from "@commercetools-uikit/design-system";
import Spacings from "@commercetools-uikit/spacings";
import Stamp from "@commercetools-uikit/stamp";
import Text from "@commercetools-uikit/text";
import type { CheckoutDoor, GuardState, OverviewCheckout } from "core/domain/overview.ts";
import { type TextId, useText } from "../../hooks/use-text.ts";
import { Table } from "../page/table.tsx";
import { useMoments } from "../page/use-moments.ts";
import { useWords } from "./words.ts";

type Row = CheckoutDoor & { id: string };

const stamps: Record<
  GuardState,
  { tone: "positive" | "critical" | "warning" | "secondary"; label: TextId; what: TextId }
> = {
  armed: { tone: "positive", label: "Guard.armed", what: "Guard.armed.what" },
  parked: { tone: "warning", label: "Guard.parked", what: "Guard.parked.what" },
  missing: { tone: "warning", label: "Guard.missing", what: "Guard.missing.what" },
  off: { tone: "secondary", label: "Guard.off", what: "Guard.off.what" },
  unknown: { tone: "secondary", label: "Guard.unknown", what: "Guard.unknown.what" },
};

const names: Record<CheckoutDoor["door"], { name: TextId; what: TextId }> = {
  extension: { name: "Door.extension", what: "Door.extension.what" },
  question: { name: "Door.question", what: "Door.question.what" },
  batch: { name: "Door.batch", what: "Door.batch.what" },
};

/** The availability check of the last 24 hours: whether it stands guard, what it did, and how long it took. */
export function CheckoutSection({ checkout }: { checkout: OverviewCheckout }) {
  const text = useText();
  const { guard, doors } = checkout;
  return (
    <Spacings.Stack scale="m">
      <Spacings.Inline alignItems="center">
        <span css={{ whiteSpace: "nowrap" }}>
          <Stamp isCondensed tone={stamps[guard].tone} label={text(stamps[guard].label)} />
        </span>
        <Text.Body>{text(stamps[guard].what)}</Text.Body>
      </Spacings.Inline>
      <Table<Row>
        labelledBy="checkout-title"
        rows={doors.map((door) => ({ ...door, id: door.door }))}
        columns={[
          {
            key: "door",
            label: text("Checkout.door"),
            width: "26%",
            isRowHeader: true,
            cell: ({ door }) => (
              <Spacings.Stack scale="xs">
                <Text.Body fontWeight="bold">{text(names[door].name)}</Text.Body>
                <Text.Detail tone="secondary">{text(names[door].what)}</Text.Detail>
              </Spacings.Stack>
            ),
          },
          {
            key: "answers",
            label: text("Checkout.answers"),
            align: "right",
            cell: ({ answers, perMinute }) => (
              <Figure value={answers} detail={text("Checkout.perMinute", { value: perMinute })} />
            ),
          },
          {
            key: "withoutIfs",
            label: text("Checkout.withoutIfs"),
            align: "right",
            cell: ({ withoutIfs, answers }) => (
              <Figure
                value={withoutIfs}
                detail={answers === 0 ? "" : text("Checkout.share", { value: withoutIfs / answers })}
              />
            ),
          },
          {
            key: "refused",
            label: text("Checkout.refused"),
            align: "right",
            cell: ({ refused, undecided }) => (
              <Figure
                value={refused}
                detail={undecided === 0 ? "" : text("Checkout.undecided", { value: undecided })}
              />
            ),
          },
          {
            key: "policy",
            label: text("Checkout.policy"),
            align: "right",
            cell: ({ policyOpen, policyClosed, policyBackOrder }) => (
              <Figure
                value={policyOpen + policyClosed + policyBackOrder}
                detail={text("Checkout.policySplit", {
                  open: policyOpen,
                  closed: policyClosed,
                  backOrder: policyBackOrder,
                })}
              />
            ),
          },
          {
            key: "time",
            label: text("Checkout.time"),
            align: "right",
            cell: (row) => <Times door={row} />,
          },
        ]}
      />
      <Facts checkout={checkout} />
    </Spacings.Stack>
  );
}

function Figure({ value, detail }: { value: number; detail: string }) {
  const text = useText();
  return (
    <div>
      <Text.Body>{text("Headline.number", { value })}</Text.Body>
      {detail === "" ? null : <Text.Detail tone="secondary">{detail}</Text.Detail>}
    </div>
  );
}

/** null: nobody asked, or longer than is counted. */
function Times({ door }: { door: CheckoutDoor }) {
  const text = useText();
  const ms = (value: number | null) => (value === null ? text("Headline.none") : text("Checkout.ms", { value }));
  return (
    <div>
      <Text.Body nowrap>{text("Checkout.quantiles", { half: ms(door.p50Ms), most: ms(door.p99Ms) })}</Text.Body>
      <Text.Detail tone="secondary">
        {text("Checkout.split", { ours: ms(door.oursP99Ms), ct: ms(door.ctP99Ms), ifs: ms(door.ifsP99Ms) })}
      </Text.Detail>
    </div>
  );
}

const list = { margin: 0, paddingLeft: designTokens.spacing30, color: designTokens.colorSolid } as const;

function Facts({ checkout }: { checkout: OverviewCheckout }) {
  const text = useText();
  const words = useWords();
  const moments = useMoments();
  const { holds, policyReasons, ifsReads, cached, coalesced, breakerOpened, corrections, extensionCalls } = checkout;
  const { refused, lastRefusedAt, lastRightAt } = extensionCalls;
  const full = (at: string | null) => (at === null ? text("Headline.none") : moments.full(at));
  const reasons = policyReasons.map(({ reason, lines }) =>
    text("Checkout.reason", { reason: words.policyReason(reason), lines }),
  );
  const facts = [
    holds ? text("Checkout.holds", holds) : text("Checkout.holds.none"),
    text("Checkout.reads", { ifsReads, cached, coalesced }),
    text("Checkout.breaker", { count: breakerOpened }),
    text("Checkout.corrections", { count: corrections }),
    ...(refused > 0
      ? [text("Checkout.extensionRefused", { count: refused, last: full(lastRefusedAt), right: full(lastRightAt) })]
      : []),
    ...(reasons.length > 0 ? [text("Checkout.reasons", { reasons: reasons.join(", ") })] : []),
  ];
  return (
    <ul css={list} aria-label={text("Checkout.facts")}>
      {facts.map((fact) => (
        <li key={fact}>
          <Text.Body>{fact}</Text.Body>
        </li>
      ))}
    </ul>
  );
}
