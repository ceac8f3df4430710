/** What the buttons say that lead to looking back; its dialog brings its own words. */

import { dictionary } from "../../shared/i18n/index.ts";

const fr = {
  "act.lookBack": "Relire",
  "act.lookBackAlert": "Relire, 30 s avant",
  "tile.lookBack": "Relire {name}",
} as const;

const en: { readonly [Key in keyof typeof fr]: string } = {
  "act.lookBack": "Look back",
  "act.lookBackAlert": "Look back, 30 s before",
  "tile.lookBack": "Look back on {name}",
};

export const text = dictionary(fr, en);
