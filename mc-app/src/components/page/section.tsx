import Spacings from "@commercetools-uikit/spacings";
import Text from "@commercetools-uikit/text";
import type { ReactNode } from "react";

/** A part of a page with its heading, whose id is `{id}-title`. */
export function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    // Focusable from script and link, because the headline numbers lead here.
    <section id={id} aria-labelledby={`${id}-title`} tabIndex={-1} css={{ outline: "none" }}>
      <Spacings.Stack scale="m">
        <Text.Headline as="h2" id={`${id}-title`}>
          {title}
        </Text.Headline>
        {children}
      </Spacings.Stack>
    </section>
  );
}
