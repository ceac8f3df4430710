"""The installation's authority: a real handshake, names refused, renewal, nothing lost."""

import asyncio
import plistlib
import ssl
import stat
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from server.tls.authority import PAIR_FILE, ROOT_FILE, ROOT_LIFE, Authority
from server.tls.certificates import SERVER_FILE, OwnCertificates
from server.tls.command import own_certificates, report, tls_folder
from server.tls.errors import AuthorityUnreadable, NamesOutsideAuthority
from server.tls.names import host_names, local_addresses, name_constraints, permits
from server.tls.qr import qr_svg, qr_text

NOW = datetime.now(UTC)  # a real handshake looks at the real clock
NAMES = ("csu.exemple.fr", "192.168.1.20", "127.0.0.1", "::1", "localhost")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.open(tmp_path, names=NAMES, now=NOW)


def certificates(
    folder: Path, authority: Authority, names: tuple[str, ...] = NAMES, now: datetime = NOW
) -> OwnCertificates:
    return OwnCertificates(folder, authority=authority, names=lambda: names, now=now)


@asynccontextmanager
async def listening(context: ssl.SSLContext) -> AsyncIterator[int]:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def greet(port: int, client: ssl.SSLContext, name: str) -> ssl.SSLObject:
    """Shake hands with whoever listens, who must prove to be ``name``."""
    async with asyncio.timeout(60.0):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=client, server_hostname=name
        )
        assert await reader.read() == b"hello"
        found: ssl.SSLObject = writer.get_extra_info("ssl_object")
        writer.close()
        return found


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.root_pem().decode())


@pytest.mark.parametrize("name", NAMES)
async def test_a_client_that_trusts_the_root_accepts_every_name(
    authority: Authority, tmp_path: Path, name: str
) -> None:
    async with listening(certificates(tmp_path, authority).context) as port:
        met = await greet(port, trusting(authority), name)

    assert met.version() in {"TLSv1.2", "TLSv1.3"}


async def test_a_name_that_is_not_in_the_certificate_is_refused(
    authority: Authority, tmp_path: Path
) -> None:
    async with listening(certificates(tmp_path, authority).context) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
            await greet(port, trusting(authority), "other.exemple.fr")


async def test_a_client_that_does_not_know_the_root_refuses(
    authority: Authority, tmp_path: Path
) -> None:
    async with listening(certificates(tmp_path, authority).context) as port:
        with pytest.raises(ssl.SSLCertVerificationError):
            await greet(port, ssl.create_default_context(), "localhost")


async def test_a_client_of_tls_1_1_is_refused(authority: Authority, tmp_path: Path) -> None:
    context = certificates(tmp_path, authority).context

    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_clients_refuse_a_name_outside_the_constraints_even_if_signed(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a thief of the key would do: the rule of ours is put aside, the client's stays.
    monkeypatch.setattr(Authority, "permits", lambda *_: True)
    stolen = certificates(tmp_path, authority, ("banque.example",))

    async with listening(stolen.context) as port:
        with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree"):
            await greet(port, trusting(authority), "banque.example")


def test_we_do_not_sign_a_name_outside_the_constraints(authority: Authority) -> None:
    with pytest.raises(NamesOutsideAuthority, match=r"banque\.example, 8\.8\.8\.8"):
        authority.issue(("localhost", "banque.example", "8.8.8.8"), now=NOW)
    with pytest.raises(NamesOutsideAuthority):
        authority.issue((), now=NOW)
    with pytest.raises(NamesOutsideAuthority, match="neither a host name"):
        authority.issue(("a b",), now=NOW)


def test_root_is_a_ten_year_elliptic_authority_that_says_who_it_is(authority: Authority) -> None:
    root = authority.root.certificate
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints)

    assert root.subject.rfc4514_string() == "CN=Ilotier – autorité locale"
    assert root.not_valid_after_utc - root.not_valid_before_utc == ROOT_LIFE
    assert basic.critical
    assert (basic.value.ca, basic.value.path_length) == (True, 0)
    assert root.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_server_certificate_lasts_no_longer_than_browsers_accept(authority: Authority) -> None:
    found = authority.issue(NAMES, now=NOW).certificate

    assert found.not_valid_after_utc - found.not_valid_before_utc <= timedelta(days=397)
    assert found.not_valid_before_utc < NOW


def test_keys_are_readable_by_their_owner_only(authority: Authority, tmp_path: Path) -> None:
    certificates(tmp_path, authority)

    for name in (PAIR_FILE, SERVER_FILE):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert b"PRIVATE" not in (tmp_path / ROOT_FILE).read_bytes()


def test_folder_made_for_the_keys_is_closed_to_others(tmp_path: Path) -> None:
    Authority.open(tmp_path / "tls", names=NAMES, now=NOW)

    assert stat.S_IMODE((tmp_path / "tls").stat().st_mode) == 0o700


def test_a_second_start_keeps_root_and_certificate(authority: Authority, tmp_path: Path) -> None:
    certificates(tmp_path, authority)
    before = (tmp_path / SERVER_FILE).read_bytes()

    again = Authority.open(tmp_path, names=("other.exemple.fr",), now=NOW)
    certificates(tmp_path, again)

    assert again.fingerprint() == authority.fingerprint()
    assert (tmp_path / SERVER_FILE).read_bytes() == before


