import LoadingSpinner from "@commercetools-uikit/loading-spinner";
import Spacings from "@commercetools-uikit/spacings";
import type { ReactNode } from "react";
import type { Refreshed } from "../../hooks/use-refreshed.ts";
import { useText } from "../../hooks/use-text.ts";
import { ProblemNotice, StaleNotice } from "../page/problem-notice.tsx";
import { useNow } from "../page/use-now.ts";

type Props<T> = {
  state: Refreshed<T>;
  /** `now`: milliseconds since the epoch. */
  children(value: T, now: number): ReactNode;
};

/** A part of the page that loads by itself: waiting, with its content, with older content than it should have, or with what is wrong. */
export function RefreshedPart<T>({ state, children }: Props<T>) {
  const text = useText();
  const now = useNow();
  if (state.value !== undefined && state.receivedAt !== undefined) {
    return (
      <Spacings.Stack scale="m">
        {state.problem ? <StaleNotice problem={state.problem} receivedAt={state.receivedAt} /> : null}
        {children(state.value, now)}
      </Spacings.Stack>
    );
  }
  if (state.problem) return <ProblemNotice problem={state.problem} />;
  return (
    <div role="status">
      <LoadingSpinner>{text("Overview.loading")}</LoadingSpinner>
    </div>
  );
}
