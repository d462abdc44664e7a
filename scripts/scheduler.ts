/** The platform's scheduler for the job, in the sandbox: a POST at an interval; the answer is not looked at, as there. */
export function startScheduler(jobUrl: string, everyMs: number): { stop(): void } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const call = async () => {
    await fetch(jobUrl, { method: "POST", body: "{}", signal: AbortSignal.timeout(300_000) }).then(
      (response) => response.arrayBuffer(),
      () => undefined, // the job is being restarted: the next call reaches it
    );
    if (!stopped) timer = setTimeout(() => void call(), everyMs);
  };
  void call();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
