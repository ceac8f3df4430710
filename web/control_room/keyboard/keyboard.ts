/** Brings keys to intents: what `commandOf` names is done here. */

import { DISMISSALS } from "../../shared/types.ts";
import { openStage } from "../bar/regions.tsx";
import { openSearch } from "../bar/search.tsx";
import { opening } from "../interventions/opening.ts";
import { chooseAlert, confirm, dismiss, handle } from "../intents/alerts.ts";
import { notices, undoLatest } from "../notices/notices.ts";
import { allowSound, toggleMute, waitsForTouch } from "../notices/sounds.ts";
import { raising, startRaising } from "../queue/raise.tsx";
import { sendChosen } from "../queue/units.tsx";
import { neighbour } from "../state/queue.ts";
import {
  cursor,
  letterKeys,
  may,
  me,
  only,
  question,
  queue,
  room,
  selection,
  stage,
} from "../state/store.ts";
import { address } from "../state/address.ts";
import { asked, lookBackHere } from "../state/looking.ts";
import { changeWall, wall } from "../state/wall_store.ts";
import { wallDialog } from "../wall/driving.tsx";
import { askToSpeak, speakTo } from "../talk/opening.ts";
import { bring, isolate, step } from "../wall/placement.ts";
import { helpShown } from "./help_shown.ts";
import { commandOf, type Command, type Where } from "./keys.ts";
import { hangSelected, obeyOnWall } from "./wall_keys.ts";

export function listenToKeys(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (waitsForTouch.value) allowSound();
    // A dialog has the page to itself; the entrance has no room behind it.
    // A wall computer is driven from a desk.
    if (address.value[0] === "screen") return;
    if (event.defaultPrevented || !me.value || document.querySelector("dialog[open]")) return;
    // A dialog is on the way: what is typed ahead is not for the room.
    if (asked.value || wallDialog.value || speakTo.value) {
      // And should it never come, the room is not lost.
      if (event.key === "Escape") {
        asked.value = null;
        wallDialog.value = false;
        speakTo.value = null;
      }
      return;
    }
    const command = commandOf(event, whereIs(event.target), letterKeys.value);
    if (command && obey(command)) event.preventDefault();
  };
  addEventListener("keydown", onKey);
  return () => removeEventListener("keydown", onKey);
}

function whereIs(target: EventTarget | null): Where {
  if (!(target instanceof Element)) return "elsewhere";
  if (target.closest("textarea, select, input:not([type=checkbox], [type=radio])")) return "field";
  if (target.closest(".map-canvas")) return "map";
  const isControl = target.closest("button, a, summary, input, [role=option]") !== null;
  if (target.closest(".wall-grid") && !isControl) return "wall";
  return isControl ? "control" : "elsewhere";
}

/** Do it; false when it meant nothing here, so that the key keeps its own sense. */
function obey(command: Command): boolean {
  if (typeof command === "object") return digit(command.digit);
  switch (command) {
    case "help":
      helpShown.value = true;
      return true;
    case "search":
      openSearch();
      return true;
    case "leave":
      return leave();
    case "undo":
      if (!notices.value.some(({ undo }) => undo)) return false;
      undoLatest();
      return true;
    case "queue-up":
      return walk(-1);
    case "queue-down":
      return walk(1);
    case "go-on":
      return goOn();
    case "dismiss":
      return ask("reason");
    case "units":
      return ask("units");
    case "picture":
      return bringPicture();
    case "swap":
      stage.value = stage.value === "map" ? "wall" : "map";
      return true;
    case "board":
      stage.value = "board";
      return true;
    case "new":
      if (!may("manage-interventions")) return false;
      stage.value = "board";
      opening.value = true;
      return true;
    case "isolate":
      if (stage.value !== "wall") return false;
      changeWall(isolate);
      return true;
    case "raise":
      return startRaising();
    case "mute":
      toggleMute();
      return true;
    case "own-window":
      if (only.value !== null || (stage.value !== "wall" && stage.value !== "map")) return false;
      openStage(`stage/${stage.value}`);
      return true;
    case "look-back":
    case "look-back-all":
      return lookBackHere(
        command === "look-back-all",
        Boolean(document.activeElement?.closest(".wall-grid")),
      );
    case "speak":
      return askToSpeak(Boolean(document.activeElement?.closest(".wall-grid")));
    case "pin":
      return stage.value === "map" ? hangSelected() : obeyOnWall(command);
    case "rotation":
    case "turn-on":
    case "turn-back":
    case "empty":
    case "fill":
    case "more-pictures":
    case "fewer-pictures":
    case "statistics":
    case "steer":
    case "wall-settings":
      return obeyOnWall(command);
    case "tile-up":
    case "tile-down":
    case "tile-left":
    case "tile-right":
      changeWall((held) => step(held, command.slice(5) as Parameters<typeof step>[1]));
      document.querySelector<HTMLElement>(`[data-slot="${wall.value.selected}"]`)?.focus();
      return true;
  }
}

function walk(by: 1 | -1): boolean {
  const alert = neighbour(queue.value, cursor.value, by);
  if (!alert) return false;
  chooseAlert(alert);
  if (may("decide-alerts", alert.commune_id)) void handle(alert);
  document.querySelector<HTMLElement>(`[data-alert="${alert.id}"]`)?.focus();
  return true;
}

/** Confirm; once confirmed, send to the unit that is chosen. */
function goOn(): boolean {
  const alert = queue.value.find(({ id }) => id === cursor.value) ?? null;
  if (!alert) return false;
  if (question.value === "units") return sendChosen();
  if (question.value === "reason") return false;
  if (alert.state === "raised" && alert.kind !== "panic") {
    if (!may("decide-alerts", alert.commune_id)) return false;
    void confirm(alert);
    return true;
  }
  return ask("units");
}

function ask(what: "reason" | "units"): boolean {
  const alert = queue.value.find(({ id }) => id === cursor.value);
  if (!alert) return false;
  const undecided = alert.state === "raised" || alert.state === "confirmed";
  if (what === "reason" && !(undecided && may("decide-alerts", alert.commune_id))) return false;
  if (what === "units" && !may("send-alerts", alert.commune_id)) return false;
  if (what === "units" && alert.state === "raised" && alert.kind !== "panic") return false;
  question.value = what;
  return true;
}

/** A reason while one is asked for; on the wall, the start of a camera's number. */
function digit(value: number): boolean {
  const alert = queue.value.find(({ id }) => id === cursor.value);
  const reason = DISMISSALS[value - 1];
  if (question.value === "reason" && alert && reason) {
    void dismiss(alert, reason);
    return true;
  }
  if (!may("view-cameras")) return false;
  openSearch(String(value));
  return true;
}

function bringPicture(): boolean {
  const chosen = selection.value;
  const alert = chosen?.kind === "alert" ? room.value.alerts.get(chosen.id) : undefined;
  const camera = chosen?.kind === "camera" ? chosen.id : alert?.camera_id;
  if (!camera) return false;
  showLarge({ kind: "camera", id: camera });
  return true;
}

/** Bring a picture up large: on the wall, alone. */
export function showLarge(shown: Parameters<typeof bring>[1]): void {
  stage.value = "wall";
  changeWall((held) => {
    const next = bring(held, shown);
    return { ...next, isolated: next.selected };
  });
}

function leave(): boolean {
  if (raising.value) raising.value = null;
  else if (helpShown.value) helpShown.value = false;
  else if (question.value) question.value = null;
  else if (wall.value.isolated !== null && stage.value === "wall") changeWall(isolate);
  else if (selection.value && !only.value) selection.value = null;
  else return false;
  return true;
}
