/** Which page the phone shows: filming is before all, then what the address says. */

import type { JSX } from "preact";
import { AlarmBanner } from "./alerts/alarm_banner.tsx";
import { Cameras } from "./cameras/cameras.tsx";
import { Watch } from "./cameras/watch.tsx";
import { watched } from "./cameras/watched.ts";
import { Checks } from "./enrolment/checks.tsx";
import { Enrolment } from "./enrolment/enrolment.tsx";
import { Filming } from "./filming/filming.tsx";
import { Reasons } from "./filming/reasons.tsx";
import { GuidanceCard } from "./guidance/card.tsx";
import { Home } from "./home/home.tsx";
import { Veil } from "./home/veil.tsx";
import { film } from "./intents/film.ts";
import { Limits } from "./limits/limits.tsx";
import { More } from "./duty/more.tsx";
import { Begin } from "./duty/begin.tsx";
import { Break } from "./duty/break.tsx";
import { NoStorage, NotAllowed, Revoked, Starting } from "./duty/other_states.tsx";
import { page, phase, setUp, shift, veiled } from "./state/store.ts";
import { Notices } from "./ui/notices.tsx";

export function App(): JSX.Element {
  const over = overlay();
  const isEnrolled = phase.value.phase === "enrolled";
  const onDuty = isEnrolled && shift.value.state !== "off";
  // The map is slow to make: it stays under whatever page lies over it.
  const hasMap = isEnrolled && shift.value.state === "on" && setUp.value;
  return (
    <div class="phone">
      <AlarmBanner />
      <div class="pages" inert={veiled.value}>
        {hasMap && <Home isUnder={over !== null} />}
        {over}
      </div>
      {onDuty && <GuidanceCard />}
      {onDuty && veiled.value && <Veil />}
      <Notices />
    </div>
  );
}

/** What lies over the map, or instead of it. */
function overlay(): JSX.Element | null {
  const now = phase.value;
  const open = page.value;
  switch (now.phase) {
    case "starting":
      return <Starting />;
    case "no-storage":
      return <NoStorage />;
    case "new":
      return <Enrolment key={open.page} code={open.page === "enrol" ? open.code : ""} />;
    case "revoked":
      return <Revoked lost={now.lost} />;
    case "not-allowed":
      return <NotAllowed />;
  }
  if (film.value) return <Filming />;
  if (open.page === "enrol" && open.code) return <Enrolment code={open.code} />;
  if (open.page === "limits") return <Limits />;
  if (!setUp.value || open.page === "checks") return <Checks />;
  if (open.page === "more") return <More />;
  if (shift.value.state === "off") return <Begin />;
  if (watched.value) return <Watch camera={watched.value} />;
  if (shift.value.state === "break") return <Break />;
  if (open.page === "film") return <Reasons />;
  if (open.page === "cameras") return <Cameras />;
  return null;
}
