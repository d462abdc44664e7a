import { type ApolloClient, useApolloClient } from "@apollo/client";
import { useCallback, useEffect, useRef, useState } from "react";
import { REFRESH_INTERVAL_MS } from "../constants.ts";
import type { Asked, Problem } from "../service/ask-service.ts";

export type Refreshed<T> = {
  /** The last good answer stays on the page while a later refresh fails. */
  value: T | undefined;
  /** Milliseconds since the epoch, by this machine's clock. */
  receivedAt: number | undefined;
  /** Of the latest attempt; undefined when it went well. */
  problem: Problem | undefined;
  loading: boolean;
  refresh(): void;
};

/** Loads at once, on demand, and every 30 s while somebody can see the page. `load` is the same function at every render. */
export function useRefreshed<T>(load: (apollo: ApolloClient<unknown>) => Promise<Asked<T>>): Refreshed<T> {
  const apollo = useApolloClient();
  const [answer, setAnswer] = useState<Pick<Refreshed<T>, "value" | "receivedAt" | "problem">>({
    value: undefined,
    receivedAt: undefined,
    problem: undefined,
  });
  const [loading, setLoading] = useState(true);
  // One request at a time: a slow service must not be asked again by the clock while it still works on the last question.
  const underWay = useRef(false);
  const attemptedAt = useRef(0);

  const refresh = useCallback(() => {
    if (underWay.current) return;
    underWay.current = true;
    attemptedAt.current = Date.now();
    setLoading(true);
    void load(apollo).then((asked) => {
      underWay.current = false;
      setLoading(false);
      setAnswer((before) =>
        asked.ok
          ? { value: asked.value, receivedAt: Date.now(), problem: undefined }
          : { ...before, problem: asked.problem },
      );
    });
  }, [apollo, load]);

  useEffect(() => {
    refresh();
    const whenDue = () => {
      if (!document.hidden && Date.now() - attemptedAt.current >= REFRESH_INTERVAL_MS) refresh();
    };
    const timer = setInterval(whenDue, 1_000);
    document.addEventListener("visibilitychange", whenDue);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", whenDue);
    };
  }, [refresh]);

  return { ...answer, loading, refresh };
}
