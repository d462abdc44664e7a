import { useApolloClient } from "@apollo/client";
import { ContentNotification } from "@commercetools-uikit/notifications";
import SecondaryButton from "@commercetools-uikit/secondary-button";
import Spacings from "@commercetools-uikit/spacings";
import Text from "@commercetools-uikit/text";
import { useState } from "react";
import { useText } from "../../hooks/use-text.ts";
import type { Asked } from "../../service/ask-service.ts";
import { ProblemNotice } from "../page/problem-notice.tsx";
import type { Synchronised } from "./parse-stock.ts";
import { syncSku } from "./stock-service.ts";

/** Has the service write what it would write anyway with a later run. `onDone`: the entries may have changed. */
export function SyncSku({ sku, onDone }: { sku: string; onDone(): void }) {
  const text = useText();
  const apollo = useApolloClient();
  const [isUnderWay, setUnderWay] = useState(false);
  const [outcome, setOutcome] = useState<Asked<Synchronised>>();
  const synchronise = async () => {
    setUnderWay(true);
    setOutcome(undefined);
    setOutcome(await syncSku(apollo, sku));
    setUnderWay(false);
    onDone();
  };
  return (
    <Spacings.Stack scale="s">
      <Spacings.Inline alignItems="center">
        <SecondaryButton
          label={text(isUnderWay ? "Sync.underWay" : "Sync.now")}
          isDisabled={isUnderWay}
          onClick={() => void synchronise()}
        />
        <Text.Detail tone="secondary">{text("Sync.what")}</Text.Detail>
      </Spacings.Inline>
      <div role="status">
        <SyncOutcome outcome={outcome} />
      </div>
    </Spacings.Stack>
  );
}

function SyncOutcome({ outcome }: { outcome: Asked<Synchronised> | undefined }) {
  const text = useText();
  if (outcome === undefined) return null;
  if (!outcome.ok) return <ProblemNotice problem={outcome.problem} told={outcome.told} asked="deed" />;
  const { processed, changed, failed, waiting, elsewhere, message } = outcome.value;
  return (
    <ContentNotification type={failed + waiting > 0 || processed === 0 ? "warning" : "success"}>
      <Spacings.Stack scale="xs">
        <Text.Body>{processed === 0 ? text("Sync.nothingFound") : text("Sync.done", { changed })}</Text.Body>
        {failed > 0 ? <Text.Body>{text("Sync.failed", { failed })}</Text.Body> : null}
        {waiting > 0 ? <Text.Body>{text("Sync.waiting", { waiting })}</Text.Body> : null}
        {elsewhere > 0 ? <Text.Body>{text("Sync.elsewhere", { elsewhere })}</Text.Body> : null}
        {message === undefined ? null : <Text.Body>{message}</Text.Body>}
      </Spacings.Stack>
    </ContentNotification>
  );
}
