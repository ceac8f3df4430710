"""HTTPS: the installation's own certificate authority, or the town's own certificate files."""

from server.tls.authority import Authority
from server.tls.certificates import (
    Certificates,
    FileCertificates,
    OwnCertificates,
    check_files,
    keep_fresh,
)
from server.tls.command import own_certificates, report, tls_folder
from server.tls.names import host_names, local_addresses
from server.tls.qr import qr_svg, qr_text

__all__ = [
    "Authority",
    "Certificates",
    "FileCertificates",
    "OwnCertificates",
    "check_files",
    "host_names",
    "keep_fresh",
    "local_addresses",
    "own_certificates",
    "qr_svg",
    "qr_text",
    "report",
    "tls_folder",
]
