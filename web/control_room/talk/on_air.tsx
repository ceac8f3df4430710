/** On the air, or with an open line: red while something is heard in the street. */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { Problem } from "../../shared/problem.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { LONGEST_S, silence, type Announcement } from "./announcements.ts";
import type { Voice } from "./voice.ts";
import { words } from "./words.ts";

/** Space speaks while it is held, and so does the button; whatever takes the page away is silence. */
export function OnAir({ voice, onEnd }: { voice: Voice; onEnd: () => void }): JSX.Element {
  const [held, setHeld] = useState(false);
  const left = useLeft(LONGEST_S);
  const button = useRef<HTMLButtonElement>(null);
  const hold = (now: boolean): void => {
    voice.hold(now);
    setHeld(now);
  };
  useEffect(() => {
    button.current?.focus();
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== " ") return;
      event.preventDefault();
      if (!event.repeat) hold(event.type === "keydown");
    };
    const release = (): void => hold(false);
    addEventListener("keydown", onKey, true);
    addEventListener("keyup", onKey, true);
    addEventListener("blur", release);
    document.addEventListener("visibilitychange", release);
    return () => {
      removeEventListener("keydown", onKey, true);
      removeEventListener("keyup", onKey, true);
      removeEventListener("blur", release);
      document.removeEventListener("visibilitychange", release);
      void voice.end();
    };
  }, [voice]);
  return (
    <div class={held ? "on-air is-on" : "on-air"} data-testid="on-air" data-on={held}>
      <p class="on-air-word" role="status">
        {words(held ? "onAir" : "silent")}
      </p>
      <Level voice={voice} />
      <button
        ref={button}
        type="button"
        class="button danger on-air-hold"
        data-testid="hold-to-speak"
        aria-pressed={held}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          hold(true);
        }}
        onPointerUp={() => hold(false)}
        onPointerCancel={() => hold(false)}
        onLostPointerCapture={() => hold(false)}
        onContextMenu={(event) => event.preventDefault()}
      >
        {words("hold")}
      </button>
      <p class="small quiet">{words("holdHow")}</p>
      <p class="small">{words("left", { count: left })}</p>
      <button type="button" class="button" data-testid="end-talk" onClick={onEnd}>
        {words("end")}
      </button>
    </div>
  );
}

export function Sounding(props: {
  said: Announcement;
  talk: string;
  seconds: number;
  onEnd: () => void;
}): JSX.Element {
  const { said, talk, seconds, onEnd } = props;
  const left = useLeft(seconds);
  const [problem, setProblem] = useState<Problem | null>(null);
  const over = useRef(false);
  const stop = async (): Promise<void> => {
    try {
      await silence(talk);
      over.current = true;
      onEnd();
    } catch (error) {
      setProblem(Problem.of(error));
    }
  };
  useEffect(() => {
    if (left > 0) return;
    over.current = true;
    onEnd();
  }, [left]);
  useEffect(() => {
    // Closing the dialog is stopping, too; so is going away.
    const leave = (): void => {
      if (!over.current) void silence(talk).catch(() => undefined);
      over.current = true;
    };
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
      leave();
    };
  }, [talk]);
  return (
    <div class="on-air is-on" data-testid="on-air" data-on="true">
      <p class="on-air-word" role="status">
        {words("sounding", { name: said.name })}
      </p>
      <blockquote>{said.text}</blockquote>
      <p class="small">{words("left", { count: left })}</p>
      <button type="button" class="button danger" data-testid="end-talk" onClick={() => void stop()}>
        {words("stop")}
      </button>
      {problem && <Fault error={problem} />}
    </div>
  );
}

/** Whole seconds until `seconds` from now are over. */
function useLeft(seconds: number): number {
  const [began] = useState(() => performance.now());
  const [left, setLeft] = useState(Math.ceil(seconds));
  useEffect(() => {
    const timer = setInterval(() => {
      setLeft(Math.max(0, Math.ceil(seconds - (performance.now() - began) / 1000)));
    }, 250);
    return () => clearInterval(timer);
  }, [began, seconds]);
  return left;
}

/** Its own part: it is drawn at each picture of the screen. */
function Level({ voice }: { voice: Voice }): JSX.Element {
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    let turn = requestAnimationFrame(function draw() {
      if (meter.current) meter.current.value = voice.level();
      turn = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(turn);
  }, [voice]);
  return <meter ref={meter} class="on-air-level" min={0} max={1} aria-label={words("level")} />;
}
