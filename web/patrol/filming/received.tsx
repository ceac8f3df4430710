/** What the control room really receives, how many watch, and whether somebody said so. */

import { CircleOff, Eye, Loader, SignalHigh, SignalLow } from "lucide";
import type { JSX } from "preact";
import { sayClock } from "../../shared/time.ts";
import type { Id } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import type { Received } from "../state/reception.ts";
import { duty } from "../state/store.ts";
import { words } from "../words/index.ts";

const ICONS = {
  connecting: Loader,
  live: SignalHigh,
  poor: SignalLow,
  none: CircleOff,
  refused: CircleOff,
} as const;

export function ReceivedStrip(props: { received: Received; streamId: Id | null }): JSX.Element {
  const { received, streamId } = props;
  const known = duty.value.stream;
  const stream = known && known.id === streamId ? known : null;
  return (
    <div class={`received ${received}`}>
      <p class="received-state" role="status" data-testid="received">
        <Icon node={ICONS[received]} size={24} />
        <strong>{words(`film.received.${received}`)}</strong>
      </p>
      {received === "none" && <p class="small">{words("film.notKept")}</p>}
      <p class="received-people">
        <Icon node={Eye} size={20} />
        <span data-testid="viewers">{sayViewers(stream?.viewers ?? 0)}</span>
        <span data-testid="reception" data-received={!!stream?.received_at}>
          {stream?.received_at
            ? words("film.received", { time: sayClock(Date.parse(stream.received_at)) })
            : words("film.notReceived")}
        </span>
      </p>
    </div>
  );
}

function sayViewers(count: number): string {
  if (count === 0) return words("film.viewers.0");
  return count === 1 ? words("film.viewers.1") : words("film.viewers.many", { count });
}
