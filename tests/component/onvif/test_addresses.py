"""Which addresses a camera is asked at by ONVIF, and which are refused."""

from ipaddress import ip_address, ip_network

import pytest

from domain.onvif import Trouble
from server.onvif import addresses
from server.onvif.addresses import OnvifTrouble, check_address, is_allowed


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("169.254.169.254", Trouble.ADDRESS_REFUSED),
        ("http://[::ffff:169.254.169.254]/", Trouble.ADDRESS_REFUSED),
        ("127.0.0.1:80", Trouble.ADDRESS_REFUSED),
        ("localhost", Trouble.ADDRESS_REFUSED),
        ("http://[::]/", Trouble.ADDRESS_REFUSED),
        ("239.255.255.250", Trouble.ADDRESS_REFUSED),
        ("file:///etc/passwd", Trouble.ADDRESS_REFUSED),
        ("http://user:secret@10.0.0.1/", Trouble.ADDRESS_REFUSED),
        ("http://10.0.0.1:99999/", Trouble.ADDRESS_REFUSED),
        ("no-such-name.invalid", Trouble.UNKNOWN_NAME),
    ],
)
async def test_addresses_that_no_camera_has_are_refused(address: str, reason: Trouble) -> None:
    with pytest.raises(OnvifTrouble) as trouble:
        await check_address(address, ())

    assert trouble.value.reason is reason


def test_the_networks_that_were_set_are_the_only_ones() -> None:
    networks = (ip_network("10.20.0.0/16"), ip_network("fd00::/8"))

    assert is_allowed(ip_address("10.20.3.4"), networks)
    assert is_allowed(ip_address("fd00::7"), networks)
    assert not is_allowed(ip_address("10.21.0.1"), networks)
    assert not is_allowed(ip_address("127.0.0.1"), networks)


async def test_a_name_is_asked_at_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter([ip_address("10.0.0.7"), ip_address("169.254.169.254")])

    async def look_up(_: str) -> object:
        return next(answers)

    monkeypatch.setattr(addresses, "_look_up", look_up)

    checked = await check_address("http://camera-7.example/", ())

    assert checked.url == "http://10.0.0.7/onvif/device_service"
    assert checked.host == "camera-7.example"
