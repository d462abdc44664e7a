import Spacings from "@commercetools-uikit/spacings";
import Text from "@commercetools-uikit/text";
import type { Overview } from "core/domain/overview.ts";
import type { ReactNode } from "react";
import { useText } from "../../hooks/use-text.ts";
import { CheckoutSection } from "./checkout-section.tsx";
import { ExceptionList } from "./exception-list.tsx";
import { FlowTable } from "./flow-table.tsx";
import { Headline } from "./headline.tsx";
import { useNow } from "./use-now.ts";
import { Verdict } from "./verdict.tsx";

type Props = {
  overview: Overview;
  /** When this machine received it, milliseconds since the epoch. */
  receivedAt: number;
};

export function OverviewContent({ overview, receivedAt }: Props) {
  const text = useText();
  // Ages are counted from the service's own clock, so that a wrong clock on the desk does not make a flow look silent.
  const now = Date.parse(overview.generatedAt) + (useNow() - receivedAt);
  return (
    <>
      <Verdict overview={overview} />
      <Headline overview={overview} now={now} />
      <Section id="flows" title={text("Flows.title")}>
        <FlowTable flows={overview.flows} now={now} />
      </Section>
      {overview.checkout ? (
        <Section id="checkout" title={text("Checkout.title")}>
          <CheckoutSection checkout={overview.checkout} />
        </Section>
      ) : null}
      <Section id="exceptions" title={text("Exceptions.title", { count: overview.exceptionCount })}>
        <ExceptionList
          exceptions={overview.exceptions}
          total={overview.exceptionCount}
          projectKey={overview.projectKey}
          now={now}
        />
      </Section>
    </>
  );
}

function Section({ id, title, children }: { id: string; title: string; children: ReactNode }) {
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
