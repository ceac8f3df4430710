/** What the phone says beside the words that both pages share. */

import { dictionary } from "../../shared/i18n/index.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";

export type Word = keyof typeof fr;
export const words = dictionary(fr, en);
