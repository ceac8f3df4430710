/** Why `H` opens nothing; the dialog brings its own words. */

import { dictionary } from "../../shared/i18n/index.ts";

const fr = {
  "noCamera": "Choisissez d’abord une caméra : c’est par elle que l’on parle.",
  "noLoudspeaker": "{name} n’a pas de haut-parleur.",
  "noBackChannel": "{name} ne se joint pas par RTSP : on ne peut pas y parler.",
  "unlawful": "{name} n’est pas couverte par un arrêté : on ne parle pas par elle.",
  "noRight": "Votre rôle ne permet pas de parler par les caméras.",
};

const en: Record<keyof typeof fr, string> = {
  "noCamera": "Choose a camera first: it is what one speaks through.",
  "noLoudspeaker": "{name} has no loudspeaker.",
  "noBackChannel": "{name} is not reached by RTSP: nobody can speak there.",
  "unlawful": "{name} is covered by no order: nobody speaks through it.",
  "noRight": "Your role may not speak through cameras.",
};

export const text = dictionary(fr, en);
