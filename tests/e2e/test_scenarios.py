"""A few scenarios of each kind, on both kinds of pages: report, requirement and ledger are one."""

from collections.abc import AsyncIterator

import pytest

from scenarios import SCENARIOS, House, open_house
from scenarios.scenario import VARIANTS, Variant

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow]

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    async with open_house() as opened:
        yield opened


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    "name", ["inv-decoy-sidebar", "inv-commit-then-drop", "msg-crlf-emoji-nbsp", "msg-reply-arrived"]
)
async def test_report_and_ledger_agree(house: House, name: str, variant: Variant) -> None:
    row = await house.play(BY_NAME[name], variant)

    assert row.differences == ()
    assert row.false_successes == 0
    assert row.reported
