import { useApolloClient } from "@apollo/client";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Failure } from "../../service/ask-service.ts";
import type { Explanation } from "./parse-stock.ts";
import { explainSku } from "./stock-service.ts";

export type ExplanationState = {
  /** Of the SKU that was asked for last, and never of another. */
  value: Explanation | undefined;
  failure: Failure | undefined;
  loading: boolean;
  refresh(): void;
};

const NOTHING = { value: undefined, failure: undefined, loading: false } as const;

/** Asks for the SKU, "" for none. An answer that another question has overtaken is dropped. */
export function useExplanation(sku: string): ExplanationState {
  const apollo = useApolloClient();
  const [state, setState] = useState<Omit<ExplanationState, "refresh">>(NOTHING);
  const question = useRef(0);

  const refresh = useCallback(() => {
    question.current += 1;
    const own = question.current;
    if (sku === "") return setState(NOTHING);
    setState((before) => ({ ...NOTHING, value: before.value?.sku === sku ? before.value : undefined, loading: true }));
    void explainSku(apollo, sku).then((asked) => {
      if (own !== question.current) return;
      setState(
        asked.ok
          ? { value: asked.value, failure: undefined, loading: false }
          : { value: undefined, failure: asked, loading: false },
      );
    });
  }, [apollo, sku]);

  useEffect(() => refresh(), [refresh]);
  return { ...state, refresh };
}
