import { designTokens } from "@commercetools-uikit/design-system";
import { ContentNotification } from "@commercetools-uikit/notifications";
import Spacings from "@commercetools-uikit/spacings";
import Text from "@commercetools-uikit/text";
import { type TextId, useText } from "../../hooks/use-text.ts";
import type { Problem, Told } from "../../service/ask-service.ts";
import { useMoments } from "./use-moments.ts";

type Wording = { type: "error" | "warning" | "info"; title: TextId; action: TextId };

const wordings: Record<Problem, Wording> = {
  notInstalled: { type: "info", title: "Problem.notInstalled", action: "Problem.notInstalled.action" },
  settingsForbidden: {
    type: "warning",
    title: "Problem.settingsForbidden",
    action: "Problem.settingsForbidden.action",
  },
  badAddress: { type: "error", title: "Problem.badAddress", action: "Problem.badAddress.action" },
  refused: { type: "warning", title: "Problem.refused", action: "Problem.refused.action" },
  unreachable: { type: "error", title: "Problem.unreachable", action: "Problem.unreachable.action" },
  failed: { type: "error", title: "Problem.failed", action: "Problem.failed.action" },
  unreadable: { type: "error", title: "Problem.unreadable", action: "Problem.unreadable.action" },
  outage: { type: "warning", title: "Problem.outage", action: "Problem.outage.action" },
  conflict: { type: "warning", title: "Problem.conflict", action: "Problem.conflict.action" },
  absent: { type: "warning", title: "Problem.absent", action: "Problem.absent.action" },
  rejected: { type: "warning", title: "Problem.rejected", action: "Problem.rejected.action" },
};

const readable = { maxWidth: "75ch", lineHeight: designTokens.lineHeight40 } as const;

type NoticeProps = {
  problem: Problem;
  /** The service's own words, where it gave some. */
  told?: Told | undefined;
  /** Of a question that a person asked: nobody asks it again by itself, and what was to be done may have been done. */
  asked?: "look" | "deed";
};

/** These tell of a page that asks again by itself. */
const again: Partial<Record<Problem, Record<"look" | "deed", TextId>>> = {
  unreachable: { look: "Problem.unreachable.look", deed: "Problem.unreachable.deed" },
  failed: { look: "Problem.failed.look", deed: "Problem.failed.deed" },
};

/** Nothing to show yet: what is wrong and what somebody can do about it. */
export function ProblemNotice({ problem, told, asked }: NoticeProps) {
  const text = useText();
  const wording = wordings[problem];
  const action = (asked && again[problem]?.[asked]) ?? wording.action;
  return (
    <div role="alert" data-problem={problem}>
      <ContentNotification type={wording.type}>
        <div css={readable}>
          <Spacings.Stack scale="xs">
            <Text.Body fontWeight="bold">{told ? told.message : text(wording.title)}</Text.Body>
            <Text.Body>{told?.action ?? text(action)}</Text.Body>
          </Spacings.Stack>
        </div>
      </ContentNotification>
    </div>
  );
}

/** A refresh failed, and what is on the page is older than it looks. */
export function StaleNotice({ problem, receivedAt }: { problem: Problem; receivedAt: number }) {
  const text = useText();
  const moments = useMoments();
  const wording = wordings[problem];
  return (
    <div role="alert" data-problem={problem}>
      <ContentNotification type="warning">
        <div css={readable}>
          <Spacings.Stack scale="xs">
            <Text.Body fontWeight="bold">
              {text("Problem.stale", { time: moments.full(new Date(receivedAt).toISOString()) })}
            </Text.Body>
            <Text.Body>
              {text(wording.title)} {text(wording.action)}
            </Text.Body>
          </Spacings.Stack>
        </div>
      </ContentNotification>
    </div>
  );
}
