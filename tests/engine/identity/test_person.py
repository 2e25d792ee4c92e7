"""Outside names of persons, and identifiers as strangers see them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from engine.identity import installation_key, mask, mask_identifier, mask_name, person_id


def test_a_person_id_needs_the_key() -> None:
    assert person_id(b"one", "phone:+8613811112222") != person_id(b"two", "phone:+8613811112222")
    assert len(person_id(b"one", "phone:+8613811112222")) == len("p_") + 16


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    key = installation_key(tmp_path)
    assert installation_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert installation_key(tmp_path, "mine") == b"mine"


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "+8613811112222", "138****2222"),
        ("phone", "123", "****"),
        ("email", "li@x.com", "l***@x.com"),
        ("member_id", "m1", "****"),
        ("cookie", "abcdefgh", "ab****gh"),
    ],
)
def test_what_identifies_a_person_is_hidden(kind: str, value: str, shown: str) -> None:
    assert mask(kind, value) == shown
    assert mask_identifier(f"{kind}:{value}") == f"{kind}:{shown}"


def test_of_a_name_the_first_character_stays() -> None:
    assert (mask_name("王小明"), mask_name("L"), mask_name("")) == ("王**", "L*", "")
