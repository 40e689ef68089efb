"""Ids, chance, secrets and the log: the small things everything stands on."""

import io
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from overture.core import crypto, log
from overture.core.clock import ManualClock
from overture.core.crypto import KeyUnusable
from overture.core.errors import NeedsHuman, NotPossible, PageChanged, Restricted, Throttled, Transient
from overture.core.ids import Ids, public_id, read_public_id
from overture.core.reasons import Reason
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.runs.react import Again, Over, Stop, Tries, react

START = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.integers(0, (1 << 128) - 1))
def test_a_public_id_reads_back(number: int) -> None:
    assert read_public_id("run", public_id("run", UUID(int=number))) == UUID(int=number)


@given(st.text(max_size=40))
def test_any_other_text_is_no_id(text: str) -> None:
    found = read_public_id("run", text)

    assert found is None or public_id("run", found) == text


def test_ids_sort_by_time_and_repeat_with_the_seed() -> None:
    def draw() -> list[UUID]:
        clock = ManualClock(START)
        ids = Ids(clock, Rng(b"seed"))
        made = []
        for _ in range(20):
            clock.advance(timedelta(milliseconds=1))
            made.append(ids.new())
        return made

    first = draw()
    assert first == sorted(first) == draw()
    assert {(i.version, i.variant) for i in first} == {(7, "specified in RFC 4122")}
    assert Ids(ManualClock(START), Rng(b"s")).token().version == 4


def test_a_stream_depends_on_its_key_and_not_on_other_draws() -> None:
    one, other = Rng(b"seed"), Rng(b"seed")
    one.stream("a").random()

    assert one.stream("b", 1).random() == other.stream("b", 1).random()
    assert one.stream("b", 1).random() != one.stream("b", 2).random()


def test_a_secret_opens_only_in_its_place(tmp_path: Path) -> None:
    ring = crypto.load_or_create(tmp_path / "keys")
    sealed = ring.seal(b"li_at=canary", "account_secrets.session:1")

    assert b"canary" not in sealed
    assert ring.open(sealed, "account_secrets.session:1") == b"li_at=canary"
    with pytest.raises(KeyUnusable):
        ring.open(sealed, "account_secrets.session:2")
    with pytest.raises(KeyUnusable):
        ring.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "account_secrets.session:1")


def test_a_rotated_ring_seals_anew_and_opens_the_old(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    old = crypto.load_or_create(path)
    sealed = old.seal(b"x", "p")
    new = crypto.add_key(path)

    assert new.open(sealed, "p") == b"x"
    assert not new.is_newest(sealed)
    assert new.is_newest(new.seal(b"x", "p"))
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(KeyUnusable, match="No key"):
        old.open(new.seal(b"x", "p"), "p")


@pytest.mark.parametrize("content", ["", "nonsense", "aa:bb", f"{'0' * 8}:{'zz' * 32}"])
def test_a_broken_key_file_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys"
    path.write_text(content)

    with pytest.raises(KeyUnusable, match=str(path)):
        crypto.load(path)


def test_the_log_is_json_with_context_and_without_secrets() -> None:
    stream = io.StringIO()
    log.configure("info", stream)
    with structlog.contextvars.bound_contextvars(run_id="run_1", handle="ada"):
        structlog.get_logger().info("run.ended", password="canary", status="completed")
    line = json.loads(stream.getvalue())

    assert line["run_id"] == "run_1"
    assert line["handle"] == "ada"
    assert "canary" not in stream.getvalue()


def test_an_attempt_at_unipile_has_to_last_longer_than_its_looks() -> None:
    """A read-back waits as long as they take: it would be given up and begun again for ever."""
    made: dict[str, Any] = {
        "_env_file": None,
        "attempt_timeout": timedelta(seconds=74),
        "unipile_dsn": "api1.unipile.com:13111",
    }

    with pytest.raises(ValidationError, match=r"OVERTURE_ATTEMPT_TIMEOUT .*at least 75 s"):
        Settings(**made)

    assert Settings(**{**made, "attempt_timeout": timedelta(seconds=75)}).unipile_confirm[-1] == 70.0
    assert Settings(**{**made, "unipile_confirm": (0.0, 69.0)}).unipile_confirm[-1] == 69.0
    assert Settings(**{**made, "unipile_dsn": None}).attempt_timeout == timedelta(seconds=74)


def test_lists_in_settings_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERTURE_BROWSER_CONFIRM", "0, 0.5,2")
    monkeypatch.setenv("OVERTURE_PLUGINS", "")

    settings = Settings(_env_file=None)

    assert settings.browser_confirm == (0.0, 0.5, 2.0)
    assert settings.plugins == ()


def test_each_failure_has_its_one_reaction() -> None:
    rng, tries = random.Random(1), Tries(made=1, allowed=3, backoff=timedelta(seconds=10))
    until = START + timedelta(days=7)

    again = react(Transient("x"), tries, START, rng).run
    assert isinstance(again, Again)
    assert again.reason == Reason.RETRY
    assert timedelta(seconds=8) <= again.at - START <= timedelta(seconds=12)
    assert react(Transient("x"), Tries(3, 3, timedelta(seconds=10)), START, rng).run == Over()
    throttled = react(Throttled("weekly_limit", "x", until=until), tries, START, rng)
    assert throttled.run == Again(until, Reason.PROVIDER_COOLDOWN)
    assert throttled.rest_until == until
    assert react(NeedsHuman("pin", "x"), tries, START, rng).account == Stop("needs_attention", "pin")
    assert react(Restricted("x"), tries, START, rng).account == Stop("paused", "blocked_by_provider")
    for lead_level in (NotPossible("not_connected", "x"), PageChanged("the button")):
        reaction = react(lead_level, tries, START, rng)
        assert (reaction.run, reaction.account, reaction.rest_until) == (Over(), None, None)
