import { designTokens } from "@commercetools-uikit/design-system";
import { type TextId, useText } from "../../hooks/use-text.ts";
import { goTo } from "../page/go-to.ts";
import type { Freshness, Held } from "./parse-stock.ts";

const list = {
  display: "flex",
  flexWrap: "wrap",
  gap: designTokens.spacing30,
  margin: 0,
  padding: 0,
  listStyle: "none",
} as const;
const link = { color: designTokens.colorPrimary30, fontSize: designTokens.fontSize30 } as const;

type Props = { freshness: Freshness | undefined; held: Held | undefined };

/** What needs somebody is told at the top, because an explanation makes the page long. */
export function Contents({ freshness, held }: Props) {
  const text = useText();
  const stale = freshness?.channels.filter((channel) => channel.stale).length ?? 0;
  const holds = held?.sites.reduce((total, site) => total + site.holds.length, 0) ?? 0;
  const parts: { id: string; title: TextId; count: number }[] = [
    { id: "freshness", title: "Contents.freshness", count: stale },
    { id: "held", title: "Contents.held", count: holds },
    { id: "corrections", title: "Contents.corrections", count: 0 },
  ];
  return (
    <nav aria-label={text("Contents.title")}>
      <ul css={list}>
        {parts.map(({ id, title, count }) => (
          <li key={id}>
            <a css={link} href={`#${id}`} onClick={(event) => goTo(event, `#${id}`)}>
              {text(title, { count })}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
