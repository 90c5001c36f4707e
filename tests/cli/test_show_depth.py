"""`linkgraph show REF --depth N`: what lies beyond a card's links, as a tree."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import networkx
import pytest

from linkgraph.cli.exits import ExitCode
from tests.cli.here import here
from tests.terminal import in_terminal, without_escapes

BUSY = "contact:2028649"


def shown(home: Path, *arguments: str) -> Any:
    """What `linkgraph show` answers, as JSON."""
    done = here(home, "show", *arguments, "-f", "json")
    assert done.returncode == ExitCode.OK, done.stderr
    return json.loads(done.stdout)


def seen(home: Path, *arguments: str, columns: int = 80) -> list[str]:
    """What a person sees who types `linkgraph show`, by lines."""
    command = [sys.executable, "-m", "linkgraph", "show", *arguments, "--home", str(home)]
    return without_escapes(in_terminal(command, columns=columns)).strip("\n").split("\n")


def test_tree(small_home: Path) -> None:
    """Cards stand under the card that they were met from, by kind of link, with names and ★."""
    lines = seen(small_home, "lead:1", "--depth", "2", "--avoid-hubs", "100")

    assert lines == [
        "lead:1  Сделка",
        "├─ lead_contact (2)",
        "│  ├─ ★ contact:10  Анна",
        "│  │  ├─ lead_contact (1)",
        "│  │  │  └─ ★ lead:2  Вторая · won",
        "│  │  └─ contact_company (1)",
        "│  │     └─ company:20  ООО «Ромашка»",
        "│  └─ contact:11  Борис",
        "└─ lead_element (1)",
        "   └─ element:7/70  Стол",
        "6 cards within 2 hops (1 + 3 + 2)",
    ]


def test_what_is_not_shown_is_counted(small_home: Path) -> None:
    """A limit shares its room out: small kinds of link stay whole, and every rest is counted."""
    lines = seen(small_home, "lead:1", "--depth", "2", "--limit", "8")
    answer = shown(small_home, "lead:1", "--depth", "2", "--limit", "8")

    assert "├─ lead_company (1)" in lines
    assert "│  └─ company:21  Узел · 152 links" in lines
    assert any(line.strip("│ ") == "└─ … and 145 more" for line in lines)
    assert lines[-1].startswith("158 cards within 2 hops (1 + 4 + 153), 13 shown; --limit N")
    assert (answer["total"], answer["counts"], answer["cut"]) == (158, [1, 4, 153], True)
    assert Counter(card["depth"] for card in answer["cards"]) == {0: 1, 1: 4, 2: 8}
    assert {"parent": "company:21", "relation": "lead_company", "total": 150, "shown": 5} in answer[
        "groups"
    ]


def test_json_and_rows_say_the_same(small_home: Path) -> None:
    """JSON has each card with parent, kind of link, name, address and state; a pipe gets rows."""
    answer = shown(small_home, "contact:12", "--depth", "2")
    piped = here(small_home, "show", "contact:12", "--depth", "2").stdout.splitlines()

    header, *rows = [line.split("\t") for line in piped]
    assert header == ["ref", "depth", "parent", "relation", "is_main", "name", "url"]
    assert [row[0] for row in rows] == [card["ref"] for card in answer["cards"]]
    (place,) = [place for place, row in enumerate(rows) if row[0] == "lead:2"]
    assert rows[place][:5] == ["lead:2", "1", "contact:12", "lead_contact", "false"]
    assert (answer["ref"], answer["depth"], answer["cut"]) == ("contact:12", 2, False)
    card = answer["cards"][place]
    assert card.pop("url") == rows[place][6]
    assert card == {
        "ref": "lead:2",
        "depth": 1,
        "parent": "contact:12",
        "relation": "lead_contact",
        "is_main": False,
        "name": "Вторая",
        "is_deleted": False,
        "is_closed": True,
        "is_known": True,
        "links": 2,
    }


def test_depth_of_one_is_the_card(small_home: Path) -> None:
    """Without a depth, or with that of 1, `show` shows the card with its fields and links."""
    assert shown(small_home, "lead:1", "--depth", "1") == shown(small_home, "lead:1")
    assert shown(small_home, "lead:1")["name"] == "Сделка"


def test_walk_options(small_home: Path) -> None:
    """Kinds of link, types, hubs, closed leads and deleted cards are left out, or let in."""

    def met(ref: str, *options: str) -> set[str]:
        answer = shown(small_home, ref, "--depth", "9", "--limit", "999", *options)
        return {card["ref"] for card in answer["cards"]}

    assert met("contact:10", "--via", "contact-company") == {
        "contact:10",
        "company:20",
        "contact:11",
    }
    assert "element:7/70" not in met("lead:1", "--skip", "element")
    assert "lead:1000" not in met("lead:1", "--avoid-hubs", "100")
    assert met("contact:12", "--open-only", "--avoid-hubs", "9") == {
        *("contact:12", "lead:3", "contact:13")
    }
    assert met("lead:4") == {"lead:4", "contact:14"}
    assert "company:21" in met("lead:4", "--deleted")


@pytest.mark.parametrize("columns", [30, 80])
def test_hostile_names_stay_text(columns: int, small_home: Path) -> None:
    """A name with escapes, markup and line ends is a piece of one line; none is too long."""
    *lines, _ = seen(small_home, "contact:12", "--depth", "2", columns=columns)

    assert all(char.isprintable() for line in lines for char in line)
    assert all(len(line) <= columns for line in lines)
    assert any("lead:3" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lead:99999", "--depth", "2"], "no lead:99999"),
        (["lead:1", "--depth", "0"], "0"),
        (["lead:1", "--depth", "2", "--limit", "0"], "0"),
        (["lead:1", "--depth", "x"], "x"),
        (["lead:1", "--depth", "2", "--via", "nonsense"], "no kind of link"),
        (["lead:1", "--skip", "element"], "--depth 2"),
    ],
)
def test_what_makes_no_sense(arguments: list[str], said: str, small_home: Path) -> None:
    """Unknown cards, words and numbers are told in a line, and so is a walk without a depth."""
    done = here(small_home, "show", *arguments)

    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_tree_deeper_than_the_stack(small_home: Path) -> None:
    """A depth beyond all cards walks to the end of the component, and ends."""
    answer = shown(small_home, "lead:1", "--depth", "1000000", "--limit", "1000")

    assert answer["total"] == len(answer["cards"]) == 160


def test_distances_are_those_of_another_program(demo_home: Path) -> None:
    """Cards stand at the distance that networkx finds, each under a card that it is linked to."""
    query = "select * from edges where is_live"
    graph: networkx.Graph[str] = networkx.Graph()
    for edge in json.loads(here(demo_home, "sql", query, "-f", "json").stdout):
        catalog = f"{edge['to_catalog_id']}/" if edge["to_type"] == "element" else ""
        owner = f"{edge['from_type']}:{edge['from_id']}"
        graph.add_edge(owner, f"{edge['to_type']}:{catalog}{edge['to_id']}")
    answer = shown(demo_home, BUSY, "--depth", "3", "--limit", "100000")

    distances = networkx.single_source_shortest_path_length(graph, BUSY, cutoff=3)

    assert {card["ref"]: card["depth"] for card in answer["cards"]} == dict(distances)
    assert all(
        graph.has_edge(card["parent"], card["ref"])
        and distances[card["parent"]] == card["depth"] - 1
        for card in answer["cards"][1:]
    )
    assert {card["ref"]: card["links"] for card in answer["cards"]} == {
        ref: graph.degree(ref) for ref in distances
    }
