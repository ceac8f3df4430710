/** A camera's masks: drawn on its picture, looked at as they will be, decided, taken back. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../../shared/problem.ts";
import type { Camera, CameraMasking, PicturePoints } from "../../../shared/types.ts";
import { Fault } from "../../../shared/ui/fault.tsx";
import { notify } from "../../notices/notices.ts";
import { Drawing } from "../drawing.tsx";
import { DrawingForm } from "../drawing_form.tsx";
import { stillOfCamera } from "../intents.ts";
import { BackAndForth } from "../step_buttons.tsx";
import { change } from "../steps.ts";
import { useDraft } from "../unsaved.ts";
import { BarePicture } from "./bare_picture.tsx";
import { isFinished, type Draft } from "./drafts.ts";
import { barePicture, decide, maskingOf } from "./intents.ts";
import { Versions } from "./versions.tsx";
import { words } from "./words.ts";

/** A press on the picture begins a mask where there is none yet. */
const FIRST: readonly PicturePoints[] = [[]];

export function MasksEditor(props: { camera: Camera; onDone: () => void }): JSX.Element {
  const { camera } = props;
  const [masking, setMasking] = useState<CameraMasking | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    maskingOf(camera.id).then(setMasking, (error: unknown) => setProblem(Problem.of(error)));
  }, [camera.id]);
  if (problem) return <Fault error={problem} />;
  if (!masking) return <div class="skeleton" />;
  return <Editor camera={camera} masking={masking} onDone={props.onDone} />;
}

function Editor(props: {
  camera: Camera;
  masking: CameraMasking;
  onDone: () => void;
}): JSX.Element {
  const { camera, masking } = props;
  const inForce = masking.decisions[0];
  const saved: Draft = { masks: inForce?.masks ?? [], by_camera: inForce?.by_camera ?? false };
  const kept = useDraft(`masks ${camera.id}`, saved);
  const { steps: drafts, put: setDrafts } = kept;
  const [at, setAt] = useState(0);
  const [isPreview, setPreview] = useState(false);
  const [motive, setMotive] = useState<string | null>(null);
  const draft = drafts.now;
  const put = (now: Draft, moving = false): void => setDrafts(change(drafts, now, moving));
  const redraw = (masks: readonly PicturePoints[], moving = false): void =>
    put({ ...draft, masks }, moving);
  const drawn = draft.masks.length > 0 ? draft.masks : FIRST;
  const outlines = draft.by_camera ? [] : drawn;
  const submit = async (): Promise<void> => {
    const before = inForce?.version ?? 0;
    const decided = await decide(camera.id, draft, before);
    const version = decided.decisions[0]?.version ?? before;
    notify({ tone: "done", text: words(version === before ? "same" : "saved", { version }) });
  };
  return (
    <DrawingForm testid="masks-form" draft={kept} onSubmit={submit} onDone={props.onDone}>
      <div class="form zone-side">
        <Drawing
          name={motive === null ? camera.name : words("bareShown")}
          which={motive ?? ""}
          picture={() =>
            motive === null
              ? stillOfCamera(camera.id, words("motive"))
              : barePicture(camera.id, motive)
          }
          outlines={outlines.map((points) => ({ points, look: isPreview ? "mask burnt" : "mask" }))}
          at={at}
          isPreview={isPreview}
          onPoints={(points, moving) =>
            redraw(draft.masks.length > 0 ? draft.masks.with(at, points) : [points], moving)
          }
          blank={words("blank")}
        />
        <div class="acts">
          <BackAndForth steps={drafts} onSteps={setDrafts} />
          <button
            type="button"
            class="button"
            aria-pressed={isPreview}
            data-testid="mask-preview"
            onClick={() => setPreview(!isPreview)}
          >
            {words("preview")}
          </button>
        </div>
        {camera.masks.count > 0 && motive === null && <BarePicture onShow={setMotive} />}
        {motive !== null && (
          <p>
            <span class="tag warn">{words("bareShown")}</span>
          </p>
        )}
      </div>
      <div class="form">
        <p class="small quiet">{words("why")}</p>
        <label class="check">
          <input
            type="checkbox"
            checked={draft.by_camera}
            onInput={(event) =>
              put({ masks: [], by_camera: event.currentTarget.checked })
            }
          />
          <span>
            {words("byCamera")} <span class="small quiet">{words("byCameraHint")}</span>
          </span>
        </label>
        {!draft.by_camera && (
          <Masks draft={draft} at={at} onAt={setAt} onMasks={redraw} />
        )}
        <Versions
          masking={masking}
          onTake={({ masks, by_camera }) => {
            setAt(0);
            put({ masks, by_camera });
          }}
        />
      </div>
    </DrawingForm>
  );
}

function Masks(props: {
  draft: Draft;
  at: number;
  onAt: (at: number) => void;
  onMasks: (masks: readonly PicturePoints[]) => void;
}): JSX.Element {
  const { at, onAt, onMasks } = props;
  const { masks } = props.draft;
  return (
    <>
      <p class="small quiet">{words("how")}</p>
      {masks.length === 0 && <p>{words("none")}</p>}
      {masks.map((points, i) => (
        <div key={i} class={i === at ? "zone-line chosen" : "zone-line"}>
          <span>
            {words("mask", { number: i + 1, count: points.length })}{" "}
            {!isFinished(points) && <span class="is-warn small">{words("unfinished")}</span>}
          </span>
          {i === at && <p class="small quiet">{words("chosen")}</p>}
          <div class="acts">
            <button type="button" class="button" aria-pressed={i === at} onClick={() => onAt(i)}>
              {words("choose")} <span class="unseen">{i + 1}</span>
            </button>
            <button
              type="button"
              class="button"
              onClick={() => onMasks(masks.with(i, points.slice(0, -1)))}
            >
              {words("removePoint")}
            </button>
            <button
              type="button"
              class="button"
              onClick={() => {
                onMasks(masks.filter((_, index) => index !== i));
                onAt(0);
              }}
            >
              {words("remove")}
            </button>
          </div>
        </div>
      ))}
      <button
        type="button"
        class="button"
        data-testid="add-mask"
        onClick={() => {
          onMasks([...masks, []]);
          onAt(masks.length);
        }}
      >
        {words("add")}
      </button>
    </>
  );
}
