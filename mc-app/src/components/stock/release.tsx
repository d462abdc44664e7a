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
import type { Hold, Released } from "./parse-stock.ts";
import { type ReleaseKind, releaseHeld } from "./stock-service.ts";

const buttons: Record<Hold["kind"], TextId> = {
  zeros: "Release.zeros",
  cuts: "Release.cuts",
  raises: "Release.raises",
  ended: "Release.zeros",
};
const effects: Record<Hold["kind"], TextId> = {
  zeros: "Release.effect.zeros",
  cuts: "Release.effect.cuts",
  raises: "Release.effect.raises",
  ended: "Release.effect.zeros",
};

/** Entries of ended sales parts go to zero, and are released as that. */
const kindOf = (kind: Hold["kind"]): ReleaseKind => (kind === "ended" ? "zeros" : kind);

type Props = { site: string; hold: Hold; onReleased(): void };

/** The button, the question that comes first, and how it ended. */
export function Release({ site, hold, onReleased }: Props) {
  const text = useText();
  const apollo = useApolloClient();
  const [isAsking, setAsking] = useState(false);
  const [isUnderWay, setUnderWay] = useState(false);
  const [outcome, setOutcome] = useState<Asked<Released>>();
  const { kind, changes } = hold;

  const release = async () => {
    setAsking(false);
    setUnderWay(true);
    setOutcome(await releaseHeld(apollo, { site, kind: kindOf(kind), most: changes }));
    setUnderWay(false);
    onReleased();
  };

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
