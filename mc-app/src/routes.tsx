import { Route, Switch } from "react-router-dom";
import { OverviewPage } from "./components/overview/overview-page.tsx";

/** One page so far. The shell itself refuses users without the View permission. */
export function Routes() {
  return (
    <Switch>
      <Route>
        <OverviewPage />
      </Route>
    </Switch>
  );
}
