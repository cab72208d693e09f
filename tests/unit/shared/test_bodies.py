"""Names of inspected bodies, and of texts in full and half width, compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.bodies import LONGEST, body_key
from shared.width import folded, narrow


@pytest.mark.parametrize(
    "name",
    ["中共云岭镇委员会", "云岭镇党委", "中共云岭镇党委", "云岭镇", " 中共 云岭镇\n委员会", "中国共产党云岭镇委员会"],
)
def test_the_party_committee_of_a_body_is_the_body(name: str) -> None:
    assert body_key(name) == "云岭镇"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("中共清源区教育局党组", "清源区教育局"),
        ("中共云岭新区工作委员会", "云岭新区"),
        ("云岭新区党工委", "云岭新区"),
        ("清源区发展和改革委员会", "清源区发展和改革委员会"),
        ("云岭新区管理委员会", "云岭新区管理委员会"),
        ("中共委员会", "中共委员会"),
        ("党组", "党组"),
        ("（云岭）公司", "(云岭)公司"),
        ("", None),
        (" ", None),
        (None, None),
    ],
)
def test_other_names_stay_as_they_are(name: str | None, key: str | None) -> None:
    assert body_key(name) == key


@given(st.text(st.sampled_from("中共委员会党组工镇 \n（"), max_size=300))
def test_a_key_is_its_own_key_or_shorter_and_never_longer_than_an_index_takes(name: str) -> None:
    key = body_key(name)
    assert key is None or 0 < len(key) <= LONGEST


@given(st.text())
def test_folding_twice_is_folding_once_in_width(text: str) -> None:
    assert narrow(narrow(text)) == narrow(text)
    assert len(narrow(text)) == len(text)
    assert "\x00" not in folded(text)


def test_folded_texts_have_one_width_and_one_case() -> None:
    assert folded("ＡＢｃ（１）：整改\u200b") == "abc(1):整改"
