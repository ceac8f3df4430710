/** Over the picture of the camera that is moved: hands in, presets beside, and who holds it. */

import type { HTMLAttributes, JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { sayDetail } from "../../shared/i18n/details.ts";
import { sayProblem } from "../../shared/i18n/index.ts";
import type { Problem } from "../../shared/problem.ts";
import type { Camera } from "../../shared/types.ts";
import { me } from "../state/store.ts";
import { isMoveKey, isStill, ofDrag, ofKeys, ofPress, ofStick, STILL } from "./hands.ts";
import { moverOf } from "./movers.ts";
import { Presets } from "./presets.tsx";
import { steered, Steering } from "./steering.ts";
import { words } from "./words.ts";
import "./ptz.css";

/** A mouse that has not gone further than this has clicked. */
const CLICK_PX = 6;
const WHEEL_MS = 300;

export function Steer({ camera }: { camera: Camera }): JSX.Element {
  const [problem, setProblem] = useState<Problem | null>(null);
  const steering = useMemo(() => new Steering(camera.id, setProblem), [camera.id]);
  const plane = useRef<HTMLDivElement>(null);
  useEffect(() => {
    plane.current?.focus();
    return () => {
      void steering.leave();
      if (steered.peek() === camera.id) steered.value = null;
    };
  }, [steering]);
  useStick(steering);
  const leave = (): void => {
    plane.current?.closest<HTMLElement>(".tile")?.focus(); // the keys are the wall's again
    steered.value = null;
  };
  return (
    <div class="steer" data-testid="steer" onClick={stop} onDblClick={stop}>
      <div
        ref={plane}
        class="steer-plane"
        role="application"
        tabIndex={0}
        aria-label={`${words("steering", { name: camera.name })}. ${words("how")}`}
        {...useKeys(steering, leave)}
        {...useMouse(steering, camera.field_of_view_deg)}
      />
      <div class="steer-bar">
        <Holder camera={camera} onTake={() => void steering.take()} />
        <Presets camera={camera} steering={steering} />
        <button type="button" class="button" data-testid="steer-leave" onClick={leave}>
          {words("leave")}
        </button>
        {problem && (
          <p role="alert" class="is-warn">
            {sayProblem(problem).title} {sayDetail(problem.detail ?? "")}
          </p>
        )}
      </div>
    </div>
  );
}

/** Presses here are of this camera, not of the tile. */
const stop = (event: Event): void => event.stopPropagation();

function Holder(props: { camera: Camera; onTake: () => void }): JSX.Element | null {
  const mover = moverOf(props.camera);
  const mine = me.value?.person.id;
  if (!mover) return null;
  if (mover.id === mine) return <span class="tag">{words("mine")}</span>;
  return (
    <>
      <span class="tag warn">{words("heldBy", { name: mover.name })}</span>
      <button type="button" class="button" data-testid="take-over" onClick={props.onTake}>
        {words("take")}
      </button>
    </>
  );
}

/** Keys are held: a key let go stops its movement, and so does leaving the picture. */
function useKeys(steering: Steering, leave: () => void): HTMLAttributes<HTMLDivElement> {
  const held = useRef(new Set<string>());
  const say = (fast: boolean): void => steering.hold(ofKeys(held.current, fast));
  return {
    onKeyDown: (event) => {
      if (event.key === "Escape") leave();
      else if (isMoveKey(event.key)) {
        held.current.add(event.key);
        say(event.shiftKey);
      } else if (event.key === "Shift") say(true);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    onKeyUp: (event) => {
      if (event.key === "Shift") say(false);
      else if (held.current.delete(event.key)) say(event.shiftKey);
    },
    onBlur: () => {
      held.current.clear();
      steering.hold(STILL);
    },
  };
}

function useMouse(
  steering: Steering,
  field_of_view_deg: number,
): HTMLAttributes<HTMLDivElement> {
  const from = useRef<{ x: number; y: number; drawn: boolean } | null>(null);
  const wheel = useRef<ReturnType<typeof setTimeout> | null>(null);
  return {
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      from.current = { x: event.clientX, y: event.clientY, drawn: false };
    },
    onPointerMove: (event) => {
      const start = from.current;
      if (!start) return;
      const dx = event.clientX - start.x;
      const dy = event.clientY - start.y;
      start.drawn ||= Math.hypot(dx, dy) > CLICK_PX;
      if (start.drawn) steering.hold(ofDrag(dx, dy, event.currentTarget.clientHeight));
    },
    onPointerUp: (event) => {
      const start = from.current;
      from.current = null;
      if (!start) return;
      if (start.drawn) return steering.hold(STILL);
      const box = event.currentTarget.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width;
      const y = (event.clientY - box.top) / box.height;
      void steering.act({ act: "turn", ...ofPress(x, y, field_of_view_deg) });
    },
    onPointerCancel: () => {
      from.current = null;
      steering.hold(STILL);
    },
    onWheel: (event) => {
      event.preventDefault();
      if (wheel.current) clearTimeout(wheel.current);
      steering.hold({ ...STILL, zoom: event.deltaY < 0 ? 0.7 : -0.7 });
      wheel.current = setTimeout(() => steering.hold(STILL), WHEEL_MS);
    },
  };
}

/** A joystick is asked at each picture of the screen; one at rest leaves the other hands alone. */
function useStick(steering: Steering): void {
  useEffect(() => {
    let moved = false;
    let turn = requestAnimationFrame(function ask() {
      const stick = navigator.getGamepads().find((one) => one?.connected);
      const velocity = stick ? ofStick(stick) : STILL;
      if (!isStill(velocity) || moved) steering.hold(rounded(velocity));
      moved = !isStill(velocity);
      turn = requestAnimationFrame(ask);
    });
    return () => cancelAnimationFrame(turn);
  }, [steering]);
}

/** A hand trembles: in steps of a twentieth it is said again only when it means something. */
const rounded = (one: typeof STILL): typeof STILL => ({
  pan: Math.round(one.pan * 20) / 20,
  tilt: Math.round(one.tilt * 20) / 20,
  zoom: Math.round(one.zoom * 20) / 20,
});
