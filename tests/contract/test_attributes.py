"""What profiles say of a person stands with the person, hidden from those who did not ask to see it."""

from __future__ import annotations

from pathlib import Path

from tests.contract.place import Place

TOML = """
[[source]]
name = "members"
files = ["members/*.csv"]
table = "profiles"
columns = { member_id = "id", name = "name", region = "region", tier = "tier", tags = "tags", phone = "tel" }
[[source]]
name = "web"
files = ["web.csv"]
table = "events"
event = "visit"
columns = { ts = "ts", member_id = "id" }
"""


def test_of_several_lines_the_last_that_says_something_holds(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.toml(TOML)
    place.put("web.csv", "ts,id\n2026-11-01,m1\n2026-11-01,m2\n")
    place.put(
        "members/a.csv",
        """
        id,name,region,tier,tags,tel,shoe,home address
        m1,王小明,华东,gold,new,13811112222,42,杭州市西湖区文三路 1 号
        m1,,华北,,old,,,
        """,
    )
    (one,) = place.ask("persons", "member_id:m1")["persons"]
    assert list(one["attributes"]) == ["name", "region", "tier", "tags", "shoe", "home address"]
    assert (one["attributes"]["name"], one["attributes"]["region"]) == ("王**", "华北")
    assert (one["attributes"]["tier"], one["attributes"]["tags"]) == ("gold", ["old"])
    assert one["attributes"]["home address"] == "杭州****"
    (seen,) = place.ask("persons", "member_id:m1", "--reveal", "--reason", "told")["persons"]
    assert seen["attributes"]["name"] == "王小明"
    (other,) = place.ask("persons", "member_id:m2")["persons"]
    assert other["attributes"] == {}
