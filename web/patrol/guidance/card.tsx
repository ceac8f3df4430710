/** A message of the control room: it stays in front until 'read' is pressed. */

import { MessageSquareText } from "lucide";
import type { JSX } from "preact";
import { now, sayWhen } from "../../shared/time.ts";
import { locale } from "../../shared/i18n/index.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { read } from "../intents/alerts.ts";
import { unread } from "../state/store.ts";
import { WayTo } from "../ui/way.tsx";
import { words } from "../words/index.ts";

export function GuidanceCard(): JSX.Element | null {
  const [card, ...more] = unread.value;
  if (!card) return null;
  return (
    <section
      class="guidance"
      role="alertdialog"
      aria-labelledby="guidance-title"
      aria-describedby="guidance-text"
      data-testid="guidance-card"
    >
      <h2 id="guidance-title">
        <Icon node={MessageSquareText} size={22} />
        {words("guidance.title")}
        {more.length > 0 && (
          <span class="tag warn">{words("guidance.more", { count: more.length })}</span>
        )}
      </h2>
      <p id="guidance-text" class="guidance-text">
        {card.text || words("guidance.point")}
      </p>
      {card.place && <p>{card.place}</p>}
      {card.point && <WayTo point={card.point} />}
      <p class="quiet small">
        {words("guidance.from", {
          name: card.sent_by.name,
          time: sayWhen(card.sent_at, now.value, locale.value),
        })}
      </p>
      <button
        type="button"
        class="button primary huge"
        data-testid="read"
        onClick={() => read(card.id)}
      >
        {words("guidance.read")}
      </button>
    </section>
  );
}
