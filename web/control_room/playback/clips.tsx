/** `E`: some minutes out as a file. Its motive, how far it is, the file, its hash and manifest. */

import type { JSX } from "preact";
import { signal } from "@preact/signals";
import { sayDetail } from "../../shared/i18n/details.ts";
import { locale, sayProblem } from "../../shared/i18n/index.ts";
import { sayTime } from "../../shared/moments.ts";
import type { Id } from "../../shared/types.ts";
import { When } from "../../shared/ui/age.tsx";
import { notify } from "../notices/notices.ts";
import { Dialog, Form, textOf } from "../ui.tsx";
import { clip, clipManifest, makeClip, openPlayback, type Clip } from "./api.ts";
import { dialog } from "./commands.ts";
import type { Deck } from "./deck.ts";
import { fileTime, HoursFields, hoursOf } from "./moments.tsx";
import { MotiveField } from "./motive_field.tsx";
import { nameOf } from "./picture.tsx";
import type { Span } from "./timeline.ts";
import { text } from "./words/index.ts";

const AROUND_MS = 30_000;
const LOOKED_AT_EVERY_MS = 700;
const HINDERED_LOOKED_AT_EVERY_MS = 5_000;

interface Made extends Clip {
  name: string;
  hours: Span;
}

/** The clips that were asked for on this page, newest first. */
const made = signal<readonly Made[]>([]);

export function ClipDialog({ deck }: { deck: Deck }): JSX.Element | null {
  return dialog.value === "clip" ? <Clips deck={deck} /> : null;
}

function Clips({ deck }: { deck: Deck }): JSX.Element {
  const close = (): void => {
    dialog.value = null;
  };
  const at = deck.at.peek();
  const hours = deck.marked.peek() ?? { from: at - AROUND_MS, to: Math.min(at + AROUND_MS, deck.edge) };
  const submit = async (form: FormData): Promise<void> => {
    const one = deck.one;
    if (!one) return;
    const span = hoursOf(form);
    const leave = deck.leaveFor(span) ?? (await openPlayback(one.shown, span, deck.why()));
    const begun = await makeClip(leave, span, textOf(form, "motive"));
    made.value = [{ ...begun, name: nameOf(one.shown), hours: span }, ...made.value];
    void watch(begun.id);
  };
  return (
    <Dialog title={text("clip.title")} onClose={close} testid="clip-dialog">
      <Form testid="clip-form" submit={text("clip.do")} onCancel={close} onSubmit={submit}>
        <p class="small quiet">{text("clip.what")}</p>
        <HoursFields hours={hours} />
        <MotiveField said={deck.motive} />
      </Form>
      {made.value.length > 0 && (
        <ul class="clips" aria-live="polite">
          {made.value.map((one) => (
            <MadeClip key={one.id} made={one} />
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function MadeClip({ made: one }: { made: Made }): JSX.Element {
  const name = `${one.name} ${sayTime(one.hours.from)} – ${sayTime(one.hours.to)}`;
  const file = `${one.name} ${fileTime(one.hours.from)}`;
  return (
    <li data-testid="clip" data-state={one.state}>
      <strong>{name}</strong>
      {one.state === "ready" ? (
        <>
          <p class="acts">
            <a class="button" href={one.url} download={`${file}.mp4`} data-testid="clip-file">
              {text("clip.file", { size: ((one.size ?? 0) / 1e6).toLocaleString(locale.value, { maximumFractionDigits: 1 }) })}
            </a>
            <a class="button" href={clipManifest(one.id)} download={`${file}.json`}>
              {text("clip.manifest")}
            </a>
          </p>
          <p class="small quiet hash">
            SHA-256 <span data-testid="clip-hash">{one.sha256}</span>
          </p>
          {one.cut_at && <p class="is-warn">{text("clip.cut", { at: sayTime(Date.parse(one.cut_at)) })}</p>}
          {one.few_open_it && <p class="is-warn">{text("clip.fewOpenIt")}</p>}
          {one.damaged.map(({ starts_at, ends_at }) => (
            <p key={starts_at} class="is-warn">
              {text("clip.damaged", {
                from: sayTime(Date.parse(starts_at)),
                to: sayTime(Date.parse(ends_at)),
              })}
            </p>
          ))}
          {one.keep_until && (
            <p class="small quiet">
              {text("clip.until")} <When at={one.keep_until} />
            </p>
          )}
        </>
      ) : one.state === "failed" || one.state === "gone" ? (
        <p class="is-warn">{text("clip.failed", { why: sayDetail(one.reason) })}</p>
      ) : one.try_at ? (
        <p class="is-warn" data-testid="clip-waits">
          {text("clip.waits", { why: sayDetail(one.reason), at: sayTime(Date.parse(one.try_at)) })}
        </p>
      ) : (
        <progress
          value={one.progress}
          max={1}
          aria-label={text("clip.progress", { share: Math.round(one.progress * 100) })}
        />
      )}
    </li>
  );
}

/** Until it is there, or was refused; closing the dialog does not stop it. */
async function watch(id: Id): Promise<void> {
  let pause = LOOKED_AT_EVERY_MS;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const now: Pick<Clip, "state"> & Partial<Clip> = await clip(id).catch((error: unknown) => ({
      state: "failed" as const,
      reason: sayProblem(error).title,
    }));
    made.value = made.value.map((one) => (one.id === id ? { ...one, ...now } : one));
    pause = now.try_at ? HINDERED_LOOKED_AT_EVERY_MS : LOOKED_AT_EVERY_MS;
    if (now.state === "waiting" || now.state === "making") continue;
    const isReady = now.state === "ready";
    if (dialog.peek() !== "clip") {
      notify({
        tone: isReady ? "done" : "fault",
        text: text(isReady ? "clip.readyNotice" : "clip.failedNotice"),
      });
    }
    return;
  }
}
