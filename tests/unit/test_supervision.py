"""Supervision: services live and end together, and a death is told."""

import asyncio

import pytest

from server.supervision import supervise

LIMIT_S = 60.0


async def test_services_run_until_the_block_ends() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def service() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with supervise({"one": service}, on_failure=lambda: None), asyncio.timeout(LIMIT_S):
        await begun.wait()
        assert not ended.is_set()

    assert ended.is_set()


async def test_a_death_is_told_once_and_ends_the_others(caplog: pytest.LogCaptureFixture) -> None:
    told, ended = asyncio.Event(), asyncio.Event()

    async def dies() -> None:
        raise OSError("gone")

    async def lives() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with (
        supervise({"lives": lives, "dies": dies}, on_failure=told.set),
        asyncio.timeout(LIMIT_S),
    ):
        await told.wait()

    assert ended.is_set()
    assert [record.message for record in caplog.records] == ["a service died, stopping"]


async def test_a_failure_while_stopping_is_not_told() -> None:
    begun = asyncio.Event()

    async def stubborn() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("while stopping")

    def failed() -> None:
        raise AssertionError("it was told")

    async with supervise({"stubborn": stubborn}, on_failure=failed), asyncio.timeout(LIMIT_S):
        await begun.wait()


async def test_the_blocks_own_error_comes_through() -> None:
    async def service() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        async with supervise({"one": service}, on_failure=lambda: None):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
