"""The root certificate of the installation's own authority, for phones that don't know it yet."""

from dataclasses import dataclass

from aiohttp import web

from domain.errors import NotFound
from mobile_api.description import Needs, Routes

ROOT = Routes("certificate")


@dataclass(frozen=True, kw_only=True)
class RootCertificate:
    """``der`` for Android and browsers, ``profile`` (mobileconfig) for iOS."""

    der: bytes
    profile: bytes


#: None: the certificate comes from an authority that phones know.
ROOT_CERTIFICATE: web.AppKey[RootCertificate | None] = web.AppKey("ROOT_CERTIFICATE")


@ROOT.get(
    "/root.crt",
    needs=Needs.PUBLIC,
    summary="The installation's root certificate.",
    answers={200: "application/x-x509-ca-cert"},
)
async def certificate(request: web.Request) -> web.Response:
    return web.Response(body=_root(request).der, content_type="application/x-x509-ca-cert")


@ROOT.get(
    "/root.mobileconfig",
    needs=Needs.PUBLIC,
    summary="The installation's root certificate as a profile for iOS.",
    answers={200: "application/x-apple-aspen-config"},
)
async def profile(request: web.Request) -> web.Response:
    return web.Response(
        body=_root(request).profile, content_type="application/x-apple-aspen-config"
    )


def _root(request: web.Request) -> RootCertificate:
    root = request.config_dict[ROOT_CERTIFICATE]
    if root is None:
        raise NotFound("this installation has no authority of its own")
    return root
