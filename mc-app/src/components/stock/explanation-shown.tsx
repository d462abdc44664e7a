import { ContentNotification } from "@commercetools-uikit/notifications";
import Spacings from "@commercetools-uikit/spacings";
import Text from "@commercetools-uikit/text";
import { useId } from "react";
import { useText } from "../../hooks/use-text.ts";
import { useMoments } from "../page/use-moments.ts";
import { ChannelShown } from "./channel-shown.tsx";
import type { ChannelAge, Explanation, Held, Site } from "./parse-stock.ts";
import { DemandTable, InFlightTable, RowsTable } from "./sources.tsx";

type Props = { explanation: Explanation; ages: readonly ChannelAge[]; held: Held | undefined };

/** Everything known about the quantity of one SKU, site by site. */
export function ExplanationShown({ explanation, ages, held }: Props) {
  const text = useText();
  const moments = useMoments();
  const { sku, at, tracked, problems, sites } = explanation;
  return (
    <Spacings.Stack scale="l">
      <Text.Detail tone="secondary">{text("Sku.asOf", { sku, time: moments.full(at) })}</Text.Detail>
      {tracked ? null : (
        <ContentNotification type="info">
          <Text.Body>{text("Sku.untracked")}</Text.Body>
        </ContentNotification>
      )}
      {tracked && problems.length > 0 ? <Problems problems={problems} /> : null}
      {sites.map((site) => (
        <SiteShown key={site.site} {...{ site, sku, ages, held }} />
      ))}
    </Spacings.Stack>
  );
}

function Problems({ problems }: { problems: readonly string[] }) {
  const text = useText();
  return (
    <ContentNotification type="warning">
      <Spacings.Stack scale="xs">
        <Text.Body fontWeight="bold">{text("Sku.problems")}</Text.Body>
        {problems.map((problem) => (
          <Text.Body key={problem}>{problem}</Text.Body>
        ))}
      </Spacings.Stack>
    </ContentNotification>
  );
}

function SiteShown({ site, sku, ages, held }: Omit<Props, "explanation"> & { site: Site; sku: string }) {
  const text = useText();
  const { site: name, catalogNo, partNo, channels, components } = site;
  const id = useId();
  const isHeld = (supplyChannel: string) =>
    (held?.sites ?? []).some(({ holds }) =>
      holds.some(({ plan, skus }) => {
        const listed = plan.filter((change) => change.sku === sku);
        // The plan lists the first ones only; of the others the SKU is known.
        if (listed.length === 0) return skus.includes(sku);
        return listed.some((change) => change.supplyChannel === supplyChannel);
      }),
    );
  return (
    <article aria-labelledby={id}>
      <Spacings.Stack scale="m">
        <Text.Headline as="h3" id={id}>
          {text("Sku.site", { site: name, catalogNo })}
        </Text.Headline>
        <Text.Body tone="secondary">
          {partNo === null ? text("Sku.noPart") : text("Sku.part", { partNo })}{" "}
          {components.length > 0
            ? text("Sku.kit", { parts: components.map((each) => `${each.quantity} × ${each.partNo}`).join(", ") })
            : ""}
        </Text.Body>
        {channels.map((channel) => (
          <ChannelShown
            key={JSON.stringify([channel.supplyChannel, channel.pool])}
            channel={channel}
            age={ages.find(
              ({ supplyChannel, pool }) => supplyChannel === channel.supplyChannel && pool === channel.pool,
            )}
            isHeld={isHeld(channel.supplyChannel)}
          />
        ))}
        <InFlightTable lines={site.inFlight} />
        <DemandTable lines={site.demand} />
        <RowsTable rows={site.rows} />
      </Spacings.Stack>
    </article>
  );
}
