import type { Overview } from "core/domain/overview.ts";
import { useText } from "../../hooks/use-text.ts";
import { Section } from "../page/section.tsx";
import { useNow } from "../page/use-now.ts";
import { CheckoutSection } from "./checkout-section.tsx";
import { ExceptionList } from "./exception-list.tsx";
import { FlowTable } from "./flow-table.tsx";
import { Headline } from "./headline.tsx";
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
