"""Firebase: to an app enrolled with Firebase Cloud Messaging, through firebase-admin.

Everything of firebase-admin runs in one thread with an event loop of its own, because its token
refresh is a blocking request inside the async path: a token endpoint that accepts and never answers
would stop every socket of the control room (20 s were measured). The other traps:

- one answer that is not JSON loses the results of a whole batch: a batch here is one message, and
  at most ``MOST_AT_ONCE`` are on their way;
- google-auth waits 120 s for a token whatever httpTimeout says: ``_Credentials`` bounds it, and
  after a failure the others do not try again for a moment;
- Retry-After is ignored by the library and 429 is not retried: both are the courier's business;
- ``delete_app`` starts a loop of its own: it is called in the thread, after its loop has stopped.
"""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import firebase_admin
from firebase_admin import exceptions, messaging
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2 import service_account

from push.channels import ACCEPTED, BadPushAddress, Became, ChannelStatus, Outcome, pause_asked
from push.messages import PushMessage

logger = logging.getLogger(__name__)

SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
MOST_AT_ONCE = 50
#: After a refused token the others fail at once for this long instead of each trying.
NO_TOKEN_FOR_S = 5.0
#: The library tries a 500 or 503 five times, 7 s in all; a hung one takes ``timeout_s``.
SLACK_S = 8.0
CLOSING_S = 5.0


class BadAccount(Exception):
    """The service account can't be used; the text says why, and nothing of its key."""


# Any: google-auth publishes no types that mypy sees here.
class _Credentials(service_account.Credentials):  # type: ignore[misc]  # its base is untyped
    """A service account whose token request ends in time."""

    timeout_s: float = 5.0

    def refresh(self, request: Any) -> None:
        super().refresh(partial(request, timeout=self.timeout_s))


class _Worker:
    """The thread, its loop and the library's app; made and used in that thread only."""

    def __init__(
        self, account: Mapping[str, Any], *, endpoint: str | None, timeout_s: float
    ) -> None:
        self._credentials = _Credentials.from_service_account_info(dict(account), scopes=[SCOPE])
        project = str(account["project_id"])
        self._app = firebase_admin.initialize_app(
            self._credentials,
            {"projectId": project, "httpTimeout": timeout_s},
            name=f"ilotier-{uuid4()}",
        )
        if endpoint is not None:
            # The library has no setting for it; this private name is why its version is pinned and
            # why tests run it against a local server.
            service = messaging._get_messaging_service(self._app)  # noqa: SLF001
            service._fcm_url = f"{endpoint.rstrip('/')}/v1/projects/{project}/messages:send"  # noqa: SLF001
        self._refreshing = asyncio.Lock()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._no_token_before = 0.0

    async def send(self, message: messaging.Message, *, clock: Callable[[], datetime]) -> Outcome:
        async with self._room:
            if (failed := await self._token()) is not None:
                return failed
            try:
                batch = await messaging.send_each_async([message], app=self._app)
            except (exceptions.FirebaseError, ValueError) as error:
                return _outcome(error, now=clock())
            answer = batch.responses[0]
            return ACCEPTED if answer.success else _outcome(answer.exception, now=clock())

    async def _token(self) -> Outcome | None:
        """Have a token, asked for once and off this loop; else say what to do with the message."""
        async with self._refreshing:
            if self._credentials.valid:
                return None
            detail = "no token a moment ago"
            if monotonic() >= self._no_token_before:
                try:
                    await asyncio.to_thread(self._credentials.refresh, Request())
                except (GoogleAuthError, OSError, ValueError) as error:
                    self._no_token_before = monotonic() + NO_TOKEN_FOR_S
                    detail = f"no token: {type(error).__name__}"
                else:
                    return None
        return Outcome(became=Became.LATER, detail=detail, loud=True)

    def delete(self) -> None:
        firebase_admin.delete_app(self._app)


