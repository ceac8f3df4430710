/** Several screens of one desk: what is selected on one is selected on all. */

import { batch, effect } from "@preact/signals";
import { cursor, inView, selection, type Selection } from "./store.ts";

interface Said {
  selection: Selection | null;
  cursor: string | null;
  inView: string[] | null;
}

export function followOtherScreens(): () => void {
  const channel = new BroadcastChannel("ilotier-desk");
  let heard: string | null = null;
  channel.onmessage = ({ data }: MessageEvent<Said>): void => {
    heard = JSON.stringify(data);
    batch(() => {
      selection.value = data.selection;
      cursor.value = data.cursor;
      inView.value = data.inView && new Set(data.inView);
    });
  };
  const stop = effect(() => {
    const said: Said = {
      selection: selection.value,
      cursor: cursor.value,
      inView: inView.value && [...inView.value],
    };
    const text = JSON.stringify(said);
    // A new window says nothing until something is chosen on it; what was heard is not said back.
    if (heard === null) heard = text;
    else if (text !== heard) {
      heard = text;
      channel.postMessage(said);
    }
  });
  return () => {
    stop();
    channel.close();
  };
}
