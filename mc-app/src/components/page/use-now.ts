import { useEffect, useState } from "react";

const TICK_MS = 5_000;

/** This machine's clock, milliseconds since the epoch, moving every 5 s. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}
