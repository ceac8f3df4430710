/** Several screens of one desk: what is selected, and what hangs, is the same on all. */

import { batch, effect } from "@preact/signals";
import { address } from "./address.ts";
import { cursor, inView, selection, type Selection } from "./store.ts";
import { driven, own } from "./wall_store.ts";
import type { Wall } from "../wall/placement.ts";

interface Said {
  selection: Selection | null;
  cursor: string | null;
  inView: string[] | null;
  wall: Wall;
  driven: string | null;
}

/** What a new window asks the others. */
const HELLO = "hello";

export function followOtherScreens(): () => void {
  // A wall computer shows its wall, whatever else is open in its browser.
  if (address.peek()[0] === "screen") return () => {};
  const channel = new BroadcastChannel("ilotier-desk");
  let heard: string | null = null;
  const here = (): Said => ({
    selection: selection.value,
    cursor: cursor.value,
    inView: inView.value && [...inView.value],
    wall: own.value,
    driven: driven.value,
  });
  channel.onmessage = ({ data }: MessageEvent<Said | typeof HELLO>): void => {
    if (data === HELLO) {
      channel.postMessage(here());
      return;
    }
    heard = JSON.stringify(data);
    batch(() => {
      selection.value = data.selection;
      cursor.value = data.cursor;
      inView.value = data.inView && new Set(data.inView);
      own.value = data.wall;
      driven.value = data.driven;
    });
  };
  const stop = effect(() => {
    const said = here();
    const text = JSON.stringify(said);
    // A new window says nothing until something is chosen on it; what was heard is not said back.
    if (heard === null) heard = text;
    else if (text !== heard) {
      heard = text;
      channel.postMessage(said);
    }
  });
  channel.postMessage(HELLO);
  return () => {
    stop();
    channel.close();
  };
}
