/** A page over the map: a title, a way back, and what it holds. */

import { ArrowLeft } from "lucide";
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../shared/ui/icon.tsx";
import { goHome } from "../intents/navigation.ts";
import { words } from "../words/index.ts";

interface Props {
  title: string;
  testId?: string;
  onBack?: () => void;
  children: ComponentChildren;
}

export function Frame({ title, testId, onBack, children }: Props): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <main class="frame" data-testid={testId}>
      <header class="frame-head">
        <button
          type="button"
          class="button plain icon glove"
          aria-label={words("act.back")}
          data-testid="back"
          onClick={onBack ?? goHome}
        >
          <Icon node={ArrowLeft} size={28} />
        </button>
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
      </header>
      <div class="frame-body">{children}</div>
    </main>
  );
}
