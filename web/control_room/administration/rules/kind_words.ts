/**
 * What each kind of event declares of itself, in the page's languages: its numbers, what the still
 * must show, what is known not to work. `tests/unit/test_rule_words.py`: every kind has its words.
 */

import { dictionary, say as sayShared } from "../../../shared/i18n/index.ts";
import type { RuleType, Threshold } from "../../../shared/types.ts";
import { words } from "./words.ts";

const fr = {
  "list.decree-2023-828": "Liste du décret 2023-828 (huit événements)",
  "list.cleanliness": "Propreté : hors de la liste du décret, une autre base est nécessaire",
  "list.traffic": "Circulation : hors de la liste du décret ; en France, aucune base (Conseil d’État, 30 janvier 2026, n° 506370)",
  "service.police": "Police municipale",
  "service.fire": "Pompiers",
  "service.cleaning": "Propreté",
  "unit.s": "s",
  "unit.%": "%",
  "unit.min": "min",
  "unit.people": "personnes",
  "unit.heights": "fois la hauteur de la chose",
  "unit.heights/s": "fois la hauteur de la personne par seconde",
  "unit.°": "degrés",
  "threshold.confidence": "Certitude exigée du détecteur",
  "threshold.margin": "Distance au-delà de la ligne",
  "threshold.distance": "Distance parcourue à contresens",
  "threshold.seconds": "Durée",
  "threshold.angle": "Écart admis avec le contresens",
  "threshold.alone_s": "Durée sans personne auprès",
  "threshold.near": "Distance qui compte pour « auprès », en hauteurs de personne",
  "threshold.people": "Nombre de personnes",
  "threshold.spacing": "Distance entre deux personnes proches",
  "threshold.moved": "Déplacement qui n’est plus un arrêt",
  "threshold.pace": "Allure à partir de laquelle on court",
  "threshold.share": "Part des personnes qui courent",
  "threshold.changed": "Part de la zone qui diffère de l’état vide",
  "threshold.minutes": "Minutes de suite",
  "threshold.looks": "Nombre de fois où le modèle la voit, en deux secondes",
  "threshold.model-confidence": "Certitude exigée du modèle fourni",
  "threshold.strength": "Ressemblance exigée avec une flamme",
  "evidence.forbidden-zone": "Une personne dont les pieds sont dans la zone.",
  "limits.forbidden-zone": "Les personnes petites, couchées ou vues de dessus échappent ; de nuit, les manteaux sombres aussi, et qui est peu net et ne bouge pas.",
  "evidence.line-crossing": "Une personne ou un véhicule, les pieds ou les roues juste au-delà de la ligne.",
  "limits.line-crossing": "Ce qui est vu pour la première fois sur la ligne n’est pas compté ; ceux qui se suivent à moins de trois secondes font un seul événement ; des pieds cachés franchissent là où on les voit.",
  "evidence.wrong-way": "Un véhicule ou une personne qui va à l’opposé du sens dessiné dans la zone.",
  "limits.wrong-way": "Montré seulement une fois la distance parcourue ; un trajet droit vers la caméra paraît plus court qu’il n’est ; un véhicule qui recule pour se garer va lui aussi à contresens.",
  "evidence.abandoned-object": "Une chose au sol de la zone, apportée par une personne, sans personne auprès.",
  "limits.abandoned-object": "Échappe : ce qui fait moins de 4 points sur 320, a la couleur du sol, est caché la plupart du temps, ou a été apporté par quelqu’un que le détecteur n’a pas vu.",
  "evidence.dumping": "Une chose dans la zone qui n’y était pas ; celui qui l’a apportée, ou le véhicule, est parti.",
  "limits.dumping": "Dit que quelque chose est là, jamais qui l’a laissé ni ce que c’est : un bac sorti pour la collecte est montré aussi. Échappe : ce qui a la couleur du sol, et ce qu’a apporté quelqu’un que le détecteur n’a pas vu.",
  "evidence.overfull-bin": "Une zone dessinée autour du bord et de ce qui est au-dessus, qui n’est plus comme quand la poubelle était vide.",
  "limits.overfull-bin": "Il faut une image de l’état vide, de jour et, pour la nuit, de nuit. Dit que quelque chose a changé, pas quoi : une affiche, la neige ou une poubelle tournée sont montrées aussi. Ce qui remplit la poubelle jusqu’au bord sans dépasser n’est pas vu. Rien n’est dit tant qu’une voiture est garée derrière, ni tant que n’y est plus celle qui y était sur l’image.",
  "evidence.fire": "Des flammes à l’endroit marqué ; ou de la fumée, avec un modèle qui la connaît.",
  "limits.fire": "N’est pas une alarme incendie et n’en remplace aucune. Sans modèle, ne voit ni la fumée, ni un feu caché, trop loin pour que ses flammes soient assez grandes, bleu, ou à peine plus clair que ce qui l’entoure ; un brasero, le reflet sur un sol mouillé d’une lampe hors champ ou le soleil à travers les feuilles peuvent être pris pour un feu.",
  "evidence.density": "Les personnes qui restent dans la zone, proches les unes des autres.",
  "limits.density": "Qui est caché derrière d’autres n’est pas compté : une foule dense est plus nombreuse qu’on ne la voit. Une foule qui avance n’est pas un attroupement, si dense soit-elle.",
  "evidence.stopped-vehicle": "Un véhicule dont les roues sont restées dans la zone tout ce temps.",
  "limits.stopped-vehicle": "Un véhicule caché plus d’une demi-minute recommence à zéro ; un feu ou une file qui dure plus que le temps est un arrêt. Aucune plaque n’est lue et aucune verbalisation ne peut suivre.",
  "evidence.crowd-movement": "Plusieurs personnes qui étaient lentes et qui courent.",
  "limits.crowd-movement": "Incertain aussi dans l’évaluation de l’État. Dans une foule dense, les personnes ne sont pas suivies une à une ; une averse ou un bus à attraper font courir aussi.",
  "evidence.person-down": "L’endroit où une personne qui était debout est étendue, ou a été vue s’affaisser en dernier.",
  "limits.person-down": "Qui n’a pas été vu debout auparavant n’est pas remarqué. Qui s’assied derrière quelque chose ou monte en voiture peut être pris pour une personne tombée. Sans modèle de chute, seules les formes comptent.",
  "evidence.weapon": "Ce que le modèle prend pour une arme, auprès d’une personne dans la zone.",
  "limits.weapon": "Ne vaut que ce que vaut le modèle que vous fournissez. L’évaluation de l’État juge les armes à feu inégalement reconnues ; téléphones, parapluies et outils sont pris pour des armes.",
};

