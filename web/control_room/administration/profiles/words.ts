/** What changing a commune's legal profile says. */

import { dictionary } from "../../../shared/i18n/index.ts";

const fr = {
  "title": "Régime de {name}",
  "open": "Régime",
  "version": "Régime « {name} », version {version} du {dated}",
  "now": "en vigueur",
  "first": "depuis la création",
  "since": "depuis {when}",
  "next": "Nouveau régime",
  "reason": "Motif",
  "reasonHint": "Inscrit au registre, avec l’ancien régime et le nouveau.",
  "what": "Le changement vaut à l’instant. Les images et la détection que le nouveau régime ne permet pas s’arrêtent.",
  "ends": "{count} {count|acte prend|actes prennent} fin avec le changement, et la détection {count|qu’il permet|qu’ils permettent}. Cela ne se reprend pas.",
  "others": "… et {count} {count|autre|autres}, dans Autorisations.",
  "change": "Changer de régime",
  "endAndChange": "Mettre fin à ces actes et changer",
  "done": "{name} est passée au régime « {profile} ».",
  "none": "Une commune réelle ne devient pas une démonstration : celles-ci se font avec « ilotier demo », à part.",
};

const en: typeof fr = {
  "title": "Profile of {name}",
  "open": "Profile",
  "version": "Profile “{name}”, version {version} of {dated}",
  "now": "in force",
  "first": "since it was created",
  "since": "since {when}",
  "next": "New profile",
  "reason": "Reason",
  "reasonHint": "Goes into the register, with the profile before and after.",
  "what": "The change holds at once. Pictures and detection that the new profile does not allow stop.",
  "ends": "{count} {count|act ends|acts end} with the change, and the detection that {count|it allows|they allow}. It can’t be taken back.",
  "others": "… and {count} {count|other|others}, in Authorisations.",
  "change": "Change the profile",
  "endAndChange": "End these acts and change",
  "done": "{name} is under the profile “{profile}” now.",
  "none": "A real commune becomes no demonstration: those are made with “ilotier demo”, apart.",
};

export const words = dictionary(fr, en);
