/**
 * How a process lives. What it awaits comes back, comes back late, or never: between two awaits nothing outside of it can
 * change, so a death or a pause at each of them is a death or a pause anywhere.
 */
import { type Clock, sleepWith } from "../core/src/runtime/clock.ts";

/**
 * `send`: a request is about to leave; `answer`: one has come back; `wake`: an alarm rings; `reply`: the process is about to answer
 * somebody.
 */
export type MomentKind = "send" | "answer" | "wake" | "reply";

export type Moment = {
  readonly process: string;
  readonly kind: MomentKind;
  /** `POST http://ifs.test/main/…` for requests, `alarm` otherwise. */
  readonly what: string;
  /** Number of this moment in the life of the process, from 0. */
  readonly count: number;
};

/** `die` stops the process for good before what is to come, `pauseMs` freezes it for that time. */
export type Interruption = "go" | "die" | { readonly pauseMs: number };
export type Interrupt = (moment: Moment) => Interruption;

export type Life = {
  /** Rings only while the process runs; a pause delays what rings in it, a death silences it. */
  readonly clock: Clock;
  /** Lets one moment happen, unless it is where the process is interrupted. */
  pass(kind: MomentKind, what: string, happen: () => void): void;
  /** Something from outside reaches the process: at once, after its pause, or never. No moment of its own. */
  arrive(happen: () => void): void;
  state(): "running" | "paused" | "dead";
  pause(ms: number): void;
  kill(): void;
  /** Calls back at the death; the answer forgets it. */
  onDeath(listener: () => void): () => void;
};

export function createLife(process: string, outer: Clock, interrupt: Interrupt = () => "go"): Life {
  let dead = false;
  let resumesAt = Number.NEGATIVE_INFINITY;
  let count = 0;
  const mourners = new Set<() => void>();

  function deliver(happen: () => void): void {
    if (dead) return;
    const left = resumesAt - outer.monotonic();
    // Asked again at the end: the pause may have become longer, or the last one.
    // Whole milliseconds: a rest below the precision of the clock would never pass.
    if (left > 0) outer.after(Math.ceil(left), () => deliver(happen));
    else happen();
  }

  function pass(kind: MomentKind, what: string, happen: () => void): void {
    if (dead) return;
    const interruption = interrupt({ process, kind, what, count });
    count += 1;
    if (interruption === "die") kill();
    else if (interruption !== "go") pause(interruption.pauseMs);
    // Whoever slept in the middle of sending rings its alarms first: `fetch` writes a request in the turn in which it is called,
    // or after a connection was made, which is given up like everything else when the deadline has passed. What fell due in the
    // sleep is delivered up to a millisecond after its end.
    const late = kind === "send" && interruption !== "go";
    deliver(late ? () => outer.after(1, () => deliver(happen)) : happen);
  }

  function pause(ms: number): void {
    resumesAt = Math.max(resumesAt, outer.monotonic() + ms);
  }

  function kill(): void {
    if (dead) return;
    dead = true;
    for (const mourn of [...mourners]) mourn();
  }

  const after: Clock["after"] = (ms, ring) => {
    let off = false;
    const callOff = outer.after(ms, () => {
      pass("wake", "alarm", () => {
        if (!off) ring();
      });
    });
    return () => {
      off = true;
      callOff();
    };
  };

  return {
    clock: { ...outer, after, sleep: sleepWith(after) },
    pass,
    arrive: deliver,
    state: () => (dead ? "dead" : resumesAt > outer.monotonic() ? "paused" : "running"),
    pause,
    kill,
    onDeath(listener) {
      mourners.add(listener);
      return () => mourners.delete(listener);
    },
  };
}
