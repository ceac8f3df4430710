/** Hosts' clocks that are in doubt: nothing is destroyed by them until somebody says they are right. */

import type { JSX } from "preact";
import { locale } from "../../shared/i18n/index.ts";
import { sayAge } from "../../shared/time.ts";
import type { CommuneRecording, HostClock, Id } from "../../shared/types.ts";
import { When } from "../../shared/ui/age.tsx";
import { confirmClock } from "../intents/recordings.ts";
import { may } from "../state/store.ts";
import { Sure } from "./sure.tsx";
import { text } from "./words/index.ts";

export function Clocks(props: {
  commune: Id;
  recording: CommuneRecording;
  onChange: (recording: CommuneRecording) => void;
}): JSX.Element {
  const doubted = props.recording.clocks.filter(({ doubt }) => doubt !== null);
  return (
    <>
      {doubted.map((clock) => (
        <div key={clock.host} class="form" data-testid="clock-in-doubt">
          <p>
            <span class="tag danger">{text("clocks.doubt", { host: clock.host, off: off(clock) })}</span>{" "}
            {clock.doubted_since && <When at={clock.doubted_since} />}
          </p>
          {may("manage-commune", props.commune) && clock.doubt !== "settling" && (
            <Sure
              label={text("clocks.right")}
              what={text("clocks.sure", { host: clock.host, off: off(clock) })}
              testid="clock-right"
              onYes={async () => props.onChange(await confirmClock(props.commune, clock))}
            />
          )}
        </div>
      ))}
    </>
  );
}

/** `+30 j`: ahead of what it was believed to be. */
const off = ({ off_s }: HostClock): string =>
  (off_s < 0 ? "−" : "+") + sayAge(Math.round(Math.abs(off_s)), locale.value);
