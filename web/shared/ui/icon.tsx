/** An icon of Lucide. Beside words it is decoration; alone, its button carries the label. */

import type { IconNode } from "lucide";
import type { JSX } from "preact";
import { h } from "preact";

export function Icon({ node, size = 20 }: { node: IconNode; size?: number }): JSX.Element {
  return (
    <svg
      class="icon"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {node.map(([tag, attributes], i) => h(tag, { ...attributes, key: i }))}
    </svg>
  );
}
