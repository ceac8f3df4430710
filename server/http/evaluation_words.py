"""What an evaluation says, in French and in English."""

from collections.abc import Mapping
from typing import Literal

from domain.alerts import DismissalReason
from domain.events import EventKind

type Language = Literal["fr", "en"]

K, R = EventKind, DismissalReason

#: What an act may name; what people report by hand is under none.
KINDS: Mapping[Language, Mapping[EventKind, str]] = {
    "fr": {
        K.ABANDONED_OBJECT: "Objet abandonné",
        K.WEAPON: "Arme",
        K.WRONG_WAY: "Sens interdit",
        K.FORBIDDEN_ZONE: "Présence en zone interdite",
        K.PERSON_DOWN: "Personne au sol",
        K.CROWD_MOVEMENT: "Mouvement de foule",
        K.DENSITY: "Densité excessive",
        K.FIRE: "Départ de feu",
        K.LINE_CROSSING: "Franchissement de ligne",
        K.DUMPING: "Dépôt sauvage",
        K.OVERFULL_BIN: "Poubelle pleine",
        K.STOPPED_VEHICLE: "Véhicule à l’arrêt",
    },
    "en": {
        K.ABANDONED_OBJECT: "Abandoned object",
        K.WEAPON: "Weapon",
        K.WRONG_WAY: "Wrong way",
        K.FORBIDDEN_ZONE: "Presence in a forbidden zone",
        K.PERSON_DOWN: "Person on the ground",
        K.CROWD_MOVEMENT: "Crowd movement",
        K.DENSITY: "Excessive density",
        K.FIRE: "Fire starting",
        K.LINE_CROSSING: "Line crossing",
        K.DUMPING: "Illegal dumping",
        K.OVERFULL_BIN: "Overfull bin",
        K.STOPPED_VEHICLE: "Stopped vehicle",
    },
}

REASONS: Mapping[Language, Mapping[DismissalReason, str]] = {
    "fr": {
        R.NOTHING_THERE: "Rien de visible",
        R.HARMLESS: "Sans gravité",
        R.AUTHORISED_PERSON: "Personne autorisée",
        R.ANIMAL_OR_OBJECT: "Animal ou objet",
        R.ALREADY_HANDLED: "Déjà traité",
        R.TEST: "Essai",
    },
    "en": {
        R.NOTHING_THERE: "Nothing to see",
        R.HARMLESS: "Harmless",
        R.AUTHORISED_PERSON: "Authorised person",
        R.ANIMAL_OR_OBJECT: "Animal or object",
        R.ALREADY_HANDLED: "Already handled",
        R.TEST: "Test",
    },
}

_FR = {
    "title": "Évaluation d’un traitement algorithmique d’images",
    "made": "Établie le {at}, pour la période du {since} au {until}.",
    "not-over": "L’autorisation n’est pas terminée : cette évaluation est provisoire.",
    "fictional": "FICTIF : autorisation de démonstration.",
    "act": "L’acte, tel qu’il est inscrit",
    "law": "Base légale",
    "reference": "Acte",
    "signed": "du {day}",
    "authority": "Autorité",
    "purpose": "Finalité",
    "place": "Lieu",
    "assessment": "Analyse d’impact",
    "period": "Validité",
    "hours": "chaque jour de {starts} à {ends} ({zone})",
    "revoked": "retirée le {at}",
    "kinds": "Types d’événement",
    "cameras": "Caméras et capteurs",
    "analysed": "Périodes réellement analysées",
    "camera": "Caméra ou capteur",
    "kind": "Type",
    "minutes": "Minutes analysées",
    "pictures": "Images",
    "from-to": "Première et dernière heure",
    "destroyed": "Ces chiffres ont été détruits : l’autorisation est terminée depuis plus "
    "longtemps que leur durée de conservation. Le registre dit quand.",
    "outside": "Images analysées hors de toute autorisation : {count}.",
    "results": "Alertes et décisions",
    "raised": "Levées",
    "waiting": "En attente",
    "confirmed": "Confirmées",
    "dismissed": "Écartées",
    "false": "Fausses alertes",
    "per-day": "par jour surveillé",
    "precision": "Précision (95 %)",
    "total": "Ensemble",
    "median": "Délai médian de décision : {all}.",
    "median-of": "{kind} : {time}",
    "precision-how": "Précision : part des alertes confirmées par un opérateur parmi celles dont "
    "la décision dit quelque chose de la détection (essais et faits déjà traités exclus), avec "
    "l’intervalle de Wilson à 95 %. Fausse alerte : écartée parce qu’il n’y avait rien, ou un "
    "animal ou un objet.",
    "suspensions": "Suspensions automatiques",
    "suspended": "Suspendue le",
    "lifted": "Levée par un superviseur le",
    "running": "en cours",
    "counted": "Fausses alertes comptées",
    "in-days": "{count} en {days} jours",
    "in-day": "{count} en {days} jour",
    "none": "Aucune.",
    "limits": "Limites",
    "limit-missed": "Ce qui n’a pas été détecté n’est compté nulle part : ces chiffres ne disent "
    "rien des événements manqués.",
    "limit-judged": "Une décision est celle d’un opérateur devant une image, non une vérité "
    "établie.",
    "limit-few": "Peu d’alertes donnent un intervalle large : c’est lui qu’il faut lire, non le "
    "seul pourcentage.",
    "limit-joined": "Plusieurs événements de même type sur une caméra, tant que l’alerte attend, "
    "n’en font qu’une.",
    "limit-people": "Aucune donnée nominative : ni opérateur, ni agent, ni personne filmée. Aucun "
    "traitement biométrique, aucune reconnaissance faciale, aucune plaque.",
    "page": "Établi par Ilotier {version} à partir du registre et des décisions de la salle.",
}

