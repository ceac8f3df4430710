/** A moment: its age, which ticks, or when it was; the absolute time is one hover away. */

import type { JSX } from "preact";
import { age, locale, say } from "../i18n/index.ts";
import { now, sayAbsolute, sayWhen } from "../time.ts";
import type { Instant } from "../types.ts";

export function Age({ since, bare = false }: { since: Instant; bare?: boolean }): JSX.Element {
  const words = age(since);
  return (
    <time class="age" dateTime={since} title={sayAbsolute(since, locale.value)}>
      {bare ? words : say("age.ago", { age: words })}
    </time>
  );
}

export function When({ at }: { at: Instant }): JSX.Element {
  return (
    <time dateTime={at} title={sayAbsolute(at, locale.value)}>
      {sayWhen(at, now.value, locale.value)}
    </time>
  );
}
