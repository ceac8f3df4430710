"""What can be wrong with certificates, each with the sentence an administrator needs."""

from typing import ClassVar

from domain.errors import Invalid, Unavailable


class CertificateUnreadable(Invalid):
    """A certificate or key file is missing, not PEM, of a kind we can't use, or locked."""

    code: ClassVar[str] = "certificate-unreadable"
    title: ClassVar[str] = "The certificate or its key cannot be read"


class CertificateMismatch(Invalid):
    """The private key is not the certificate's."""

    code: ClassVar[str] = "certificate-mismatch"
    title: ClassVar[str] = "The private key does not belong to the certificate"


class CertificateOutOfDate(Invalid):
    """The certificate is not valid at this time: too late, or too early."""

    code: ClassVar[str] = "certificate-out-of-date"
    title: ClassVar[str] = "The certificate is not valid at this date"


class NamesOutsideAuthority(Invalid):
    """The authority may not vouch for a name that was asked for."""

    code: ClassVar[str] = "names-outside-authority"
    title: ClassVar[str] = "This installation's authority may not vouch for that name"


class AuthorityUnreadable(Unavailable):
    """The authority's file is damaged; it is never replaced in silence, phones trust it."""

    code: ClassVar[str] = "authority-unreadable"
    title: ClassVar[str] = "The installation's certificate authority cannot be read"
