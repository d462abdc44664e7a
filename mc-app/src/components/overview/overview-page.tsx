import { InfoMainPage } from "@commercetools-frontend/application-components";
import { useIsAuthorized } from "@commercetools-frontend/permissions";
import { designTokens } from "@commercetools-uikit/design-system";
import { RefreshIcon } from "@commercetools-uikit/icons";
import LoadingSpinner from "@commercetools-uikit/loading-spinner";
import SecondaryButton from "@commercetools-uikit/secondary-button";
import Spacings from "@commercetools-uikit/spacings";
import Stamp from "@commercetools-uikit/stamp";
import Text from "@commercetools-uikit/text";
import type { Overview } from "core/domain/overview.ts";
import { permissions, STOCK_PAGE } from "../../constants.ts";
import { type Refreshed, useRefreshed } from "../../hooks/use-refreshed.ts";
import { useText } from "../../hooks/use-text.ts";
import { PageLink } from "../page/page-link.tsx";
import { ProblemNotice, StaleNotice } from "../page/problem-notice.tsx";
import { useMoments } from "../page/use-moments.ts";
import { loadOverview } from "./load-overview.ts";
import { OverviewContent } from "./overview-content.tsx";

type OverviewState = Refreshed<Overview>;

const titleRow = {
  display: "flex",
  flexWrap: "wrap",
  alignItems: "flex-end",
  justifyContent: "space-between",
  gap: designTokens.spacing30,
} as const;

export function OverviewPage() {
  const state = useRefreshed(loadOverview);
  return (
    <InfoMainPage customTitleRow={<TitleRow state={state} />}>
      <Spacings.Stack scale="xl">
        <Body state={state} />
      </Spacings.Stack>
    </InfoMainPage>
  );
}

function TitleRow({ state }: { state: OverviewState }) {
  const text = useText();
  const mayManage = useIsAuthorized({ demandedPermissions: [permissions().Manage] });
  return (
    <div css={titleRow}>
      <Spacings.Stack scale="xs">
        <Spacings.Inline scale="s" alignItems="center">
          <Text.Headline as="h1">{text("Overview.title")}</Text.Headline>
          {mayManage ? null : <Stamp tone="secondary" isCondensed label={text("Overview.viewOnly")} />}
        </Spacings.Inline>
        <Text.Body tone="secondary">{text("Overview.subtitle")}</Text.Body>
      </Spacings.Stack>
      <Spacings.Inline scale="m" alignItems="center">
        <UpdatedAt state={state} />
        <PageLink page={STOCK_PAGE}>{text("Stock.title")}</PageLink>
        <SecondaryButton
          label={text("Overview.refresh")}
          iconLeft={<RefreshIcon />}
          isDisabled={state.loading}
          onClick={state.refresh}
        />
      </Spacings.Inline>
    </div>
  );
}

function UpdatedAt({ state }: { state: OverviewState }) {
  const text = useText();
  const moments = useMoments();
  if (state.receivedAt === undefined) return null;
  return (
    <Text.Detail tone="secondary">
      {text("Overview.updatedAt", { time: moments.clock(new Date(state.receivedAt).toISOString()) })}
    </Text.Detail>
  );
}

function Body({ state }: { state: OverviewState }) {
  const text = useText();
  if (state.value && state.receivedAt !== undefined) {
    return (
      <>
        {state.problem ? <StaleNotice problem={state.problem} receivedAt={state.receivedAt} /> : null}
        <OverviewContent overview={state.value} receivedAt={state.receivedAt} />
      </>
    );
  }
  if (state.problem) return <ProblemNotice problem={state.problem} />;
  return (
    <div role="status">
      <LoadingSpinner>{text("Overview.loading")}</LoadingSpinner>
    </div>
  );
}
