/** What a process does when it begins to listen and before it ends, told by the parts that need it. */
export type Life = {
  /** Begun once the process listens; it serves meanwhile. */
  onStart(work: () => Promise<unknown>): void;
  /** Awaited when the last request is answered. */
  onEnd(work: () => Promise<unknown>): void;
  start(): Promise<void>;
  end(): Promise<void>;
};

export function createLife(): Life {
  const starting: (() => Promise<unknown>)[] = [];
  const ending: (() => Promise<unknown>)[] = [];
  const all = async (works: readonly (() => Promise<unknown>)[]) => {
    await Promise.all(works.map((work) => work()));
  };
  return {
    onStart: (work) => void starting.push(work),
    onEnd: (work) => void ending.push(work),
    start: () => all(starting),
    end: () => all(ending),
  };
}