def test_processes_that_start_together_agree_on_one_root(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = [pool.submit(Authority.open, tmp_path, names=NAMES, now=NOW) for _ in range(8)]

    assert len({each.result().fingerprint() for each in opened}) == 1


def test_a_damaged_root_is_never_replaced_in_silence(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / PAIR_FILE).write_bytes(authority.root_pem())

    with pytest.raises(AuthorityUnreadable, match=r"authority\.pem"):
        Authority.open(tmp_path, names=NAMES, now=NOW)
    assert (tmp_path / PAIR_FILE).read_bytes() == authority.root_pem()


def test_an_expired_root_is_named(authority: Authority, tmp_path: Path) -> None:
    with pytest.raises(AuthorityUnreadable, match="expired"):
        Authority.open(tmp_path, names=NAMES, now=authority.expires_at)


def serial(folder: Path) -> int:
    pem = (folder / SERVER_FILE).read_bytes()
    return x509.load_pem_x509_certificate(pem).serial_number


async def test_a_certificate_is_renewed_thirty_days_early_and_shown_at_once(
    tmp_path: Path,
) -> None:
    # Issued so long ago that it has 30 days left by the real clock.
    authority = Authority.open(tmp_path, names=NAMES, now=NOW - timedelta(days=400))
    old = certificates(tmp_path, authority, now=NOW - timedelta(days=366))
    first = serial(tmp_path)
    assert not old.refresh(now=NOW - timedelta(days=1))

    async with listening(old.context) as port:
        renewed = old.refresh(now=NOW)
        met = await greet(port, trusting(authority), "localhost")

    shown = x509.load_der_x509_certificate(met.getpeercert(binary_form=True) or b"")
    assert renewed
    assert shown.serial_number == serial(tmp_path) != first


async def test_new_names_give_a_new_certificate(authority: Authority, tmp_path: Path) -> None:
    names = ["localhost"]
    shown = OwnCertificates(tmp_path, authority=authority, names=lambda: names, now=NOW)
    first = serial(tmp_path)

    names.append("10.1.2.3")
    assert shown.refresh(now=NOW)
    async with listening(shown.context) as port:
        await greet(port, trusting(authority), "10.1.2.3")

    assert serial(tmp_path) != first


def test_names_the_root_may_not_vouch_for_are_left_out_and_told(
    authority: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shown = certificates(tmp_path, authority, ("localhost", "8.8.8.8"))
    shown.refresh(now=NOW)

    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told == ["not in the certificate: 8.8.8.8"]


def test_a_certificate_of_an_earlier_root_is_replaced(authority: Authority, tmp_path: Path) -> None:
    certificates(tmp_path, authority)
    first = serial(tmp_path)
    (tmp_path / PAIR_FILE).unlink()

    certificates(tmp_path, Authority.open(tmp_path, names=NAMES, now=NOW))

    assert serial(tmp_path) != first


def test_near_the_roots_end_certificates_end_with_it(authority: Authority, tmp_path: Path) -> None:
    late = authority.expires_at - timedelta(days=5)
    shown = certificates(tmp_path, authority, now=late)
    first = serial(tmp_path)

    assert not shown.refresh(now=late + timedelta(days=1))
    assert serial(tmp_path) == first


def test_profile_for_ios_carries_the_root(authority: Authority) -> None:
    profile = plistlib.loads(authority.mobileconfig())

    (content,) = profile["PayloadContent"]
    assert content["PayloadType"] == "com.apple.security.root"
    assert content["PayloadContent"] == authority.root_der()


def test_host_names_are_what_a_certificate_can_carry() -> None:
    found = host_names(extra=("CSU.Exemple.fr.", "not a name", "[fd00::1]"))

    assert found[:2] == ["csu.exemple.fr", "fd00::1"]
    assert {"localhost", "127.0.0.1", "::1"} <= set(found)
    assert not {"127.0.0.1", "::1"} & set(local_addresses())


@given(st.ip_addresses())
def test_private_addresses_are_always_permitted_and_public_ones_never(ip: object) -> None:
    constraints = name_constraints(())
    private = ("10.", "192.168.", "127.", "fd", "fc", "fe8", "fe9", "fea", "feb")

    if str(ip).startswith(private):
        assert permits(constraints, str(ip))
    if str(ip).startswith(("8.", "2001:", "2a")):
        assert not permits(constraints, str(ip))


def test_command_prints_how_a_phone_joins(tmp_path: Path) -> None:
    own_certificates(tmp_path, names=("csu.exemple.fr",), now=NOW)

    text = report(tmp_path, names=("csu.exemple.fr",), url="https://csu.exemple.fr:8443/", now=NOW)

    root = (tls_folder(tmp_path) / ROOT_FILE).read_bytes()
    assert "https://csu.exemple.fr:8443/root.crt" in text
    opened = Authority.open(tls_folder(tmp_path), names=(), now=NOW)
    assert opened.root_pem() == root
    assert opened.fingerprint()[:47] in text
    assert opened.fingerprint()[48:] in text


def test_qr_codes_are_drawn_for_page_and_terminal() -> None:
    svg = qr_svg("https://192.168.1.20:8443/root.crt")

    assert svg.startswith("<svg")
    assert 'fill="#fff"' in svg
    assert len(qr_text("https://192.168.1.20:8443/root.crt").splitlines()) > 10
