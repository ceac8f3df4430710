/** The notices at the foot of the page, and what a screen reader is told. */

import type { JSX } from "preact";
import { X } from "lucide";
import { say } from "../../shared/i18n/index.ts";
import { now } from "../../shared/time.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { assertive, dismissNotice, notices, polite, type Notice } from "./notices.ts";

export function Notices(): JSX.Element {
  return (
    <section class="notices" aria-label={say("act.undo")} hidden={notices.value.length === 0}>
      {notices.value.map((notice) => (
        <One key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function One({ notice }: { notice: Notice }): JSX.Element {
  void now.value; // the seconds left count down
  const left = Math.max(0, Math.ceil((notice.until - Date.now()) / 1000));
  const { undo } = notice;
  return (
    <div class={`notice ${notice.tone}`}>
      <p>
        {notice.text}
        {notice.detail && <span class="small"> {notice.detail}</span>}
      </p>
      {undo && (
        <button
          type="button"
          class="button"
          data-testid="undo"
          onClick={() => {
            dismissNotice(notice.id);
            undo();
          }}
        >
          {say("act.undo")} <kbd>Z</kbd> <span class="quiet">{left} s</span>
        </button>
      )}
      <button
        type="button"
        class="button plain icon"
        aria-label={say("act.close")}
        onClick={() => dismissNotice(notice.id)}
      >
        <Icon node={X} />
      </button>
    </div>
  );
}

/** Two live regions that are always there: a region that appears with its text is not read. */
export function Announcements(): JSX.Element {
  return (
    <>
      <div class="unseen" role="status" aria-live="polite">
        {polite.value}
      </div>
      <div class="unseen" role="alert" aria-live="assertive">
        {assertive.value}
      </div>
    </>
  );
}
