import { useApplicationContext } from "@commercetools-frontend/application-shell-connectors";
import Link from "@commercetools-uikit/link";
import type { ReactNode } from "react";
import { pagePath } from "../../constants.ts";

/** To another page of this application; `page` is what follows its entry point, "" for the overview. */
export function PageLink({ page, children }: { page: string; children: ReactNode }) {
  const projectKey = useApplicationContext((context) => context.project?.key) ?? "";
  return <Link to={pagePath(encodeURIComponent(projectKey), page)}>{children}</Link>;
}
