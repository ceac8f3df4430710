/** The server's details are English sentences; here the ones a person meets are said in French.
 *
 * What is not listed is shown as it came: a strange sentence is better than none.
 */

import { locale } from "./locale.ts";

const IN_FRENCH: readonly (readonly [RegExp, string])[] = [
  // Why a camera gives no picture.
  [/^unreachable$|^no-route$/, "rien ne répond à cette adresse (éteinte, débranchée, autre réseau ?)"],
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
  [/^the order ends before it starts$/, "La fin vient avant le début."],
  [/^the order's number is missing$/, "Le numéro de l’arrêté manque."],
  // Forms.
  [/^a camera's number is between.*/, "Le numéro va de 1 à 99999."],
  [/^a camera needs a name$/, "Il faut un nom."],
  [/^a camera's address begins with.*|^the url is to be.*/, "L’adresse commence par rtsp:// ou rtsps:// et nomme un hôte."],
  [/^the camera's address is not one$/, "Ce n’est pas une adresse de caméra."],
  [/^the bearing is between.*/, "La direction va de 0 à 359 degrés."],
  [/^the field of view is between.*/, "Le champ va de 1 à 360 degrés."],
  [/^the range is between.*/, "La portée va de 1 à 2000 m."],
  [/^the habilitation ends before it starts$/, "La fin de l’habilitation vient avant son début."],
  [/^the act that designates this person is not named$/, "L’acte qui désigne cette personne manque."],
  [/^the convention ends before it starts$/, "La fin vient avant le début."],
  [/^the convention's act is not named$/, "L’acte de la convention manque."],
  [/^a commune needs no convention with itself$/, "Une commune ne convient pas avec elle-même."],
  [/^use at least (\d+) characters.*/, "Au moins $1 caractères ; une phrase convient."],
  [/^the same few characters are repeated$/, "Toujours les mêmes caractères."],
  [/^check both and try again$/, "Vérifiez les deux, puis réessayez."],
  [/^too many people sign in at once.*/, "Trop d’identifications à la fois ; réessayez dans un instant."],
  [/^it contains the sign-in$/, "Il contient l’identifiant."],
  [/^the current password is not right$/, "Le mot de passe actuel n’est pas le bon."],
  [/^this link was used.*/, "Ce lien a servi ou il est trop ancien : demandez-en un autre."],
  [/^it is already there.*|^this id is taken$/, "Cela existe déjà."],
  [/^this person is no agent of this commune.*/, "Cette personne n’est pas agent de cette commune : enregistrez d’abord l’habilitation."],
  [/^this person also serves in a commune.*/, "Cette personne sert aussi dans une commune que vous n’administrez pas."],
  [/^this device was revoked.*/, "Cet appareil a été retiré : ajoutez-en un autre."],
  [/^give both daily_from and daily_until.*/, "Donnez les deux heures, ou aucune."],
  [/^there is neither a point nor a text$/, "Il n’y a ni point ni texte."],
  [/^an alert needs a place.*/, "Une alerte a besoin d’un lieu : une caméra ou un point."],
  // Recordings.
  [/^the requisition is not named$/, "La réquisition n’est pas nommée."],
  [/^no camera is named$/, "Aucune caméra n’est nommée."],
  [/^the hours end before they start$/, "La fin vient avant le début."],
  [/^ask for at most 24 hours.*/, "Au plus 24 heures à la fois, et la fin après le début."],
  [/^(-?\d+) days are not between 1 and (\d+)$/, "$1 jours : ce n’est pas entre 1 et $2."],
  [/^it was lifted on (.+)$/, "Il a été levé le $1."],
  [/^say why it is lifted$/, "Dites pourquoi il est levé."],
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
  // Authorisations and zones: domain/authorisations.py and domain/zones.py.
  [/Name the law that allows it: a town's own decision is not enough\./g, "Nommez la loi : une décision de la ville ne suffit pas."],
  [/Give the reference of the act \(order, decision\) it rests on\./g, "Donnez la référence de l’acte."],
  [/Give the date of the act\./g, "Donnez la date de l’acte."],
  [/Name the authority that signed the act\./g, "Nommez l’autorité qui a signé."],
  [/State the purpose\./g, "Dites la finalité."],
  [/Name the place\./g, "Nommez le lieu."],
  [/Choose at least one camera\./g, "Choisissez au moins une caméra."],
  [/Choose at least one kind of event\./g, "Choisissez au moins un type d’événement."],
  [/The end must come after the start\./g, "La fin doit venir après le début."],
  [/The act is dated after the start it allows\./g, "L’acte est daté d’après le début qu’il permet."],
  [/Only the eight kinds of decree 2023-828 can be authorised\./g, "Seuls les huit types du décret 2023-828 peuvent être autorisés."],
  [/A demonstration authorisation can't cover a real camera\./g, "Une autorisation fictive ne couvre pas une caméra réelle."],
  [/^A zone needs at least (\d+) points\.$/, "Une zone a au moins $1 points."],
  [/^A zone has at most (\d+) points\.$/, "Une zone a au plus $1 points."],
  [/^A point of the zone lies outside the picture\.$/, "Un point sort de l’image."],
  [/^Two points of the zone are the same\.$/, "Deux points sont au même endroit."],
  [/^The zone's outline crosses itself\.$/, "Le contour se croise."],
  [/^The zone is too small to stand in\.$/, "La zone est trop petite."],
  [/^The mask's outline crosses itself\.$/, "Le contour se croise."],
  [/^The mask is too small to hide anything\.$/, "Le masque est trop petit."],
  [/^A mask needs at least.*/, "Un masque a trois points au moins."],
  [/^A mask has at most (\d+) points\.$/, "Un masque a $1 points au plus."],
  [/^A camera has at most (\d+) masks\.$/, "Une caméra a $1 masques au plus."],
  [/^Two points of the mask are the same\.$/, "Deux points du masque sont les mêmes."],
  [/^This camera masks itself, .*/, "Cette caméra se masque elle-même : elle ne reçoit pas de masque ici."],
  [/^This camera can be moved: .*/, "Cette caméra se commande : un masque posé ici resterait en place pendant qu’elle tourne. Réglez ses propres masques dans la caméra."],
];

/** Codes are for programs: what a person reads in English is said in words too. */
const IN_ENGLISH: Record<string, string> = {
  "unreachable": "nothing answers at this address (off, unplugged, another network?)",
  "no-route": "nothing answers at this address (off, unplugged, another network?)",
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
  return IN_FRENCH.reduce((said, [english, french]) => said.replace(english, french), detail);
}
