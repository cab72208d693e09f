"""The timeline: the same seed decides the same, the demo shows everything in a minute, and it stops when told."""

import itertools

import pytest

from services.simulation.script import DEMO, STORIES, Rates, Script, Step, demo, perform, random_life
from services.simulation.site import DisclosureSite
from tests.unit.simulation.client import until


def actions(steps: tuple[Step, ...]) -> list[str]:
    return [step.options.get("kind", "") if step.action == "fault" else step.action for step in steps]


def test_the_demo_shows_everything_within_a_minute() -> None:
    shown = actions(DEMO)
    assert shown.count("publish") >= 4
    assert shown.count("edit") >= 2
    assert {"cosmetic", "withdraw", "restore", "429", "block"} <= set(shown)
    assert max(step.at_seconds for step in DEMO) < 60
    assert next(step.at_seconds for step in DEMO if step.action == "withdraw") == 20
    assert next(step.at_seconds for step in DEMO if step.action == "restore") == 45
    assert next(step.options["retry_after"] for step in DEMO if step.options.get("kind") == "429") == 3


def test_the_same_seed_decides_the_same() -> None:
    first, again, other = (list(itertools.islice(demo(seed), 60)) for seed in (7, 7, 8))
    assert first == again
    assert first != other
    assert [step.at_seconds for step in first] == sorted(step.at_seconds for step in first)


def test_two_sites_with_one_seed_live_the_same_life() -> None:
    def lived() -> list[tuple[str, str, str]]:
        site = DisclosureSite(seed=5, notices=4)
        try:
            done = [perform(site, step) for step in itertools.islice(random_life(5, Rates()), 80)]
        finally:
            site.stop()
        return [(each["action"], each["host"], (each["url"] or "").replace(str(site.port), "")) for each in done]

    assert lived() == lived()


def test_the_demo_can_be_performed_whole() -> None:
    site = DisclosureSite(seed=7, notices=4)
    try:
        done = [perform(site, step) for step in DEMO]
        told = site.truth()
    finally:
        site.stop()
    assert all(each["url"] or each["action"] == "fault" for each in done)
    assert len(told["notices"]) == 12 + actions(DEMO).count("publish")
    assert sum(len(notice["revisions"]) - 1 for notice in told["notices"]) == actions(DEMO).count("edit")
    assert sum(len(notice["withdrawals"]) for notice in told["notices"]) == 1
    assert all(notice["up"] for notice in told["notices"])


def test_a_step_with_nothing_to_act_on_does_nothing() -> None:
    site = DisclosureSite(seed=7)
    try:
        assert perform(site, Step(0, "restore"))["url"] is None
        assert perform(site, Step(0, "edit"))["url"] is None
        assert site.truth()["sequence"] == 0
    finally:
        site.stop()


def test_a_timeline_plays_and_stops_and_calms_the_site() -> None:
    with DisclosureSite(hosts=["127.0.0.2"], notices=1) as site:
        script = Script(site)
        state = script.command("start", "demo", pace=500.0)
        assert state["playing"]
        assert until(lambda: len(script.state()["played"]) > 20)
        site.fault("127.0.0.2", "503")
        assert not script.command("stop")["playing"]
        settled = site.truth()["sequence"]
        assert site.troubles.take("127.0.0.2", "/") is None
        assert site.truth()["sequence"] == settled
        script.start(iter([Step(0, "publish"), Step(600, "publish")]))
        assert until(lambda: site.truth()["sequence"] == settled + 1)
        script.stop()


def test_unknown_stories_and_actions_are_refused() -> None:
    site = DisclosureSite(hosts=["127.0.0.2"])
    try:
        script = Script(site)
        with pytest.raises(ValueError, match="no story"):
            script.command("start", "nonsense")
        with pytest.raises(ValueError, match="unknown action"):
            script.command("dance")
        assert sorted(STORIES) == ["demo", "random"]
    finally:
        site.stop()
