"""Links to pictures are good for a day, for one picture, and for nobody who makes them up."""

from slackapp.charts.links import Links

LINKS = Links(["new key", "old key"], "https://mutual.example.com/")


def token(link: str) -> str:
    return link.rpartition("/")[2]


def test_a_link_leads_to_its_picture() -> None:
    link = LINKS.to("T1", "abc")

    assert link.startswith("https://mutual.example.com/charts/")
    assert len(link) < 300
    assert LINKS.read(token(link)) == ("T1", "abc")


def test_links_made_before_a_key_was_added_still_work() -> None:
    assert LINKS.read(token(Links(["old key"], "https://x").to("T1", "abc"))) == ("T1", "abc")
    assert Links(["new key"], "https://x").read(token(LINKS.to("T1", "abc"))) == ("T1", "abc")


def test_a_link_that_is_old_forged_or_cut_leads_nowhere() -> None:
    made = token(LINKS.to("T1", "abc"))

    assert LINKS.read(made, good_for=-1) is None
    assert LINKS.read(token(Links(["somebody else's"], "https://x").to("T1", "abc"))) is None
    assert LINKS.read(made[:-9]) is None
    assert LINKS.read("") is None
    assert LINKS.read("x" * 10_000) is None