_EN = {
    "title": "Evaluation of an algorithmic analysis of pictures",
    "made": "Made on {at}, for the period from {since} to {until}.",
    "not-over": "The authorisation is not over: this evaluation is provisional.",
    "fictional": "FICTITIOUS: an authorisation for demonstration.",
    "act": "The act, as it is recorded",
    "law": "Legal basis",
    "reference": "Act",
    "signed": "of {day}",
    "authority": "Authority",
    "purpose": "Purpose",
    "place": "Place",
    "assessment": "Impact assessment",
    "period": "Valid",
    "hours": "each day from {starts} to {ends} ({zone})",
    "revoked": "revoked on {at}",
    "kinds": "Kinds of event",
    "cameras": "Cameras and sensors",
    "analysed": "Periods actually analysed",
    "camera": "Camera or sensor",
    "kind": "Kind",
    "minutes": "Minutes analysed",
    "pictures": "Pictures",
    "from-to": "First and last hour",
    "destroyed": "These figures have been destroyed: the authorisation was over for longer than "
    "they are kept. The register says when.",
    "outside": "Pictures analysed outside of any authorisation: {count}.",
    "results": "Alerts and decisions",
    "raised": "Raised",
    "waiting": "Waiting",
    "confirmed": "Confirmed",
    "dismissed": "Dismissed",
    "false": "False alerts",
    "per-day": "a day watched",
    "precision": "Precision (95 %)",
    "total": "All",
    "median": "Median time to decide: {all}.",
    "median-of": "{kind}: {time}",
    "precision-how": "Precision: the share of alerts that an operator confirmed among those "
    "whose decision says something of the detection (tests, and what was handled already, left "
    "out), with Wilson's interval at 95 %. False alert: dismissed because nothing was there, or an "
    "animal or an object.",
    "suspensions": "Suspensions by themselves",
    "suspended": "Suspended on",
    "lifted": "Lifted by a supervisor on",
    "running": "running",
    "counted": "False alerts counted",
    "in-days": "{count} in {days} days",
    "in-day": "{count} in {days} day",
    "none": "None.",
    "limits": "Limits",
    "limit-missed": "What was not detected is counted nowhere: these figures say nothing of events "
    "that were missed.",
    "limit-judged": "A decision is an operator's before a picture, not an established truth.",
    "limit-few": "Few alerts give a wide interval: it is what is to be read, not the percentage "
    "alone.",
    "limit-joined": "Several events of one kind on a camera, while the alert waits, make one.",
    "limit-people": "No names: no operator, no officer, nobody who was filmed. No biometrics, no "
    "facial recognition, no plates.",
    "page": "Made by Ilotier {version} from the register and the control room's decisions.",
}

WORDS: Mapping[Language, Mapping[str, str]] = {"fr": _FR, "en": _EN}


def is_one(value: float, language: Language) -> bool:
    """Whether the noun beside ``value`` is in the singular, as CLDR has it for the language."""
    return abs(value) < 2 if language == "fr" else value == 1


LIMITS = ("limit-missed", "limit-judged", "limit-few", "limit-joined", "limit-people")
