/** What is watched for on a camera now, and why the rest is not. */

import { dictionary } from "../../shared/i18n/index.ts";

const fr = {
  "now": "Surveillé maintenant : {rules}",
  "nothing": "Rien n’est surveillé : {why}",
  "none.rules": "aucune règle",
  "none.down": "la caméra est tombée",
  "none.unlawful": "ses images ne peuvent être montrées",
  "none.detection": "la détection ne tourne pas",
  "none.rest": "toutes les règles sont au repos",
  "rule": "{kind} « {name} »",
  "because": "{rules} : {why}",
  "brief": "Au repos : {reasons}",
  "more": "et {count} autres",
  "resting": "Règles au repos",
  "unavailable": "Genres indisponibles",
  "unavailable.why": "{kinds} : le modèle qu’il faut n’est pas installé",
  "rests.off": "arrêtée",
  "rests.no-act": "aucun acte ne la couvre en ce moment",
  "rests.off-hours": "hors de ses heures",
  "rests.no-model": "le modèle qu’il faut manque",
  "rests.no-reference": "aucune image de l’état vide n’a été prise",
  "rests.off-preset": "la caméra n’est pas à cette position",
  "rests.suspended": "suspendue après de fausses alertes",
};

const en: typeof fr = {
  "now": "Watched now: {rules}",
  "nothing": "Nothing is watched: {why}",
  "none.rules": "no rule",
  "none.down": "the camera is down",
  "none.unlawful": "its pictures may not be shown",
  "none.detection": "detection does not run",
  "none.rest": "all rules are at rest",
  "rule": "{kind} “{name}”",
  "because": "{rules}: {why}",
  "brief": "At rest: {reasons}",
  "more": "and {count} more",
  "resting": "Rules at rest",
  "unavailable": "Kinds that can’t be had",
  "unavailable.why": "{kinds}: the model that is needed is not set",
  "rests.off": "taken out of use",
  "rests.no-act": "no act covers it just now",
  "rests.off-hours": "outside its hours",
  "rests.no-model": "the model it needs is missing",
  "rests.no-reference": "no picture of the empty state has been taken",
  "rests.off-preset": "the camera is not at this position",
  "rests.suspended": "suspended after false alerts",
};

export const words = dictionary(fr, en);
