import SecondaryButton from "@commercetools-uikit/secondary-button";
import Spacings from "@commercetools-uikit/spacings";
import Text from "@commercetools-uikit/text";
import { useId, useState } from "react";
import { type TextId, useText } from "../../hooks/use-text.ts";
import { Table } from "../page/table.tsx";
import { useMoments } from "../page/use-moments.ts";
import type { Held, Hold, PlannedChange, WaitingRelease } from "./parse-stock.ts";
import { Release, ReleaseWaiting } from "./release.tsx";
import { SkuLink } from "./sku-link.tsx";

const FIRST_ROWS = 10;

const would: Record<Hold["kind"], TextId> = {
  zeros: "Held.zeros",
  cuts: "Held.cuts",
  raises: "Held.raises",
  ended: "Held.ended",
};

type Props = { sites: Held["sites"]; now: number; mayManage: boolean; onReleased(): void };

/** What runs do not write before a person has looked at it. */
export function HeldSection({ sites, now, mayManage, onReleased }: Props) {
  const text = useText();
  const isAnythingHeld = sites.some(({ holds }) => holds.length > 0);
  return (
    <Spacings.Stack scale="l">
      {isAnythingHeld ? (
        <Text.Body>{text("Held.what")}</Text.Body>
      ) : (
        <Text.Body tone="secondary">{text("Held.empty")}</Text.Body>
      )}
      {mayManage || !isAnythingHeld ? null : <Text.Body tone="secondary">{text("Held.viewOnly")}</Text.Body>}
      {sites.flatMap(({ site, at, holds, releases }) =>
        holds.map((hold) => (
          <HoldShown
            key={JSON.stringify([site, hold.kind])}
            {...{ site, at, hold, now, mayManage, onReleased }}
            release={releases.find(({ kind }) => kind === hold.kind)}
          />
        )),
      )}
      {sites.flatMap(({ site, holds, releases }) =>
        releases
          .filter(({ kind }) => !holds.some((hold) => hold.kind === kind))
          .map((release) => (
            <ReleaseWaiting key={JSON.stringify([site, release.kind])} {...{ site, release, now }} held={0} />
          )),
      )}
    </Spacings.Stack>
  );
}

type HoldProps = Omit<Props, "sites"> & {
  site: string;
  at: string | null;
  hold: Hold;
  release: WaitingRelease | undefined;
};

function HoldShown({ site, at, hold, release, now, mayManage, onReleased }: HoldProps) {
  const text = useText();
  const moments = useMoments();
  const { kind, changes, entries, already } = hold;
  const id = useId();
  return (
    <article aria-labelledby={id} data-hold={kind}>
      <Spacings.Stack scale="s">
        <Text.Headline as="h3" id={id}>
          {text(would[kind], { changes, site })}
        </Text.Headline>
        <Text.Body>
          {text("Held.share", { changes, entries, share: entries === 0 ? 0 : changes / entries })}{" "}
          {already > 0 ? text("Held.already", { already }) : ""}
        </Text.Body>
        <Text.Body>{hold.message}</Text.Body>
        {at === null ? null : (
          <Text.Detail tone="secondary">{text("Held.planned", { time: moments.short(at, now) })}</Text.Detail>
        )}
        <PlanTable plan={hold.plan} labelledBy={id} />
        <Text.Detail tone="secondary">
          {text("Held.listed", {
            listed: hold.plan.length,
            changes: changes - already,
            skus: Math.max(hold.skuCount ?? 0, hold.skus.length),
            more: hold.more && (hold.skuCount ?? 0) <= hold.skus.length ? "yes" : "no",
          })}
        </Text.Detail>
        {release === undefined ? null : <ReleaseWaiting {...{ site, release, now }} held={changes} />}
        {mayManage ? <Release {...{ site, hold, release, onReleased }} /> : null}
      </Spacings.Stack>
    </article>
  );
}

type PlanRow = PlannedChange & { id: string };

function PlanTable({ plan, labelledBy }: { plan: readonly PlannedChange[]; labelledBy: string }) {
  const text = useText();
  const [isWhole, setWhole] = useState(false);
  if (plan.length === 0) return null;
  const shown = isWhole ? plan : plan.slice(0, FIRST_ROWS);
  return (
    <Spacings.Stack scale="s">
      <Table<PlanRow>
        labelledBy={labelledBy}
        rows={shown.map((change) => ({ ...change, id: JSON.stringify([change.sku, change.supplyChannel]) }))}
        columns={[
          { key: "sku", label: text("Sku.sku"), isRowHeader: true, cell: ({ sku }) => <SkuLink sku={sku} /> },
          {
            key: "channel",
            label: text("Freshness.channel"),
            cell: ({ supplyChannel }) => <Text.Body>{supplyChannel}</Text.Body>,
          },
          {
            key: "change",
            label: text("Held.plan"),
            align: "right",
            cell: ({ from, to }) => <Text.Body nowrap>{text("Stock.fromTo", { from, to })}</Text.Body>,
          },
          {
            key: "cause",
            label: text("Held.cause"),
            width: "50%",
            cell: ({ cause }) => <Text.Body>{cause}</Text.Body>,
          },
        ]}
      />
      {plan.length > FIRST_ROWS && !isWhole ? (
        <SecondaryButton label={text("Held.showAll", { count: plan.length })} onClick={() => setWhole(true)} />
      ) : null}
    </Spacings.Stack>
  );
}
