/** Why one looks back, in words. */

import { dictionary } from "../../shared/i18n/index.ts";

const fr = {
  "lookBack.title": "Relire les enregistrements",
  "lookBack.do": "Relire",
  "lookBack.from": "À partir de {time}.",
  "lookBack.why": "Le motif va au registre avant la première image.",
  "motive.alert": "Alerte : {kind}",
  "motive.intervention": "Intervention en cours",
  "motive.person": "Recherche d’une personne en danger",
  "motive.damage": "Constat d’un dégât ou d’un accident",
  "motive.requisition": "Réquisition judiciaire",
  "motive.check": "Contrôle du système",
  "motive.other": "Autre motif",
  "motive.own": "Lequel",
} as const;

const en: { readonly [Key in keyof typeof fr]: string } = {
  "lookBack.title": "Look back on recordings",
  "lookBack.do": "Look back",
  "lookBack.from": "From {time} on.",
  "lookBack.why": "The motive is in the register before the first picture.",
  "motive.alert": "Alert: {kind}",
  "motive.intervention": "Intervention under way",
  "motive.person": "Search for a person in danger",
  "motive.damage": "Damage or an accident",
  "motive.requisition": "Judicial requisition",
  "motive.check": "Check of the system",
  "motive.other": "Another motive",
  "motive.own": "Which one",
};

export const text = dictionary(fr, en);
