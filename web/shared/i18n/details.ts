/** The server's details are English sentences; here the ones a person meets are said in French.
 *
 * What is not listed is shown as it came: a strange sentence is better than none.
 */

import { locale } from "./locale.ts";

type Said = readonly (readonly [RegExp, string])[];

let inFrench: Said = [
  // Why a camera gives no picture.
  [/^unreachable$|^no-route$/, "rien ne répond à cette adresse (éteinte, débranchée, autre réseau ?)"],
  [/^it is free once it has not been moved.*/, "Elle est libre 15 s après le dernier mouvement."],
  [/^a camera stays at a preset.*/, "La caméra reste de 5 secondes à 30 minutes à chaque position."],
  [/^a guard tour has 2 to (\d+) presets$/, "Une ronde a de 2 à $1 positions."],
  [/^this camera has no guard tour of ours$/, "Cette caméra n’a pas de ronde."],
  [/^it is free once he has ended.*/, "Elle est libre dès qu’il a fini, deux minutes après son début au plus tard."],
  [/^its description offers none$/, "La caméra n’annonce pas de retour audio (ONVIF)."],
  [/^it takes no sound in PCMU.*/, "La caméra ne prend ni PCMU, ni PCMA, ni AAC."],
  [/^it knows of no back channel$/, "La caméra ne connaît pas le retour audio (ONVIF)."],
  [/^its pictures come from a file$/, "Ses images viennent d’un fichier."],
  [/^too-many-talks$/, "trop de prises de parole à la fois"],
  [/^this camera is not known by ONVIF$/, "Cette caméra n’est pas connue par ONVIF."],
  [/^not-supported$/, "elle n’a pas cette fonction"],
  [/^not-onvif$/, "ce qui répond ne parle pas ONVIF"],
  [/^address-refused$/, "ce n’est pas une adresse de caméra"],
  [/^failed$/, "elle refuse"],
  // Why a clip could not be made.
  [/^nothing is recorded of these hours.*/, "Rien n’est enregistré de ces heures, ou plus rien."],
  [/^this is too large for one clip.*/, "C’est trop pour un seul extrait : demandez moins de temps."],
  [/^the disk has no room for the clip$/, "Le disque n’a pas la place pour l’extrait."],
  [/^the host of (a|this) recording is not there.*/, "L’hôte d’un enregistrement n’est pas là pour l’instant."],
  [/^the recording could not be read.*/, "L’enregistrement n’a pas pu être lu : essayez encore."],
  [/^the clip's disk takes nothing$/, "Le disque des extraits n’accepte plus rien."],
  [/^it could not be made$/, "La cause est au journal du serveur."],
  [/^unknown-host$/, "nom d’hôte inconnu"],
  [/^refused$/, "l’hôte répond, mais refuse la connexion (port ?)"],
  [/^timed-out$/, "ne répond plus"],
  [/^wrong-password$/, "identifiants refusés"],
  [/^not-found$/, "la caméra ne connaît pas ce flux"],
  [/^not-rtsp$/, "ce qui répond ne parle pas RTSP"],
  [/^no-video$/, "pas de vidéo"],
  [/^unsupported-codec$/, "format vidéo non pris en charge"],
  [/^b-frames$/, "images B : à désactiver dans la caméra"],
  [/^busy$/, "la caméra a déjà autant de clients qu’elle en accepte"],
  [/^refuses$/, "la caméra refuse, sans dire pourquoi"],
  [/^no-transport$/, "ni TCP ni UDP n’est accepté pour l’image"],
  [/^no-keyframe$/, "aucune image complète depuis une minute"],
  [/^garbage$/, "ce qu’elle envoie n’est pas ce qu’elle annonce"],
  [/^too-much$/, "débit trop élevé (media.camera_kbit_s)"],
  [/^silent$/, "connectée, mais n’envoie plus d’image"],
  [/^ended$/, "flux terminé par la caméra"],
  [/^file-(missing|unreadable|truncated)$/, "fichier illisible"],
  [/^rendition-failed$/, "l’image n’a pas pu être masquée : rien n’est montré"],
  [/^too-many-renditions$/, "trop d’images masquées pour ce processus média (media.most_renditions)"],
  [/^no-order-in-force$/, "pas d’arrêté en vigueur"],
  [/^no-media-process$/, "aucun processus média"],
  [/^no service account.*$/, "pas de compte de service (push.firebase_credentials)"],
  // Orders, and why a picture is not lawful.
  [/^record the prefect's order.*/, "Enregistrez l’arrêté préfectoral dont dépend cette caméra."],
  [/^a fictive order is for.*/, "Un arrêté fictif ne vaut que pour des caméras de démonstration."],
  [/^order (.+) runs from (\S+) to (\S+)$/, "L’arrêté $1 vaut du $2 au $3."],
  [/^the camera is outside the perimeter of order (.+)$/, "La caméra est hors du périmètre de l’arrêté $1."],
  [/^the profile '(.+)' is for demonstration cameras only$/, "L’arrêté fictif ne vaut que pour des caméras de démonstration."],
  // Forms.
  [/^use at least (\d+) characters.*/, "Au moins $1 caractères ; une phrase convient."],
  [/^the same few characters are repeated$/, "Toujours les mêmes caractères."],
  [/^check both and try again$/, "Vérifiez les deux, puis réessayez."],
  [/^too many people sign in at once.*/, "Trop d’identifications à la fois ; réessayez dans un instant."],
  [/^it contains the sign-in$/, "Il contient l’identifiant."],
  [/^the current password is not right$/, "Le mot de passe actuel n’est pas le bon."],
  [/^this link was used.*/, "Ce lien a servi ou il est trop ancien : demandez-en un autre."],
  [/^it is already there.*|^this id is taken$/, "Cela existe déjà."],
  [/^this person is no agent of this commune.*/, "Cette personne n’est pas agent de cette commune : enregistrez d’abord l’habilitation."],
  [/^this device was revoked.*/, "Cet appareil a été retiré : ajoutez-en un autre."],
  [/^there is neither a point nor a text$/, "Il n’y a ni point ni texte."],
  [/^an alert needs a place.*/, "Une alerte a besoin d’un lieu : une caméra ou un point."],
  // Recordings.
  [/^the hours end before they start$/, "La fin vient avant le début."],
  [/^ask for at most 24 hours.*/, "Au plus 24 heures à la fois, et la fin après le début."],
  // What a value should have been: pydantic's sentences.
  [/^Input should be a valid (number|integer).*/, "un nombre est attendu"],
  [/^Input should be .*/, "cette valeur ne convient pas"],
  [/^Field required$/, "à remplir"],
  [/^(String|Value) should have at least 1 .*/, "à remplir"],
  [/^String should have at most (\d+) characters?$/, "$1 caractères au plus"],
  [/^String should match pattern.*/, "cette forme ne convient pas"],
  // States.
  [/^your role does not include this.*/, "Votre rôle ne le permet pas."],
  [/^the alert is (.+)$/, "État de l’alerte : $1."],
  [/^no media process .*|^the media process .*/, "Le processus média ne répond pas ; réessayez."],
  [/^the database does not answer$/, "La base de données ne répond pas."],
  [/^the map is not built.*/, "La carte n’a pas été construite (ilotier map build)."],
  [/^the camera of stream .* is down$/, "La caméra ne répond pas."],
  [/^stream .*(no picture|no whole picture|picture yet).*/, "Pas encore d’image."],
  [/^nothing is published on this stream.*/, "Rien n’est publié sur ce flux en ce moment."],
  [/^this camera is out of use$/, "Cette caméra est hors d’usage."],
  [/^this alert has no picture.*/, "Cette alerte n’a pas (ou plus) d’image."],
  [/^(there is|there's) no such .*|^this is not an id$/, "Introuvable ici."],
  [/^the habilitation is not in force$|^the agent's habilitation is not in force$/, "L’habilitation de l’agent n’est pas en vigueur."],
];

/** What only a part of the pages that is loaded later meets. */
export function alsoSay(more: Said): void {
  inFrench = [...inFrench, ...more];
}

/** Codes are for programs: what a person reads in English is said in words too. */
const IN_ENGLISH: Record<string, string> = {
  "unreachable": "nothing answers at this address (off, unplugged, another network?)",
  "no-route": "nothing answers at this address (off, unplugged, another network?)",
  "not-supported": "it has no such function",
  "not-onvif": "what answers does not speak ONVIF",
  "address-refused": "no address of a camera",
  "failed": "it refuses",
  "unknown-host": "unknown host name",
  "refused": "the host answers, and refuses the connection (port?)",
  "timed-out": "does not answer any more",
  "wrong-password": "sign-in refused",
  "not-found": "the camera does not know this stream",
  "not-rtsp": "what answers does not speak RTSP",
  "no-video": "no video",
  "unsupported-codec": "video format not supported",
  "b-frames": "B-frames: to be switched off in the camera",
  "busy": "the camera has as many clients as it accepts",
  "refuses": "the camera refuses, without saying why",
  "no-transport": "it accepts neither TCP nor UDP for the picture",
  "no-keyframe": "no whole picture for a minute",
  "garbage": "what it sends is not what it announces",
  "too-much": "it sends too much (media.camera_kbit_s)",
  "silent": "connected, but it sends no picture any more",
  "ended": "the camera ended the stream",
  "file-missing": "the file is missing",
  "file-unreadable": "the file can’t be read",
  "file-truncated": "the file is cut short",
  "rendition-failed": "the picture could not be masked: none is shown",
  "too-many-renditions": "too many masked pictures for this media process (media.most_renditions)",
  "no-order-in-force": "no prefect’s order in force",
  "no-media-process": "no media process",
};

/** The fields that a person fills in, as a problem names them. */
const FIELDS: Record<string, string> = {
  "name": "nom",
  "sign_in": "identifiant",
  "password": "mot de passe",
  "number": "numéro",
  "place": "lieu",
  "text": "texte",
  "note": "précision",
  "main_url": "adresse du flux principal",
  "sub_url": "adresse du second flux",
  "coordinates/0": "longitude",
  "coordinates/1": "latitude",
};

/** The field at the end of a JSON pointer, in the page's language as far as it is known. */
export function sayField(where: string): string {
  const path = where.slice(1);
  const known = Object.keys(FIELDS).find((field) => path === field || path.endsWith(`/${field}`));
  return locale.value === "fr" && known ? (FIELDS[known] ?? path) : path;
}

/** A detail of the server, in the page's language as far as it is known. */
export function sayDetail(detail: string): string {
  if (locale.value !== "fr") return IN_ENGLISH[detail] ?? detail;
  return inFrench.reduce((said, [english, french]) => said.replace(english, french), detail);
}
