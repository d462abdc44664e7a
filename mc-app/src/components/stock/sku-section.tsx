import { designTokens } from "@commercetools-uikit/design-system";
import LoadingSpinner from "@commercetools-uikit/loading-spinner";
import PrimaryButton from "@commercetools-uikit/primary-button";
import Spacings from "@commercetools-uikit/spacings";
import TextField from "@commercetools-uikit/text-field";
import { useEffect, useState } from "react";
import { useHistory, useLocation } from "react-router-dom";
import { useText } from "../../hooks/use-text.ts";
import { ProblemNotice } from "../page/problem-notice.tsx";
import { ExplanationShown } from "./explanation-shown.tsx";
import type { ChannelAge, Held } from "./parse-stock.ts";
import { skuSearch } from "./sku-link.tsx";
import { SyncSku } from "./sync-sku.tsx";
import { useExplanation } from "./use-explanation.ts";

type Props = {
  mayManage: boolean;
  ages: readonly ChannelAge[];
  /** undefined: not known yet. */
  held: Held | undefined;
};

/** The SKU of the address is explained; the field changes the address. */
export function SkuSection({ mayManage, ages, held }: Props) {
  const text = useText();
  const history = useHistory();
  const { pathname, search } = useLocation();
  const sku = new URLSearchParams(search).get("sku") ?? "";
  const [typed, setTyped] = useState(sku);
  const state = useExplanation(sku);
  // A link of the page leads to another SKU, which the field then shows.
  useEffect(() => setTyped(sku), [sku]);
  const show = () => {
    const wanted = typed.trim();
    if (wanted === "") return;
    if (wanted === sku) state.refresh();
    else history.push(`${pathname}${skuSearch(wanted)}`);
  };
  return (
    <Spacings.Stack scale="l">
      <search>
        <form
          css={{ display: "flex", flexWrap: "wrap", alignItems: "flex-end", gap: designTokens.spacing30 }}
          onSubmit={(event) => {
            event.preventDefault();
            show();
          }}
        >
          <div css={{ flex: "0 1 360px" }}>
            <TextField
              id="sku-field"
              name="sku"
              title={text("Sku.sku")}
              value={typed}
              autoComplete="off"
              onChange={(event) => setTyped(event.target.value)}
            />
          </div>
          <PrimaryButton type="submit" label={text("Sku.show")} isDisabled={typed.trim() === "" || state.loading} />
        </form>
      </search>
      {state.loading ? (
        <div role="status">
          <LoadingSpinner>{text("Sku.loading")}</LoadingSpinner>
        </div>
      ) : null}
      {state.failure ? <ProblemNotice problem={state.failure.problem} told={state.failure.told} asked="look" /> : null}
      {state.value ? (
        <>
          {mayManage && state.value.tracked ? (
            <SyncSku key={state.value.sku} sku={state.value.sku} onDone={state.refresh} />
          ) : null}
          <ExplanationShown explanation={state.value} ages={ages} held={held} />
        </>
      ) : null}
    </Spacings.Stack>
  );
}
