/** What the playback says; loaded with it. */

import { dictionary } from "../../../shared/i18n/index.ts";
import { en } from "./en.ts";
import { fr } from "./fr.ts";

export const text = dictionary(fr, en);
