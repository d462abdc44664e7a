import { designTokens } from "@commercetools-uikit/design-system";
import type { OverviewException } from "core/domain/overview.ts";
import { useText } from "../../hooks/use-text.ts";
import { useWords } from "./words.ts";

type Props = {
  exceptions: readonly OverviewException[];
  /** undefined: everybody's. */
  chosen: string | undefined;
  onChoose(owner: string | undefined): void;
};

const row = {
  display: "flex",
  flexWrap: "wrap",
  gap: designTokens.spacing20,
  border: "none",
  margin: 0,
  padding: 0,
} as const;

const chip = {
  padding: `${designTokens.spacing10} ${designTokens.spacing25}`,
  borderRadius: designTokens.borderRadius20,
  border: `1px solid ${designTokens.colorNeutral85}`,
  background: designTokens.colorSurface,
  color: designTokens.colorSolid,
  fontFamily: "inherit",
  fontSize: designTokens.fontSize20,
  cursor: "pointer",
  '&[aria-pressed="true"]': {
    background: designTokens.colorPrimary95,
    borderColor: designTokens.colorPrimary,
    color: designTokens.colorPrimary20,
  },
  "&:focus-visible": { outline: `2px solid ${designTokens.colorPrimary}`, outlineOffset: "2px" },
} as const;

/** Whose exceptions to show. Nothing to choose as long as they are all one owner's. */
export function OwnerFilter({ exceptions, chosen, onChoose }: Props) {
  const text = useText();
  const words = useWords();
  const counts = new Map<string, number>();
  for (const { owner } of exceptions) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  if (counts.size < 2) return null;
  return (
    <fieldset css={row} aria-label={text("Exceptions.filter")}>
      <button type="button" css={chip} aria-pressed={chosen === undefined} onClick={() => onChoose(undefined)}>
        {text("Exceptions.everybody", { count: exceptions.length })}
      </button>
      {[...counts].map(([owner, count]) => (
        <button key={owner} type="button" css={chip} aria-pressed={chosen === owner} onClick={() => onChoose(owner)}>
          {text("Exceptions.ofOwner", { owner: words.owner(owner), count })}
        </button>
      ))}
    </fieldset>
  );
}
