/** What taking in a list of cameras says. */

import { dictionary } from "../../../shared/i18n/index.ts";

const fr = {
  "open": "Importer, exporter",
  "title": "Liste de caméras",
  "how": "CSV (tableur) ou GeoJSON. Colonnes : numéro, nom, adresse (rtsp://), identifiant, mot de passe, latitude, longitude, direction, champ, portée, lieu, nature, arrêté.",
  "file": "Fichier",
  "order": "Arrêté pour les lignes qui n’en nomment pas",
  "noOrder": "aucun",
  "looking": "Lecture de la liste…",
  "new": "{count} à ajouter",
  "there": "{count} déjà là",
  "refused": "{count} {count|refusée|refusées}",
  "keep": "Ajouter ces caméras ({count})",
  "kept": "Caméras ajoutées : {count}",
  "line": "Ligne",
  "number": "Numéro",
  "name": "Nom",
  "verdict": "Ce qui se passe",
  "verdict.new": "ajoutée",
  "verdict.there": "déjà là",
  "verdict.refused": "refusée",
  "because": "{verdict} : {faults}",
  "more": "… et {count} {count|autre ligne|autres lignes}",
  "out": "Exporter la liste : ",
  "past": "Listes déjà importées",
  "one": "caméras : {count}, par {by}",
  "undo": "Annuler l’import",
  "undoWhat": "Les caméras de cette liste ({count}) sont retirées.",
  "undone": "annulé : {removed} retirées, {retired} hors d’usage (elles ont un historique)",
  "undoneBefore": "annulé",
  "recorded": "enregistrée depuis : ne s’annule plus",
  "fault.no-name": "le nom manque",
  "fault.bad-number": "le numéro va de 1 à 99999",
  "fault.number-taken": "ce numéro est pris par une autre caméra",
  "fault.twice": "numéro ou adresse déjà dans une ligne précédente",
  "fault.bad-address": "l’adresse n’est pas rtsp://hôte/…",
  "fault.bad-point": "latitude ou longitude absente ou fausse",
  "fault.bad-view": "direction, champ ou portée impossibles",
  "fault.bad-kind": "nature : voie publique ou fermé au public",
  "fault.unknown-order": "cet arrêté n’est pas enregistré",
  "fault.too-long": "texte trop long",
};

const en: Record<keyof typeof fr, string> = {
  "open": "Import, export",
  "title": "List of cameras",
  "how": "CSV (spreadsheet) or GeoJSON. Columns: number, name, url (rtsp://), username, password, latitude, longitude, bearing, fov, range, place, place kind, order.",
  "file": "File",
  "order": "Order for the lines that name none",
  "noOrder": "none",
  "looking": "Reading the list…",
  "new": "{count} to add",
  "there": "{count} there already",
  "refused": "{count} refused",
  "keep": "Add these cameras ({count})",
  "kept": "Cameras added: {count}",
  "line": "Line",
  "number": "Number",
  "name": "Name",
  "verdict": "What happens",
  "verdict.new": "added",
  "verdict.there": "there already",
  "verdict.refused": "refused",
  "because": "{verdict}: {faults}",
  "more": "… and {count} more {count|line|lines}",
  "out": "Export the list: ",
  "past": "Lists imported before",
  "one": "cameras: {count}, by {by}",
  "undo": "Undo the import",
  "undoWhat": "The cameras of this list ({count}) are removed.",
  "undone": "undone: {removed} removed, {retired} out of use (they have a history)",
  "undoneBefore": "undone",
  "recorded": "recorded since: can’t be undone",
  "fault.no-name": "the name is missing",
  "fault.bad-number": "the number is between 1 and 99999",
  "fault.number-taken": "another camera has this number",
  "fault.twice": "number or address is in an earlier line",
  "fault.bad-address": "the address is not rtsp://host/…",
  "fault.bad-point": "latitude or longitude missing or wrong",
  "fault.bad-view": "impossible bearing, field or range",
  "fault.bad-kind": "kind: public road or closed to the public",
  "fault.unknown-order": "this order is not recorded",
  "fault.too-long": "text too long",
};

export const words = dictionary(fr, en);

type After<P extends string> = keyof typeof fr extends infer K
  ? K extends `${P}.${infer T}`
    ? T
    : never
  : never;
export type Fault = After<"fault">;
export type Verdict = After<"verdict">;
