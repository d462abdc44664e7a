import { designTokens } from "@commercetools-uikit/design-system";
import Spacings from "@commercetools-uikit/spacings";
import Stamp from "@commercetools-uikit/stamp";
import Text from "@commercetools-uikit/text";
import { useId } from "react";
import { useText } from "../../hooks/use-text.ts";
import { secondsSince } from "../page/time.ts";
import { useMoments } from "../page/use-moments.ts";
import { useNow } from "../page/use-now.ts";
import { derivationOf, type Step, targetOf } from "./derivation.ts";
import type { Channel, ChannelAge } from "./parse-stock.ts";
import { useStockWords } from "./stock-words.ts";

type Props = {
  channel: Channel;
  /** undefined: not known yet. */
  age: ChannelAge | undefined;
  isHeld: boolean;
};

const card = {
  padding: designTokens.spacing30,
  border: `1px solid ${designTokens.colorNeutral90}`,
  borderRadius: designTokens.borderRadius8,
  background: designTokens.colorSurface,
} as const;

/** What one supply channel shows, what IFS allows it, and how that number comes about. */
export function ChannelShown({ channel, age, isHeld }: Props) {
  const text = useText();
  const { supplyChannel, pool } = channel;
  const id = useId();
  return (
    <section css={card} aria-labelledby={id} data-channel={supplyChannel}>
      <Spacings.Stack scale="m">
        <Spacings.Inline alignItems="center" scale="s">
          <Text.Subheadline as="h4" id={id}>
            {text("Channel.title", { supplyChannel, pool })}
          </Text.Subheadline>
          <span css={{ whiteSpace: "nowrap" }}>
            {channel.entry?.quantityOnStock === targetOf(channel) ? (
              <Stamp isCondensed tone="positive" label={text("Channel.same")} />
            ) : (
              <Stamp isCondensed tone="warning" label={text("Channel.different")} />
            )}
          </span>
        </Spacings.Inline>
        <Shown channel={channel} isHeld={isHeld} />
        {age?.stale ? <Stale age={age} /> : null}
        <Derivation steps={derivationOf(channel)} labelledBy={id} />
        <NotCounted excluded={channel.excluded} />
      </Spacings.Stack>
    </section>
  );
}

/** The entry against the number, in sentences. */
function Shown({ channel, isHeld }: { channel: Channel; isHeld: boolean }) {
  const text = useText();
  const moments = useMoments();
  const words = useStockWords();
  const { entry, next } = channel;
  const target = targetOf(channel);
  const then =
    next === null
      ? text(entry?.quantityOnStock === target ? "Channel.staysRight" : "Channel.stays")
      : text(isHeld ? "Channel.held" : "Channel.next", { to: next.to });
  return (
    <div>
      <Text.Body>
        {entry === null
          ? text("Channel.noEntry", { target })
          : text("Channel.shows", { shown: entry.quantityOnStock, available: entry.availableQuantity, target })}{" "}
        {then}
      </Text.Body>
      {entry === null ? null : (
        <Text.Detail tone="secondary">
          {entry.lastModifiedBy === null
            ? text("Channel.changed", { time: moments.full(entry.lastModifiedAt) })
            : text("Channel.changedBy", {
                time: moments.full(entry.lastModifiedAt),
                writer: words.writer(entry.lastModifiedBy),
              })}
        </Text.Detail>
      )}
    </div>
  );
}

function Stale({ age }: { age: ChannelAge }) {
  const text = useText();
  const moments = useMoments();
  const now = useNow();
  return (
    <Text.Body tone="critical">
      {age.caughtUpAt === null
        ? text("Channel.neverFresh")
        : text("Channel.stale", { age: moments.duration(secondsSince(age.caughtUpAt, now)) })}
    </Text.Body>
  );
}

const calculation = {
  borderCollapse: "collapse",
  fontVariantNumeric: "tabular-nums",
  "& th, & td": {
    padding: `${designTokens.spacing05} ${designTokens.spacing20}`,
    textAlign: "left",
    fontWeight: "inherit",
  },
  "& td:nth-of-type(1), & td:nth-of-type(2)": { textAlign: "right" },
} as const;
const result = { borderTop: `1px solid ${designTokens.colorNeutral85}`, fontWeight: 600 } as const;

function Derivation({ steps, labelledBy }: { steps: readonly Step[]; labelledBy: string }) {
  const text = useText();
  return (
    <div css={{ overflowX: "auto" }}>
      <table css={calculation} aria-labelledby={labelledBy} data-derivation="">
        <thead>
          <tr>
            <th scope="col">
              <Text.Detail tone="secondary">{text("Term.term")}</Text.Detail>
            </th>
            <th scope="col" colSpan={2}>
              <Text.Detail tone="secondary">{text("Term.quantity")}</Text.Detail>
            </th>
            <th scope="col">
              <Text.Detail tone="secondary">{text("Term.note")}</Text.Detail>
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => {
            const name = text(step.term, step.values);
            return (
              <tr key={`${name} ${step.sign}`} css={step.sign === "=" ? result : {}}>
                <th scope="row">
                  <Text.Body>{name}</Text.Body>
                </th>
                <td>
                  <Text.Body>{step.sign}</Text.Body>
                </td>
                <td>
                  <Text.Body>{step.value}</Text.Body>
                </td>
                <td>{step.note ? <Text.Detail>{text(step.note.id, step.note.values)}</Text.Detail> : null}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function NotCounted({ excluded }: Pick<Channel, "excluded">) {
  const text = useText();
  const words = useStockWords();
  const left = Object.entries(excluded).map(([reason, quantity]) => `${words.verdict(reason)} ${quantity}`);
  if (left.length === 0) return null;
  return <Text.Detail tone="secondary">{text("Channel.notCounted", { left: left.join(", ") })}</Text.Detail>;
}
