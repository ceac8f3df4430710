/** A picture that the register notes: asked for once, shown with its time, let go when closed. */

import { ImageOff } from "lucide";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../shared/problem.ts";
import { sayClock } from "../../shared/time.ts";
import type { Id } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { still, type Still } from "../intents/cameras.ts";
import { words } from "../words/index.ts";

type Shown = Still | "loading" | "none";

/** What the network lost is asked for again; it is in the register once it has been given. */
const AGAIN_MS = 5_000;

interface Props {
  of: "cameras" | "alerts";
  id: Id;
  alt: string;
  /** Another value asks for another picture. */
  turn?: number;
}

export function StillPicture({ of, id, alt, turn = 0 }: Props): JSX.Element {
  const [shown, show] = useState<Shown>("loading");
  useEffect(() => {
    let gone = false;
    let url = "";
    let again = 0;
    const ask = (): void => {
      still(of, id).then(
        (found) => {
          url = found.url;
          if (gone) URL.revokeObjectURL(url);
          else show(found);
        },
        (error: unknown) => {
          if (gone) return;
          show("none");
          if (Problem.of(error).isPassing) again = window.setTimeout(ask, AGAIN_MS);
        },
      );
    };
    show("loading");
    ask();
    return () => {
      gone = true;
      clearTimeout(again);
      URL.revokeObjectURL(url);
    };
  }, [of, id, turn]);
  if (shown === "loading") return <span class="still skeleton" aria-hidden="true" />;
  if (shown === "none") {
    return (
      <span class="still still-none">
        <Icon node={ImageOff} size={28} />
        <span>{words("cameras.noStill")}</span>
      </span>
    );
  }
  const taken = shown.captured_at ? sayClock(Date.parse(shown.captured_at)) : null;
  return (
    <span class="still">
      <img src={shown.url} alt={alt} />
      {taken && <span class="still-time">{words("call.stillTaken", { time: taken })}</span>}
    </span>
  );
}
