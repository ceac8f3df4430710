"""What an edge says by itself, in French and English: when nobody inside answers, or may be asked.

A problem (RFC 9457) for pages' and apps' requests, a small page for who opens an address.
"""

import json
from dataclasses import dataclass
from html import escape
from http import HTTPStatus

from aiohttp import hdrs, web


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that an edge says; ``retry_after_s`` None: asking again does not help."""

    status: HTTPStatus
    code: str
    title: str
    title_fr: str
    detail: str
    detail_fr: str
    retry_after_s: int | None = None


INSIDE_AWAY = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "inside-away",
    "The control room's server can't be reached at the moment",
    "Le serveur de la salle n'est pas joignable pour le moment",
    "This host passes requests on; the server behind it is not connected. Try again shortly.",
    "Cet hôte transmet les demandes ; le serveur derrière lui n'est pas connecté. Réessayez.",
    retry_after_s=3,
)
INSIDE_BUSY = Refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "inside-busy",
    "Too many requests are on their way",
    "Trop de demandes sont en cours",
    "All lines to the control room's server are in use. Try again shortly.",
    "Toutes les lignes vers le serveur de la salle sont occupées. Réessayez.",
    retry_after_s=3,
)
INSIDE_BROKE_OFF = Refusal(
    HTTPStatus.BAD_GATEWAY,
    "inside-broke-off",
    "The control room's server broke off",
    "Le serveur de la salle a interrompu la liaison",
    "The line to it ended before it had answered. What was asked may or may not have been done.",
    "La ligne a été coupée avant la réponse. La demande a peut-être été exécutée.",
    retry_after_s=1,
)
INSIDE_TOO_SLOW = Refusal(
    HTTPStatus.GATEWAY_TIMEOUT,
    "inside-too-slow",
    "The control room's server takes too long to answer",
    "Le serveur de la salle met trop de temps à répondre",
    "What was asked may or may not have been done.",
    "La demande a peut-être été exécutée.",
    retry_after_s=3,
)
NOT_FROM_OUTSIDE = Refusal(
    HTTPStatus.NOT_FOUND,
    "not-from-outside",
    "There is nothing at this address from outside",
    "Il n'y a rien à cette adresse depuis l'extérieur",
    "This host passes on what patrols' phones need, and nothing else.",
    "Cet hôte ne transmet que ce dont les téléphones des patrouilles ont besoin.",
)
BODY_TOO_LARGE = Refusal(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too-large",
    "The body is too large",
    "Le corps de la demande est trop grand",
    "",
    "",
)
BODY_TOO_SLOW = Refusal(
    HTTPStatus.REQUEST_TIMEOUT,
    "bad-request",
    "The request can't be read",
    "La demande est illisible",
    "Its body did not come in time.",
    "Son corps n'est pas arrivé à temps.",
)


def refusal(request: web.Request, said: Refusal) -> web.Response:
    """The answer, in the language that is asked for; French for who asks for none."""
    in_english = _prefers_english(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))
    title = said.title if in_english else said.title_fr
    detail = said.detail if in_english else said.detail_fr
    if "text/html" in request.headers.get(hdrs.ACCEPT, "") and request.method == hdrs.METH_GET:
        response = web.Response(
            status=said.status, text=_page(said, in_english), content_type="text/html"
        )
    else:
        body = {
            "type": f"/problems/{said.code}",
            "title": title,
            "status": said.status.value,
            "detail": detail,
        }
        response = web.Response(
            status=said.status,
            body=json.dumps(body, ensure_ascii=False).encode(),
            content_type="application/problem+json",
        )
    response.headers.update(
        {
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.VARY: "Accept, Accept-Language",
            hdrs.CONTENT_LANGUAGE: "en" if in_english else "fr",
            "Content-Security-Policy": "default-src 'none'",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
    )
    if said.retry_after_s is not None:
        response.headers[hdrs.RETRY_AFTER] = str(said.retry_after_s)
    return response


def _prefers_english(languages: str) -> bool:
    """The first of the two that is named: browsers name what they prefer first."""
    for each in languages.lower().split(","):
        tag = each.partition(";")[0].strip().partition("-")[0]
        if tag in ("en", "fr"):
            return tag == "en"
    return False


def _page(said: Refusal, in_english: bool) -> str:
    both = [(said.title_fr, said.detail_fr, "fr"), (said.title, said.detail, "en")]
    parts = "".join(
        f'<section lang="{language}"><h1>{escape(title)}</h1><p>{escape(detail)}</p></section>'
        for title, detail, language in (reversed(both) if in_english else both)
    )
    # Asked again by itself: a patrol has other things to do than to press a key.
    again = (
        f'<meta http-equiv="refresh" content="{said.retry_after_s}">' if said.retry_after_s else ""
    )
    return f'<!doctype html><meta charset="utf-8">{again}<title>Ilotier</title>{parts}'
