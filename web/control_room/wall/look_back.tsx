/** The buttons that lead to looking back. */

import type { JSX } from "preact";
import { History } from "lucide";
import type { Shown } from "../../shared/types.ts";
import { Icon } from "../../shared/ui/icon.tsx";
import { lookBack, mayLookBack, someTimeAgo } from "../state/looking.ts";
import { text } from "./look_back_words.ts";

/** For places that name one thing to look back on; nothing where there is no right to. */
export function LookBack(props: {
  sources: readonly Shown[];
  onPress?: () => boolean;
  /** It begins some time before what it is about. */
  isBefore?: boolean;
}): JSX.Element | null {
  const mine = props.sources.filter(mayLookBack);
  if (mine.length === 0) return null;
  return (
    <button
      type="button"
      class="button"
      data-testid="look-back-button"
      onClick={() => (props.onPress ? props.onPress() : lookBack(mine, someTimeAgo()))}
    >
      <Icon node={History} /> {text(props.isBefore ? "act.lookBackAlert" : "act.lookBack")} <kbd>T</kbd>
    </button>
  );
}

/** Beside the cross of a tile. */
export function TileLookBack(props: {
  shown: Shown;
  name: string;
  stop: 0 | -1;
}): JSX.Element | null {
  const { shown, name, stop } = props;
  if (!mayLookBack(shown)) return null;
  return (
    <button
      type="button"
      class="button plain icon tile-remove tile-look-back"
      aria-label={text("tile.lookBack", { name })}
      title={`${text("act.lookBack")} (T)`}
      tabIndex={stop}
      onClick={(event) => {
        event.stopPropagation();
        lookBack([shown], someTimeAgo());
      }}
    >
      <Icon node={History} />
    </button>
  );
}