class FirebaseChannel:
    """``account`` is a service account as Google's console gives it.

    ``endpoint`` replaces Google's address (its token address is in the account).
    """

    def __init__(
        self,
        *,
        account: Mapping[str, Any],
        clock: Callable[[], datetime],
        endpoint: str | None = None,
        timeout_s: float = 10.0,
    ) -> None:
        self._account = account
        self._clock = clock
        self._endpoint = endpoint
        self._timeout_s = timeout_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker: _Worker | None = None

    @property
    def status(self) -> ChannelStatus:
        return ChannelStatus(on=True)

    def check(self, address: Mapping[str, str]) -> None:
        if len(address) != 1 or not (address.get("token") or address.get("fid")):
            raise BadPushAddress("a Firebase address is one token or one installation id")

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        thread = threading.Thread(
            target=self._work, args=(asyncio.get_running_loop(), opened), name="firebase"
        )
        # A token request that hangs must not hold up the end of the process.
        thread.daemon = True
        thread.start()
        await opened
        try:
            yield
        finally:
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._loop.stop)
            await asyncio.to_thread(thread.join, CLOSING_S)
            if thread.is_alive():
                logger.warning("the Firebase thread did not end in %.0f s", CLOSING_S)
            self._loop = self._worker = None

    async def send(self, message: PushMessage, address: Mapping[str, str]) -> Outcome:
        self.check(address)
        if self._loop is None or self._worker is None:
            return Outcome(became=Became.LATER, detail="the channel is not open")
        sending = asyncio.run_coroutine_threadsafe(
            self._send(self._worker, message, address), self._loop
        )
        try:
            async with asyncio.timeout(self._timeout_s + SLACK_S):
                return await asyncio.wrap_future(sending)
        except TimeoutError:
            return Outcome(became=Became.LATER, detail="no answer in time")

    async def _send(
        self, worker: _Worker, message: PushMessage, address: Mapping[str, str]
    ) -> Outcome:
        form = firebase_message(message, address, now=self._clock())
        return await worker.send(form, clock=self._clock)

    def _work(self, caller: asyncio.AbstractEventLoop, opened: "asyncio.Future[None]") -> None:
        loop = asyncio.new_event_loop()

        async def make() -> _Worker:
            return _Worker(self._account, endpoint=self._endpoint, timeout_s=self._timeout_s)

        try:
            worker = loop.run_until_complete(make())
        except (ValueError, KeyError) as error:
            loop.close()
            caller.call_soon_threadsafe(opened.set_exception, BadAccount(str(error)))
            return
        self._loop, self._worker = loop, worker
        caller.call_soon_threadsafe(opened.set_result, None)
        try:
            loop.run_forever()
        finally:
            _end(loop)
            worker.delete()
            loop.run_until_complete(asyncio.sleep(0))  # closed connections say so once more
            loop.close()


def read_account(path: Path) -> Mapping[str, Any]:
    """Read a service account from its JSON file; raises ``BadAccount`` saying what is wrong."""
    try:
        account = json.loads(path.read_text(encoding="utf-8"))
        service_account.Credentials.from_service_account_info(account, scopes=[SCOPE])
        if not account.get("project_id"):
            raise ValueError("project_id is missing")
    except OSError as error:
        raise BadAccount(f"{path}: {error.strerror}") from None
    except (ValueError, TypeError, AttributeError, GoogleAuthError) as error:
        raise BadAccount(f"{path} is not a service account: {type(error).__name__}") from None
    checked: Mapping[str, Any] = account
    return checked


def firebase_message(
    message: PushMessage, address: Mapping[str, str], *, now: datetime
) -> messaging.Message:
    """Give the library's form: texts are names that the app translates, never texts of ours."""
    title, body = f"push_{message.kind}_title", f"push_{message.kind}_body"
    expires = int((now + message.ttl).timestamp())
    form = messaging.Message(
        data=message.data(),
        fid=address.get("fid"),
        android=messaging.AndroidConfig(
            priority="high",
            ttl=timedelta(seconds=message.ttl_s),
            collapse_key=message.topic,
            notification=messaging.AndroidNotification(
                title_loc_key=title,
                body_loc_key=body,
                channel_id="alerts",
                tag=str(message.id),
                priority="max",
                visibility="private",
            ),
        ),
        apns=messaging.APNSConfig(
            headers={
                "apns-priority": "10",
                "apns-push-type": "alert",
                "apns-expiration": str(expires),
                "apns-collapse-id": message.topic,
            },
            payload=messaging.APNSPayload(
                messaging.Aps(
                    alert=messaging.ApsAlert(title_loc_key=title, loc_key=body),
                    sound="default",
                    custom_data={"interruption-level": "time-sensitive"},
                )
            ),
        ),
    )
    # Set afterwards: the constructor warns that tokens give way to installation ids, for which
    # both kinds are kept.
    form.token = address.get("token")
    return form


def _outcome(error: Exception, *, now: datetime) -> Outcome:
    """Say what an error of the library means for the message."""
    detail = type(error).__name__
    if isinstance(error, messaging.UnregisteredError | messaging.SenderIdMismatchError):
        return Outcome(became=Became.GONE, detail=detail)
    if isinstance(error, exceptions.InvalidArgumentError | ValueError):
        return Outcome(became=Became.REFUSED, detail=detail, loud=True)
    response = getattr(error, "http_response", None)
    headers = response.headers if response is not None else {}
    pause = pause_asked(headers.get("Retry-After"), now=now)
    ours = (
        messaging.ThirdPartyAuthError,
        exceptions.UnauthenticatedError,
        exceptions.PermissionDeniedError,
    )
    return Outcome(became=Became.LATER, detail=detail, pause=pause, loud=isinstance(error, ours))


def _end(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what still runs on ``loop`` and let it end."""

    async def gather(tasks: set[asyncio.Task[Any]]) -> None:
        await asyncio.wait(tasks)

    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        waiting: Coroutine[Any, Any, None] = gather(tasks)
        loop.run_until_complete(waiting)
    loop.run_until_complete(loop.shutdown_default_executor())
