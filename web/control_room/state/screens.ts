/** Several screens of one desk: what is selected on one is selected on all. */

import { effect } from "@preact/signals";
import { cursor, inView, selection, type Selection } from "./store.ts";

interface Said {
  selection: Selection | null;
  cursor: string | null;
  inView: string[] | null;
}

export function followOtherScreens(): () => void {
  const channel = new BroadcastChannel("ilotier-desk");
  let heard = "";
  channel.onmessage = ({ data }: MessageEvent<Said>): void => {
    heard = JSON.stringify(data);
    selection.value = data.selection;
    cursor.value = data.cursor;
    inView.value = data.inView && new Set(data.inView);
  };
  const stop = effect(() => {
    const said: Said = {
      selection: selection.value,
      cursor: cursor.value,
      inView: inView.value && [...inView.value],
    };
    // What was heard is not said back.
    if (JSON.stringify(said) !== heard) channel.postMessage(said);
  });
  return () => {
    stop();
    channel.close();
  };
}
