import Text from "@commercetools-uikit/text";
import { useText } from "../../hooks/use-text.ts";
import { secondsSince } from "./time.ts";
import { useMoments } from "./use-moments.ts";

/** How long ago, and when exactly below it; "never" for a moment that did not come yet. */
export function Moment({ iso, now }: { iso: string | null; now: number }) {
  const text = useText();
  const moments = useMoments();
  if (iso === null) return <Text.Body tone="secondary">{text("Moment.never")}</Text.Body>;
  return (
    <time dateTime={iso} title={moments.full(iso)} css={{ display: "flex", flexDirection: "column" }}>
      <Text.Body>{moments.ago(secondsSince(iso, now))}</Text.Body>
      <Text.Detail tone="secondary">{moments.short(iso, now)}</Text.Detail>
    </time>
  );
}
