import { designTokens } from "@commercetools-uikit/design-system";
import type { Overview } from "core/domain/overview.ts";
import { useText } from "../../hooks/use-text.ts";
import { goTo } from "../page/go-to.ts";
import { earliest, secondsSince } from "../page/time.ts";
import { useMoments } from "../page/use-moments.ts";

const grid = {
  display: "grid",
  gridTemplateColumns: "repeat(auto-fit, minmax(220px, 1fr))",
  gap: designTokens.spacing30,
  margin: 0,
  padding: 0,
  listStyle: "none",
} as const;

const card = {
  display: "flex",
  flexDirection: "column",
  gap: designTokens.spacing10,
  height: "100%",
  boxSizing: "border-box",
  padding: designTokens.spacing30,
  borderRadius: designTokens.borderRadius8,
  border: `1px solid ${designTokens.colorNeutral90}`,
  background: designTokens.colorSurface,
  color: designTokens.colorSolid,
  textDecoration: "none",
  "&:hover": { borderColor: designTokens.colorPrimary },
  "&:focus-visible": { outline: `2px solid ${designTokens.colorPrimary}`, outlineOffset: "2px" },
} as const;

const label = { fontSize: designTokens.fontSize20, color: designTokens.colorNeutral40 } as const;
const figure = { fontSize: designTokens.fontSize70, fontWeight: 600, lineHeight: 1.2 } as const;
const figureAlarming = { ...figure, color: designTokens.colorError40 } as const;
const hint = { fontSize: designTokens.fontSize20, color: designTokens.colorNeutral40, lineHeight: 1.4 } as const;

/** Four numbers, each leading to the list it counts. */
export function Headline({ overview, now }: { overview: Overview; now: number }) {
  const text = useText();
  const moments = useMoments();
  const oldest = earliest(overview.exceptions.map((exception) => exception.firstSeenAt));
  return (
    <ul css={grid} aria-label={text("Headline.title")}>
      <Figure
        href="#flows"
        label={text("Headline.waiting")}
        value={text("Headline.number", { value: overview.ordersInFlight })}
        hint={text("Headline.waiting.hint")}
      />
      <Figure
        href="#flows"
        label={text("Headline.linked")}
        value={text("Headline.number", { value: overview.ordersLinked })}
        hint={text("Headline.linked.hint")}
      />
      <Figure
        href="#exceptions"
        label={text("Headline.exceptions")}
        value={text("Headline.number", { value: overview.exceptionCount })}
        hint={text("Headline.exceptions.hint")}
        alarming={overview.exceptionCount > 0}
      />
      <Figure
        href="#exceptions"
        label={text("Headline.oldest")}
        value={oldest ? moments.duration(secondsSince(oldest, now)) : text("Headline.none")}
        hint={oldest ? text("Headline.oldest.since", { time: moments.full(oldest) }) : text("Headline.oldest.none")}
      />
    </ul>
  );
}

type FigureProps = { href: string; label: string; value: string; hint: string; alarming?: boolean };

function Figure(props: FigureProps) {
  return (
    <li>
      <a css={card} href={props.href} onClick={(event) => goTo(event, props.href)}>
        <span css={label}>{props.label}</span>
        <span css={props.alarming ? figureAlarming : figure}>{props.value}</span>
        <span css={hint}>{props.hint}</span>
      </a>
    </li>
  );
}
