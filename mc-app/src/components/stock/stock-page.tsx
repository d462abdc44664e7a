import { InfoMainPage } from "@commercetools-frontend/application-components";
import { useIsAuthorized } from "@commercetools-frontend/permissions";
import { designTokens } from "@commercetools-uikit/design-system";
import Spacings from "@commercetools-uikit/spacings";
import Stamp from "@commercetools-uikit/stamp";
import Text from "@commercetools-uikit/text";
import { permissions } from "../../constants.ts";
import { useRefreshed } from "../../hooks/use-refreshed.ts";
import { useText } from "../../hooks/use-text.ts";
import { PageLink } from "../page/page-link.tsx";
import { Section } from "../page/section.tsx";
import { Contents } from "./contents.tsx";
import { CorrectionsTable } from "./corrections-table.tsx";
import { FreshnessTable } from "./freshness-table.tsx";
import { HeldSection } from "./held-section.tsx";
import { RefreshedPart } from "./refreshed-part.tsx";
import { SkuSection } from "./sku-section.tsx";
import { loadCorrections, loadFreshness, loadHeld } from "./stock-service.ts";

const titleRow = {
  display: "flex",
  flexWrap: "wrap",
  alignItems: "flex-end",
  justifyContent: "space-between",
  gap: designTokens.spacing30,
} as const;

/** For the people who run the shop: where a number comes from, how old it is, what waits for a decision, and what was put right. */
export function StockPage() {
  const text = useText();
  const mayManage = useIsAuthorized({ demandedPermissions: [permissions().Manage] });
  const freshness = useRefreshed(loadFreshness);
  const held = useRefreshed(loadHeld);
  const corrections = useRefreshed(loadCorrections);
  return (
    <InfoMainPage customTitleRow={<TitleRow mayManage={mayManage} />}>
      <Spacings.Stack scale="xl">
        <Contents freshness={freshness.value} held={held.value} />
        <Section id="sku" title={text("Sku.title")}>
          <SkuSection mayManage={mayManage} ages={freshness.value?.channels ?? []} held={held.value} />
        </Section>
        <Section id="freshness" title={text("Freshness.title")}>
          <RefreshedPart state={freshness}>
            {({ channels }, now) => <FreshnessTable channels={channels} now={now} />}
          </RefreshedPart>
        </Section>
        <Section id="held" title={text("Held.title")}>
          <RefreshedPart state={held}>
            {({ sites }, now) => (
              <HeldSection sites={sites} now={now} mayManage={mayManage} onReleased={held.refresh} />
            )}
          </RefreshedPart>
        </Section>
        <Section id="corrections" title={text("Corrections.title")}>
          <RefreshedPart state={corrections}>
            {(answer, now) => <CorrectionsTable corrections={answer} now={now} />}
          </RefreshedPart>
        </Section>
      </Spacings.Stack>
    </InfoMainPage>
  );
}

function TitleRow({ mayManage }: { mayManage: boolean }) {
  const text = useText();
  return (
    <div css={titleRow}>
      <Spacings.Stack scale="xs">
        <Spacings.Inline scale="s" alignItems="center">
          <Text.Headline as="h1">{text("Stock.title")}</Text.Headline>
          {mayManage ? null : <Stamp tone="secondary" isCondensed label={text("Overview.viewOnly")} />}
        </Spacings.Inline>
        <Text.Body tone="secondary">{text("Stock.subtitle")}</Text.Body>
      </Spacings.Stack>
      <PageLink page="">{text("Stock.back")}</PageLink>
    </div>
  );
}