const en: typeof fr = {
  "list.decree-2023-828": "List of decree 2023-828 (eight events)",
  "list.cleanliness": "Cleanliness: not on the decree’s list, another basis is needed",
  "list.traffic": "Traffic: not on the decree’s list; in France there is no basis (Conseil d’État, 30 January 2026, no. 506370)",
  "service.police": "Municipal police",
  "service.fire": "Fire brigade",
  "service.cleaning": "Cleaning",
  "unit.s": "s",
  "unit.%": "%",
  "unit.min": "min",
  "unit.people": "people",
  "unit.heights": "times the thing’s height",
  "unit.heights/s": "times the person’s height a second",
  "unit.°": "degrees",
  "threshold.confidence": "Confidence asked of the detector",
  "threshold.margin": "Distance beyond the line",
  "threshold.distance": "Distance gone the wrong way",
  "threshold.seconds": "Time it lasts",
  "threshold.angle": "Angle allowed around the wrong way",
  "threshold.alone_s": "Time with nobody near",
  "threshold.near": "Distance that counts as near, in heights of a person",
  "threshold.people": "Number of people",
  "threshold.spacing": "Distance between two who are close",
  "threshold.moved": "Movement that is no stop any more",
  "threshold.pace": "Pace from which one runs",
  "threshold.share": "Share of the people who run",
  "threshold.changed": "Share of the zone that differs from the empty state",
  "threshold.minutes": "Minutes in a row",
  "threshold.looks": "Times that the model sees it, within two seconds",
  "threshold.model-confidence": "Confidence asked of the model that is supplied",
  "threshold.strength": "Likeness to a flame that is asked for",
  "evidence.forbidden-zone": "A person whose feet are in the zone.",
  "limits.forbidden-zone": "Small, lying or straight-down people are lost; dark coats at night as well, and who is seen faintly and does not move.",
  "evidence.line-crossing": "A person or a vehicle, its feet or wheels just over the line.",
  "limits.line-crossing": "What is first seen on the line is not counted; those who follow one another within three seconds are one event; feet hidden behind something cross where they are seen.",
  "evidence.wrong-way": "A vehicle or a person that moves against the direction drawn in the zone.",
  "limits.wrong-way": "Shown only once it has gone the distance; a way straight towards the camera looks shorter than it is; a vehicle that reverses into a parking space goes the wrong way too.",
  "evidence.abandoned-object": "A thing on the ground of the zone that a person brought, with nobody near it.",
  "limits.abandoned-object": "Lost: what is smaller than 4 of 320 points, has the colour of its ground, is hidden most of the time, or was brought by somebody whom the detector did not see.",
  "evidence.dumping": "A thing in the zone that was not there before; who brought it, or the vehicle, has gone.",
  "limits.dumping": "Says that something lies there, never who left it nor what it is: a bin put out for collection is shown as well. Lost: what has the colour of its ground, and what was brought by somebody whom the detector did not see.",
  "evidence.overfull-bin": "A zone drawn around the bin’s rim and what is above it, which does not look as it did when the bin was empty.",
  "limits.overfull-bin": "Needs a picture of the empty state, by day and, if it is to work at night, by night. It says that something has changed, not what: a poster, snow or a bin turned round are shown as well. What fills the bin to its rim and not above is not seen. Nothing is told while a car parks behind it, nor while one is away that did when the picture was taken.",
  "evidence.fire": "Flames at the place that is marked; with a model that knows smoke, or smoke.",
  "limits.fire": "This is no fire alarm and replaces none. Without a model, smoke is not seen, nor is a fire that is hidden, farther away than its flames are large enough for, blue, or hardly brighter than what is around it; a brazier, the reflection on wet ground of a lamp out of sight, and the sun through leaves may be taken for one.",
  "evidence.density": "The people who stay in the zone, close to each other.",
  "limits.density": "Who hides behind others is not counted: a dense crowd is more than is seen. A crowd that moves on is not a gathering, however dense.",
  "evidence.stopped-vehicle": "A vehicle whose wheels have stood in the zone for the whole time.",
  "limits.stopped-vehicle": "A vehicle hidden for over half a minute begins anew; a traffic light or a queue that stands longer than the time is a stop. No plate is read and no fine can follow.",
  "evidence.crowd-movement": "Several people who were slow and now run.",
  "limits.crowd-movement": "Uncertain in the State’s own evaluation as well. Dense crowds are not followed one by one; a shower of rain or a bus to catch makes people run too.",
  "evidence.person-down": "The place where a person who was upright lies, or was last seen sinking.",
  "limits.person-down": "Who was not seen upright before is not noticed. Who sits down behind something, or gets into a car, may be taken for one who fell. Without a fall model it goes by boxes alone.",
  "evidence.weapon": "What the model takes for a weapon, at a person in the zone.",
  "limits.weapon": "Only as good as the model that you supply. The State’s own evaluation found firearms uneven; telephones, umbrellas and tools are taken for weapons.",
};

const say = dictionary(fr, en);

/** What the page has no words for is said as the server says it. */
function said(key: string, instead: string): string {
  return key in fr ? say(key as keyof typeof fr) : instead;
}

export const sayList = ({ legal_list }: RuleType): string => said(`list.${legal_list}`, legal_list);
export const sayService = (service: RuleType["service"]): string => said(`service.${service}`, service);
export function sayThreshold({ name, unit }: Threshold): string {
  const what = said(`threshold.${name}`, name);
  return unit === "1" ? what : `${what} (${said(`unit.${unit}`, unit)})`;
}

export const sayEvidence = (type: RuleType): string => said(`evidence.${type.kind}`, type.evidence);
export const sayLimits = (type: RuleType): string => said(`limits.${type.kind}`, type.limits);

/** A kind in a list, with what keeps one from choosing it blindly. */
export function nameOf(type: RuleType): string {
  const noted = [
    type.unavailable !== null && words("unavailable"),
    type.is_experimental && words("experimental"),
  ].filter(Boolean);
  return [sayShared(`kind.${type.kind}`), ...noted].join(" · ");
}
