/** Where a commune's recordings lie: what is left, and the day on which a disk will be full. */

import type { JSX } from "preact";
import { locale, sayNumber } from "../../shared/i18n/index.ts";
import { now, sayDay } from "../../shared/time.ts";
import type { CommuneRecording, Id, Volume } from "../../shared/types.ts";
import { Age, When } from "../../shared/ui/age.tsx";
import { may } from "../state/store.ts";
import { LostVolume } from "./lost_volume.tsx";
import { Table } from "./section.tsx";
import { text } from "./words/index.ts";

const DAY_MS = 86_400_000;
/** A disk that is full within this time needs somebody. */
const SOON_MS = 7 * DAY_MS;
/** As the server has it: whoever looks after a volume says so each minute. */
const SEEN_LATELY_MS = 5 * 60_000;

const isLost = (volume: Volume): boolean => now.value - Date.parse(volume.seen_at) > SEEN_LATELY_MS;

export function Volumes(props: {
  commune: Id;
  recording: CommuneRecording;
  onLost: () => void;
}): JSX.Element {
  const { commune, recording } = props;
  if (recording.volumes.length === 0) {
    return <p class="quiet">{text(recording.days === null ? "volumes.off" : "volumes.none")}</p>;
  }
  return (
    <Table
      things={recording.volumes}
      testid="volume-row"
      columns={[
        { title: text("volume.host"), cell: ({ holder }) => holder },
        {
          title: text("volume.free"),
          cell: ({ free_bytes, total_bytes }) =>
            text("health.diskFree", {
              free: sayNumber(free_bytes / 1e9),
              total: sayNumber(total_bytes / 1e9),
            }),
        },
        { title: text("volume.full"), cell: (volume) => <FullAt volume={volume} /> },
        { title: text("camera.state"), cell: (volume) => <Trouble volume={volume} /> },
        { title: text("health.lastSign"), cell: ({ seen_at }) => <Age since={seen_at} /> },
      ]}
      acts={(volume) =>
        isLost(volume) &&
        may("manage-commune", commune) && (
          <LostVolume commune={commune} volume={volume} onLost={props.onLost} />
        )
      }
    />
  );
}

function FullAt({ volume }: { volume: Volume }): JSX.Element {
  if (volume.full_at === null) return <>{text("volume.never")}</>;
  const left_ms = Date.parse(volume.full_at) - now.value;
  const days = Math.max(0, Math.floor(left_ms / DAY_MS));
  return (
    <span class={left_ms < SOON_MS ? "tag warn" : ""}>
      {sayDay(volume.full_at, now.value, locale.value)} {text("volume.daysLeft", { days })}
    </span>
  );
}

function Trouble({ volume }: { volume: Volume }): JSX.Element {
  return (
    <>
      {isLost(volume) ? (
        <span class="tag danger">{text("volume.lost")}</span>
      ) : volume.trouble ? (
        <span class="tag danger">
          {sayTrouble(volume.trouble)}{" "}
          {volume.trouble_since && <When at={volume.trouble_since} />}
        </span>
      ) : (
        text("volume.good")
      )}
      {volume.overdue > 0 && (
        <span class="tag danger">{text("volume.overdue", { count: volume.overdue })}</span>
      )}
    </>
  );
}

const TROUBLES = ["full", "read-only", "failing", "purge", "clock"] as const;

/** A trouble that is not known here is shown as the server names it. */
export function sayTrouble(trouble: string): string {
  const known = TROUBLES.find((one) => one === trouble);
  return known ? text(`volume.trouble.${known}`) : trouble;
}
