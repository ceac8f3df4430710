"""Devices: enrolment by a one-time code and a PIN, what the first page shows, the push address."""

from typing import Annotated, ClassVar, Literal, Self

from aiohttp import web
from pydantic import Field, RootModel, model_validator

from domain.addresses import share_of
from domain.errors import Conflict, Invalid, NotFound
from domain.units import DeviceKind
from mobile_api.attempts import ATTEMPTS
from mobile_api.bodies import Body, read_body
from mobile_api.description import Needs, Routes
from mobile_api.keys import (
    CLOCK,
    DEVICE,
    DEVICES,
    PINS,
    PUBLIC_URL,
    PUSH,
    Subscription,
)
from mobile_api.schemas import Enrolled, MobileMe, Osmand, answer
from mobile_api.tokens import code_digest, digest, new_token
from mobile_api.views import VIEWS

ROUTES = Routes("phones", prefix="/mobile")

type Pin = Annotated[str, Field(pattern=r"^[0-9]{4,8}$")]


class BadEnrolmentCode(Invalid):
    code: ClassVar[str] = "bad-enrolment-code"
    title: ClassVar[str] = "This code is not good (any more)"


class NoPushAddress(Conflict):
    code: ClassVar[str] = "no-push-address"
    title: ClassVar[str] = "This device has no push address"


class Enrolment(Body):
    """``pin`` is chosen by the agent and asked when a shift begins."""

    code: Annotated[str, Field(min_length=4, max_length=40)]
    pin: Pin
    kind: DeviceKind | None = None


class PushKeys(Body):
    """What ``PushSubscription.toJSON()`` gives: base64url (RFC 8291 section 2)."""

    p256dh: Annotated[str, Field(min_length=1, max_length=120)]
    auth: Annotated[str, Field(min_length=1, max_length=40)]


class WebPushAddress(Body):
    channel: Literal["web-push"]
    endpoint: Annotated[str, Field(min_length=1, max_length=1000)]
    keys: PushKeys

    def subscription(self) -> Subscription:
        address = {"endpoint": self.endpoint, "p256dh": self.keys.p256dh, "auth": self.keys.auth}
        return Subscription(channel=self.channel, address=address)


class FirebaseAddress(Body):
    """One of the two: a Firebase installation id, or the registration token it replaces."""

    channel: Literal["firebase"]
    token: Annotated[str, Field(min_length=1, max_length=4096)] | None = None
    fid: Annotated[str, Field(min_length=1, max_length=200)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.token is None) == (self.fid is None):
            raise ValueError("give a token or a fid, one of them")
        return self

    def subscription(self) -> Subscription:
        given = {"token": self.token, "fid": self.fid}
        address = {name: value for name, value in given.items() if value is not None}
        return Subscription(channel=self.channel, address=address)


class PushAddress(
    RootModel[Annotated[WebPushAddress | FirebaseAddress, Field(discriminator="channel")]]
):
    """Where a device's push messages go; ``channel`` says which of the two forms it is."""


@ROUTES.post(
    "/enrolment",
    needs=Needs.PUBLIC,
    summary="Enrol a device with its one-time code; the secrets are given this once.",
    body=Enrolment,
    answers={201: Enrolled},
    problems=("bad-enrolment-code", "too-many"),
)
async def enrol(request: web.Request) -> web.Response:
    services = request.config_dict
    body = await read_body(request, Enrolment)
    attempts, now, who = (
        services[ATTEMPTS],
        services[CLOCK](),
        f"address:{share_of(request.remote or '')}",
    )
    attempts.check(who, now=now)
    token, osmand_id = new_token(), new_token()
    try:
        principal = await services[DEVICES].enrol(
            code_hash=code_digest(body.code),
            token_hash=digest(token),
            osmand_hash=digest(osmand_id),
            pin_hash=await services[PINS].hash(body.pin),
            kind=body.kind,
            at=now,
        )
    except NotFound:
        attempts.failed(who, now=now)
        raise BadEnrolmentCode("ask the control room for a new one") from None
    attempts.succeeded(who)
    me = await services[VIEWS].me(principal)
    enrolled = Enrolled(
        **dict(me),
        token=token,
        osmand=Osmand(url=f"{services[PUBLIC_URL]}/osmand", id=osmand_id),
    )
    return answer(enrolled, status=201)


@ROUTES.get(
    "/me",
    needs=Needs.DEVICE,
    summary="The device, its agent, its units, the running shift and intervention.",
    answers={200: MobileMe},
)
async def me(request: web.Request) -> web.Response:
    return answer(await request.config_dict[VIEWS].me(request[DEVICE]))


@ROUTES.put(
    "/push-subscription",
    needs=Needs.DEVICE,
    summary="Say where this device's push messages go; the one before is forgotten.",
    body=PushAddress,
    answers={204: None},
    problems=("bad-push-address", "push-channel-off"),
)
async def subscribe(request: web.Request) -> web.Response:
    services = request.config_dict
    subscription = (await read_body(request, PushAddress)).root.subscription()
    services[PUSH].check_address(subscription.channel, subscription.address)
    await services[DEVICES].subscribe(request[DEVICE].device.id, subscription, at=services[CLOCK]())
    return web.Response(status=204)


@ROUTES.delete(
    "/push-subscription",
    needs=Needs.DEVICE,
    summary="Forget where this device's push messages went.",
    answers={204: None},
)
async def unsubscribe(request: web.Request) -> web.Response:
    await request.config_dict[DEVICES].unsubscribe(request[DEVICE].device.id)
    return web.Response(status=204)


@ROUTES.post(
    "/push-subscription/test",
    needs=Needs.DEVICE,
    summary="Send this device a push message of kind 'test' now.",
    answers={204: None},
    problems=("no-push-address", "push-channel-off", "push-refused"),
)
async def test(request: web.Request) -> web.Response:
    services = request.config_dict
    subscription = await services[DEVICES].subscription(request[DEVICE].device.id)
    if subscription is None:
        raise NoPushAddress("allow notifications on the phone first")
    await services[PUSH].test(subscription.channel, subscription.address)
    return web.Response(status=204)
