import { ContentNotification } from "@commercetools-uikit/notifications";
import type { Overview } from "core/domain/overview.ts";
import { useText } from "../../hooks/use-text.ts";

/** One sentence for somebody who has ten seconds. Read out again only when it changes. */
export function Verdict({ overview }: { overview: Overview }) {
  const text = useText();
  const failing = overview.flows.filter((flow) => flow.state === "failing").length;
  const silent = overview.flows.filter((flow) => flow.state === "silent").length;
  const exceptions = overview.exceptionCount;
  if (overview.configurationVersion === null) {
    return (
      <div role="status">
        <ContentNotification type="info">{text("Verdict.unconfigured")}</ContentNotification>
      </div>
    );
  }
  const troubled = failing + silent;
  const type = troubled > 0 ? "error" : exceptions > 0 ? "warning" : "success";
  const flows = troubled > 0 ? text("Verdict.troubled", { failing, silent, troubled }) : text("Verdict.flowsFine");
  const people = exceptions > 0 ? text("Verdict.exceptions", { exceptions }) : text("Verdict.noExceptions");
  return (
    <div role="status">
      <ContentNotification type={type}>
        {flows} {people}
      </ContentNotification>
    </div>
  );
}
