"""An HTTPS listener's certificate, as the settings say where it comes from."""

from server.http.roots import RootCertificate
from server.settings import Settings, https_names
from server.tls import Certificates, FileCertificates, own_certificates
from server.tls.command import open_authority
from server.wiring.process import clock


def certificates_of(settings: Settings) -> tuple[Certificates, RootCertificate | None]:
    """An HTTPS listener's certificate, and the root that phones install when it is our own."""
    http, names = settings.http, https_names(settings)
    if http.certificate is not None and http.private_key is not None:
        return FileCertificates(http.certificate, http.private_key, now=clock()), None
    authority = open_authority(settings.data_dir, names=names, now=clock())
    root = RootCertificate(der=authority.root_der(), profile=authority.mobileconfig())
    return own_certificates(settings.data_dir, names=names, now=clock()), root
