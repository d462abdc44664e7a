import { useApolloClient } from "@apollo/client";
import { ConfirmationDialog } from "@commercetools-frontend/application-components";
import { ContentNotification } from "@commercetools-uikit/notifications";
import SecondaryButton from "@commercetools-uikit/secondary-button";
import Spacings from "@commercetools-uikit/spacings";
import Text from "@commercetools-uikit/text";
import { useState } from "react";
import { type TextId, useText } from "../../hooks/use-text.ts";
import type { Asked } from "../../service/ask-service.ts";
import { ProblemNotice } from "../page/problem-notice.tsx";
import { useMoments } from "../page/use-moments.ts";
import type { Hold, Released, WaitingRelease } from "./parse-stock.ts";
import { releaseHeld } from "./stock-service.ts";

const buttons: Record<Hold["kind"], TextId> = {
  zeros: "Release.zeros",
  cuts: "Release.cuts",
  raises: "Release.raises",
  ended: "Release.ended",
};
const effects: Record<Hold["kind"], TextId> = {
  zeros: "Release.effect.zeros",
  cuts: "Release.effect.cuts",
  raises: "Release.effect.raises",
  ended: "Release.effect.ended",
};

const permits: Record<Hold["kind"], TextId> = {
  zeros: "Release.waiting.zeros",
  cuts: "Release.waiting.cuts",
  raises: "Release.waiting.raises",
  ended: "Release.waiting.ended",
};

type Props = { site: string; hold: Hold; release: WaitingRelease | undefined; onReleased(): void };

/** The button, the question that comes first, and how it ended. */
export function Release({ site, hold, release: waiting, onReleased }: Props) {
  const text = useText();
  const apollo = useApolloClient();
  const [isAsking, setAsking] = useState(false);
  const [isUnderWay, setUnderWay] = useState(false);
  const [outcome, setOutcome] = useState<Asked<Released>>();
  const { kind, changes } = hold;

  const release = async () => {
    setAsking(false);
    setUnderWay(true);
    setOutcome(await releaseHeld(apollo, { site, kind, most: changes }));
    setUnderWay(false);
    onReleased();
  };

  // Once everybody can see that it waits, there is nothing left to ask for.
  if (waiting && waiting.most >= changes) return null;
  return (
    <Spacings.Stack scale="s">
      <Spacings.Inline>
        <SecondaryButton
          label={text(buttons[kind], { changes })}
          isDisabled={isUnderWay}
          onClick={() => setAsking(true)}
        />
      </Spacings.Inline>
      <ReleaseOutcome outcome={outcome} />
      <ConfirmationDialog
        isOpen={isAsking}
        title={text("Release.title", { site })}
        labelPrimary={text(buttons[kind], { changes })}
        labelSecondary={text("Release.cancel")}
        onClose={() => setAsking(false)}
        onCancel={() => setAsking(false)}
        onConfirm={() => void release()}
      >
        <Spacings.Stack scale="m">
          <Text.Body>{text(effects[kind], { changes, site })}</Text.Body>
          <Text.Body>{text("Release.anew")}</Text.Body>
          {hold.unlistedSince === undefined ? null : <Text.Body>{text("Release.unlisted")}</Text.Body>}
          <Text.Body>{text("Release.kept")}</Text.Body>
        </Spacings.Stack>
      </ConfirmationDialog>
    </Spacings.Stack>
  );
}

function ReleaseOutcome({ outcome }: { outcome: Asked<Released> | undefined }) {
  const text = useText();
  const moments = useMoments();
  if (outcome === undefined) return null;
  if (!outcome.ok) return <ProblemNotice problem={outcome.problem} told={outcome.told} asked="deed" />;
  return (
    <div role="status">
      <ContentNotification type="success">
        {text("Release.done", { until: moments.full(outcome.value.until) })}
      </ContentNotification>
    </div>
  );
}

type WaitingProps = { site: string; release: WaitingRelease; held: number; now: number };

/** Who has released what and when, until a run uses it. `held`: changes of the kind that are held now. */
export function ReleaseWaiting({ site, release: { kind, most, by, at, until }, held, now }: WaitingProps) {
  const text = useText();
  const moments = useMoments();
  return (
    <div data-release={kind}>
      <ContentNotification type={held > most ? "warning" : "info"}>
        <Spacings.Stack scale="xs">
          <Text.Body>
            {text(permits[kind], { most, site })} {text("Release.given", { by, time: moments.short(at, now) })}
          </Text.Body>
          <Text.Body>
            {held > most
              ? text("Release.tooFew", { held })
              : text("Release.unused", { until: moments.short(until, now) })}
          </Text.Body>
        </Spacings.Stack>
      </ContentNotification>
    </div>
  );
}
