/** What the thumb reaches: film, cameras, more, alarm; of a crew without pictures, the last two. */

import { Cctv, Ellipsis, Video } from "lucide";
import type { JSX } from "preact";
import { Icon } from "../../shared/ui/icon.tsx";
import { AlarmButton } from "../alerts/alarm_button.tsx";
import { allowSound } from "../device/sound.ts";
import { goTo } from "../intents/navigation.ts";
import { duty } from "../state/store.ts";
import { words } from "../words/index.ts";

export function ActionBar(): JSX.Element {
  return (
    <nav class="action-bar" aria-label={words("home.actions")}>
      {duty.value.me?.sees_pictures !== false && <Pictures />}
      <button
        type="button"
        class="button action"
        data-testid="more"
        onClick={() => goTo({ page: "more" })}
      >
        <Icon node={Ellipsis} size={26} />
        {words("home.more")}
      </button>
      <AlarmButton />
    </nav>
  );
}

function Pictures(): JSX.Element {
  return (
    <>
      <button
        type="button"
        class="button action film"
        data-testid="film"
        onClick={() => {
          allowSound();
          goTo({ page: "film" });
        }}
      >
        <Icon node={Video} size={30} />
        {words("home.film")}
      </button>
      <button
        type="button"
        class="button action"
        data-testid="cameras"
        onClick={() => goTo({ page: "cameras" })}
      >
        <Icon node={Cctv} size={26} />
        {words("home.cameras")}
      </button>
    </>
  );
}
