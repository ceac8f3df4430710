/** Cameras: added, checked with a picture as proof, placed, zoned, taken out of use. */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { say } from "../../shared/i18n/index.ts";
import type { Camera } from "../../shared/types.ts";
import { Age } from "../../shared/ui/age.tsx";
import { sayDetail } from "../../shared/i18n/details.ts";
import { may, me, room } from "../state/store.ts";
import { ImpairedTag } from "../wall/impaired_tag.tsx";
import { useRuleStates, WatchedBriefly } from "../watching/watched_now.tsx";
import { words } from "../words/index.ts";
import { here } from "./administration.tsx";
import { CameraForm } from "./camera_form.tsx";
import { orders } from "./collection.ts";
import { disableCamera, keptCameras } from "./intents.ts";
import { CameraList } from "./list/camera_list.tsx";
import { words as lists } from "./list/words.ts";
import { MasksEditor } from "./masks/masks_editor.tsx";
import { words as masks } from "./masks/words.ts";
import { RulesEditor } from "./rules/rules_editor.tsx";
import { TuningView } from "./rules/tuning/tuning_view.tsx";
import { words as tuning } from "./rules/tuning/words.ts";
import { words as rules } from "./rules/words.ts";
import { Opens, Section } from "./section.tsx";
import { Sure } from "./sure.tsx";
import { OnvifForm } from "./wizard/onvif_form.tsx";
import { CameraWizard } from "./wizard/wizard.tsx";
import { words as wizard } from "./wizard/words.ts";
import { text } from "./words/index.ts";

export function Cameras(): JSX.Element {
  const manages = may("manage-cameras", here.value ?? undefined);
  const states = useRuleStates({});
  useEffect(() => void orders.load(), []);
  const commune = me.value?.communes.find(
    ({ id }) => may("manage-cameras", id) && (!here.value || id === here.value),
  )?.id;
  return (
    <Section
      title={text("section.cameras")}
      intro={text("cameras.intro")}
      empty={text("cameras.empty")}
      from={keptCameras}
      testid="camera-row"
      add={
        manages
          ? {
              label: text("cameras.add"),
              wide: true,
              form: (close) => <CameraWizard onDone={close} />,
            }
          : null
      }
      more={
        commune && (
          <Opens label={lists("open")} title={lists("title")} wide testid="lists">
            {() => <CameraList commune={commune} />}
          </Opens>
        )
      }
      columns={[
        {
          title: text("camera.number"),
          cell: (camera) => (
            <>
              {camera.number} {camera.name}{" "}
              {camera.demonstration && <span class="tag warn">{say("demonstration")}</span>}{" "}
              {camera.masks.undecided && !camera.disabled_at && (
                <span class="tag warn">{masks("undecided")}</span>
              )}
            </>
          ),
        },
        { title: text("camera.place"), cell: ({ place }) => place },
        { title: text("camera.order"), cell: (camera) => <OrderOf camera={camera} /> },
        { title: text("camera.state"), cell: (camera) => <StateOf camera={camera} /> },
        {
          title: text("camera.detection"),
          cell: (camera) => (
            <>
              {camera.disabled_at ? (
                text("camera.noDetection")
              ) : (
                <WatchedBriefly camera={room.value.cameras.get(camera.id) ?? camera} rules={states} />
              )}
              {camera.detection.suspended.map(({ id, kind }) => (
                <span key={id} class="tag warn">
                  {words("camera.suspended", { kind: say(`kind.${kind}`) })}
                </span>
              ))}
            </>
          ),
        },
      ]}
      acts={(camera) => (
        <>
          {manages && !camera.disabled_at && (
            <Opens label={text("act.change")} title={camera.name} wide testid="change-camera">
              {(close) => <CameraForm camera={camera} onDone={close} />}
            </Opens>
          )}
          {manages && !camera.disabled_at && camera.source === "rtsp" && (
            <Opens
              label={wizard("later.open")}
              title={`ONVIF · ${camera.name}`}
              testid="camera-onvif"
            >
              {(close) => <OnvifForm camera={camera} onDone={close} />}
            </Opens>
          )}
          {may("manage-zones", camera.commune_id) && !camera.disabled_at && (
            <Opens
              label={rules("open")}
              title={`${rules("open")} · ${camera.name}`}
              wide
              testid="rules"
            >
              {(close) => <RulesEditor camera={camera} onDone={close} />}
            </Opens>
          )}
          {may("manage-zones", camera.commune_id) && !camera.disabled_at && (
            <Opens
              label={tuning("open")}
              title={`${tuning("open")} · ${camera.name}`}
              wide
              testid="tuning-open"
            >
              {() => <TuningView camera={camera} />}
            </Opens>
          )}
          {may("manage-masks", camera.commune_id) && !camera.disabled_at && (
            <Opens
              label={masks("open")}
              title={`${masks("open")} · ${camera.name}`}
              wide
              testid="masks"
            >
              {(close) => <MasksEditor camera={camera} onDone={close} />}
            </Opens>
          )}
          {manages && !camera.disabled_at && (
            <Sure
              label={text("camera.disable")}
              what={text("camera.disableWhat", { name: camera.name })}
              onYes={() => disableCamera(camera.id)}
            />
          )}
        </>
      )}
    />
  );
}

function OrderOf({ camera }: { camera: Camera }): JSX.Element {
  const order = orders.find(camera.order_id);
  if (camera.place_kind === "closed-to-public") return <>{text("camera.closedPlace")}</>;
  return (
    <>
      {order?.number}{" "}
      {!camera.lawful.ok && (
        <span class="is-warn small">{sayDetail(camera.lawful.reason ?? "")}</span>
      )}
    </>
  );
}

/** The live room is fresher than the list that was loaded. */
function StateOf({ camera }: { camera: Camera }): JSX.Element {
  const { state, disabled_at } = room.value.cameras.get(camera.id) ?? camera;
  if (disabled_at) return <span class="quiet">{text("camera.disabled")}</span>;
  if (!state) return <span class="quiet">{text("camera.neverSeen")}</span>;
  return state.up ? (
    <>
      {text("camera.up")} <span class="quiet small">{state.codec}</span> <ImpairedTag id={camera.id} />
    </>
  ) : (
    <span class="tag warn">
      {text("camera.down")} <Age since={state.since} bare /> {sayDetail(state.reason ?? "")}
    </span>
  );
}
