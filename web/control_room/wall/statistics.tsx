/** What is measured of one picture, and who else watches: on a key, for who asks why. */

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { locale } from "../../shared/i18n/index.ts";
import type { RelayFigures, ViewingStatistics } from "../../shared/types.ts";
import type { Figures } from "../../shared/webrtc/statistics.ts";
import type { Viewer } from "../../shared/webrtc/viewer.ts";
import { statisticsOf } from "../intents/walls.ts";
import { words } from "../words/index.ts";

const LOOK_EVERY_MS = 1_000;
/** The server is asked less often: who watches does not change each second. */
const ASK_EVERY = 3;

export function Statistics({ viewer }: { viewer: Viewer | null }): JSX.Element {
  const [figures, setFigures] = useState<Figures | null>(null);
  const [told, setTold] = useState<ViewingStatistics | null>(null);
  useEffect(() => {
    let looks = 0;
    let gone = false;
    const look = async (): Promise<void> => {
      const measured = (await viewer?.figures()) ?? null;
      if (gone) return;
      setFigures(measured);
      const id = viewer?.viewingId;
      looks += 1;
      if (!id || looks % ASK_EVERY !== 1) return;
      const answer = await statisticsOf(id).catch(() => null);
      if (!gone) setTold(answer);
    };
    void look();
    const timer = setInterval(() => void look(), LOOK_EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [viewer]);
  const delay = viewer?.delay_ms ?? null;
  return (
    <dl
      class="statistics"
      tabIndex={0}
      data-testid="statistics"
      aria-label={words("statistics.title")}
    >
      <Line name={words("statistics.codec")} value={figures?.codec} />
      <Line
        name={words("statistics.size")}
        value={figures?.width ? `${figures.width} × ${figures.height}` : null}
      />
      <Line name={words("statistics.rate")} value={figured(figures?.perSecond, 0, words("statistics.perSecond"))} />
      <Line name={words("statistics.bits")} value={figured(figures?.kbitPerSecond, 0, "kbit/s")} />
      {delay !== null && (
        <Line name={words("statistics.delay")} value={figured(delay, 0, "ms")} />
      )}
      <Line name={words("statistics.buffered")} value={figured(figures?.buffered_ms, 0, "ms")} />
      <Line name={words("statistics.roundTrip")} value={figured(figures?.roundTrip_ms, 0, "ms")} />
      <Line name={words("statistics.loss")} value={figured(percent(figures?.loss), 1, "%")} />
      <Line
        name={words("statistics.pictures")}
        value={
          figures &&
          words("statistics.counted", {
            decoded: figures.decoded,
            dropped: figures.dropped,
            freezes: figures.freezes,
          })
        }
      />
      <Relay relay={told?.relay ?? null} />
      <Line name={words("statistics.watchers")} value={told && whoWatches(told)} />
    </dl>
  );
}

/** How the relay serves this viewing: what it sends, and what it leaves out for a small link. */
function Relay({ relay }: { relay: Partial<RelayFigures> | null }): JSX.Element | null {
  if (!relay) return null;
  const { kbit_per_s, layer, layers = 1, reduced, link_kbit_per_s, sent_again, left_out } = relay;
  const said = [
    figured(kbit_per_s, 0, "kbit/s"),
    layers > 1 && layer !== undefined && words("relay.layer", { layer: layer + 1, layers }),
    reduced && words("relay.reduced"),
    link_kbit_per_s && words("relay.link", { link: figured(link_kbit_per_s, 0, "kbit/s") ?? "" }),
    sent_again && words("relay.sentAgain", { count: sent_again }),
    left_out && words("relay.leftOut", { count: left_out }),
  ];
  return <Line name={words("statistics.relay")} value={said.filter(Boolean).join(" · ")} />;
}

function Line(props: { name: string; value: string | null | undefined }): JSX.Element {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value ?? "–"}</dd>
    </div>
  );
}

function whoWatches({ watchers, watching }: ViewingStatistics): string {
  if (watchers.length === 0) return String(watching);
  return watchers
    .map(({ name, with_device }) => (with_device ? `${name} (${words("statistics.phone")})` : name))
    .join(", ");
}

function percent(share: number | null | undefined): number | null {
  return share === null || share === undefined ? null : share * 100;
}

function figured(value: number | null | undefined, digits: number, unit: string): string | null {
  if (value === null || value === undefined) return null;
  const written = value.toLocaleString(locale.value, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${written} ${unit}`;
}
