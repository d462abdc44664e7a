import { Route, Switch } from "react-router-dom";
import { OverviewPage } from "./components/overview/overview-page.tsx";
import { StockPage } from "./components/stock/stock-page.tsx";
import { pagePath, STOCK_PAGE } from "./constants.ts";

/** The shell itself refuses users without the View permission. */
export function Routes() {
  return (
    <Switch>
      <Route path={pagePath(":projectKey", STOCK_PAGE)}>
        <StockPage />
      </Route>
      <Route>
        <OverviewPage />
      </Route>
    </Switch>
  );
}
