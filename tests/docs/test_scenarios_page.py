"""The page of scenarios is that of a full run of the scenarios there are, and in it all agreed."""

import re
from pathlib import Path

import overture_sandbox.scenarios
from scenarios import SCENARIOS
from scenarios.report import LAST, place
from scenarios.scenario import VARIANTS

PAGE = Path(__file__).parents[2] / "docs" / "scenarios.md"
AGREES = re.compile(r"yes, \d+ s")


def lines() -> list[list[str]]:
    """The cells of the table, line by line."""
    table = [one for one in PAGE.read_text().splitlines() if one.startswith("| ")]
    return [line.strip("| ").split(" | ") for line in table[1:]]


def test_the_page_has_every_scenario_as_it_is_now() -> None:
    wanted = [[place(one), f"`{one.name}`", one.site, one.required] for one in SCENARIOS]

    assert [cells[:4] for cells in lines()] == wanted


def test_report_and_ledger_agreed_on_both_kinds_of_page() -> None:
    for scenario, cells in zip(SCENARIOS, lines(), strict=True):
        for variant, told in zip(VARIANTS, cells[-2:], strict=True):
            agreed = variant in scenario.variants and AGREES.fullmatch(told)
            assert agreed or told == (scenario.only or ("", ""))[1], f"{scenario.name} {variant}: {told}"
    assert "false successes: 0." in PAGE.read_text()


def test_every_number_of_the_catalogue_is_played() -> None:
    assert {one.number for one in SCENARIOS} >= set(range(1, LAST + 1))


def test_everything_the_sandbox_arranges_is_played() -> None:
    assert {one.name for one in SCENARIOS} == set(overture_sandbox.scenarios.SCENARIOS)
