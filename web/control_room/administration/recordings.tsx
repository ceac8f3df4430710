/** Recordings: for how long, which cameras never, what is held, what was destroyed. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../shared/problem.ts";
import type { Camera, CommuneRecording, Id } from "../../shared/types.ts";
import { Fault } from "../../shared/ui/fault.tsx";
import { When } from "../../shared/ui/age.tsx";
import { keepOut, recordingOf } from "../intents/recordings.ts";
import { fault, notify } from "../notices/notices.ts";
import { may, room } from "../state/store.ts";
import { words } from "../words/index.ts";
import { here } from "./administration.tsx";
import { Clocks } from "./clocks.tsx";
import { Holds } from "./holds.tsx";
import { Receipts } from "./receipts.tsx";
import { RetentionForm } from "./retention.tsx";
import { SectionHead, Skeleton } from "./section.tsx";
import { Volumes } from "./volumes.tsx";
import { text } from "./words/index.ts";

export function Recordings(): JSX.Element {
  const commune = here.value;
  return (
    <>
      <SectionHead title={text("section.recordings")} intro={text("recordings.intro")} add={null} />
      {commune && <OfCommune key={commune} commune={commune} />}
      {commune && <Holds key={`holds-${commune}`} commune={commune} />}
      {commune && may("read-register", commune) && (
        <Receipts key={`receipts-${commune}`} commune={commune} />
      )}
    </>
  );
}

function OfCommune({ commune }: { commune: Id }): JSX.Element {
  const [recording, setRecording] = useState<CommuneRecording | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const load = (): void => {
    setProblem(null);
    recordingOf(commune).then(setRecording, (error: unknown) => setProblem(Problem.of(error)));
  };
  useEffect(load, []);
  if (problem) return <Fault error={problem} retry={load} />;
  if (!recording) return <Skeleton />;
  return (
    <>
      <section class="recording-part" aria-label={text("retention.title")}>
        <h2>{text("retention.title")}</h2>
        <p data-testid="retention" data-days={recording.days ?? ""}>
          {recording.days === null
            ? text("retention.off")
            : text("retention.on", { days: recording.days })}
          {recording.decided_at && (
            <span class="quiet small">
              {" "}
              {text("retention.decided")} <When at={recording.decided_at} />
            </span>
          )}
        </p>
        {may("manage-commune", commune) ? (
          <RetentionForm commune={commune} recording={recording} onDecided={setRecording} />
        ) : (
          <p class="small quiet">{text("retention.who")}</p>
        )}
      </section>
      <section class="recording-part" aria-label={text("volumes.title")}>
        <h2>{text("volumes.title")}</h2>
        <Volumes commune={commune} recording={recording} onLost={load} />
        <Clocks commune={commune} recording={recording} onChange={setRecording} />
      </section>
      <section class="recording-part" aria-label={text("never.title")}>
        <h2>{text("never.title")}</h2>
        <Never commune={commune} recording={recording} onChange={setRecording} />
      </section>
    </>
  );
}

function Never(props: {
  commune: Id;
  recording: CommuneRecording;
  onChange: (recording: CommuneRecording) => void;
}): JSX.Element {
  const { commune, recording } = props;
  const cameras = [...room.value.cameras.values()]
    .filter(({ commune_id, disabled_at }) => commune_id === commune && disabled_at === null)
    .toSorted((a, b) => a.number - b.number);
  const manages = may("manage-cameras", commune);
  const set = async (camera: Camera, never: boolean, isUndone = false): Promise<void> => {
    try {
      await keepOut(camera.id, never);
      props.onChange(await recordingOf(commune));
    } catch (error) {
      fault(error);
      return;
    }
    if (isUndone) return;
    const name = words("camera.named", { number: camera.number, name: camera.name });
    notify({
      tone: "done",
      text: text(never ? "never.done" : "never.undone", { name }),
      undo: () => void set(camera, !never, true),
    });
  };
  return (
    <>
      <p class="quiet small">{text("never.how")}</p>
      {cameras.length === 0 && <p class="empty">{words("cameras.empty")}</p>}
      <ul class="never-list">
        {cameras.map((camera) => (
          <li key={camera.id}>
            <label class="check">
              <input
                type="checkbox"
                data-testid="never"
                data-camera={camera.number}
                disabled={!manages}
                checked={recording.never_recorded.includes(camera.id)}
                onChange={(event) => void set(camera, event.currentTarget.checked)}
              />
              {camera.number} {camera.name}
            </label>
          </li>
        ))}
      </ul>
    </>
  );
}
