"""`linkgraph path`: how two cards are connected, for people and for programs."""

import json
import random
import re
import sys
from pathlib import Path
from typing import Any

import networkx
import pytest

from linkgraph.cli.exits import ExitCode
from tests.cli.here import here
from tests.terminal import in_terminal, linkgraph, without_escapes


def asked(home: Path, *arguments: str) -> Any:
    """The answer of `linkgraph path`, as JSON."""
    done = here(home, "path", *arguments, "-f", "json")
    assert done.returncode == ExitCode.OK, done.stderr
    return json.loads(done.stdout)


def refs(answer: Any) -> list[list[str]]:
    """The cards of each path."""
    return [[card["ref"] for card in path] for path in answer["paths"]]


def seen(home: Path, *arguments: str, columns: int = 100) -> list[str]:
    """What a person sees who types `linkgraph path`, by lines."""
    command = [sys.executable, "-m", "linkgraph", "path", *arguments, "--home", str(home)]
    written = in_terminal(command, columns=columns)
    return without_escapes(written).strip("\n").split("\n")


def test_along_a_line(small_home: Path) -> None:
    """Where there is room a path is a line: names, kinds of link, ★ at the main one, refs below."""
    names, below, said = seen(small_home, "lead:1", "company:20")

    assert re.fullmatch(
        r"Сделка ─+ lead_contact ★ ── Анна ─+ contact_company ── ООО «Ромашка»", names
    )
    assert below.split() == ["lead:1", "contact:10", "company:20"]
    assert below.index("contact:10") == names.index("Анна")
    assert said == "2 hops, 1 of 2 shortest paths; --all shows more"


def test_downwards(small_home: Path) -> None:
    """Where there is none it goes down, a card a line, and no line is too long."""
    lines = seen(small_home, "lead:1", "company:20", columns=40)

    assert lines[:5] == [
        "lead:1      Сделка",
        " │ lead_contact ★",
        "contact:10  Анна",
        " │ contact_company",
        "company:20  ООО «Ромашка»",
    ]


@pytest.mark.parametrize("columns", [36, 120])
def test_no_line_is_too_long(columns: int, demo_home: Path) -> None:
    """Names give way in every terminal that has room for a ref and a bit of a name."""
    lines = seen(demo_home, "contact:2028649", "company:2502418", columns=columns)

    assert all(len(line) <= columns for line in lines[:-1])
    assert "contact:2028649" in "".join(lines)


def test_state_of_cards_is_told(small_home: Path) -> None:
    """Won leads, deleted cards and hubs are said to be such on the way."""
    won = "\n".join(seen(small_home, "lead:1", "lead:2"))
    others = "\n".join(seen(small_home, "lead:1000", "lead:4", "--deleted"))

    assert "lead:2 · won" in won
    assert "Удалённая · deleted" in others
    assert "Узел · 152 links" in others


def test_pipe_gets_rows(small_home: Path) -> None:
    """In a pipe each card of each path is a line of seven fields."""
    done = linkgraph("path", "lead:1", "company:20", "--all", "--home", str(small_home))

    header, *rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert header == ["path", "hop", "ref", "name", "relation", "is_main", "url"]
    assert [row[:6] for row in rows] == [
        ["1", "0", "lead:1", "Сделка", "", ""],
        ["1", "1", "contact:10", "Анна", "lead_contact", "true"],
        ["1", "2", "company:20", "ООО «Ромашка»", "contact_company", ""],
        ["2", "0", "lead:1", "Сделка", "", ""],
        ["2", "1", "contact:11", "Борис", "lead_contact", "false"],
        ["2", "2", "company:20", "ООО «Ромашка»", "contact_company", ""],
    ]
    assert all(row[6].startswith("http://") for row in rows)
    assert "all 2 shortest paths" in done.stderr


def test_json_has_everything(small_home: Path) -> None:
    """JSON says from where to where, how far, how many ways there are, and each card's state."""
    answer = asked(small_home, "lead:1", "contact:12")

    assert {key: answer[key] for key in answer if key != "paths"} == {
        "from": "lead:1",
        "to": "contact:12",
        "hops": 3,
        "total": 1,
        "cut": False,
        "why_none": None,
    }
    (path,) = answer["paths"]
    url = path[2].pop("url")
    assert url.endswith("/leads/detail/2")
    assert path[2] == {
        "hop": 2,
        "ref": "lead:2",
        "name": "Вторая",
        "relation": "lead_contact",
        "is_main": True,
        "is_deleted": False,
        "is_closed": True,
        "is_known": True,
        "links": 2,
    }


def test_what_a_limit_cuts_is_counted(demo_home: Path) -> None:
    """`--all` lists the first ways and tells how many there are; without a limit's cut, all."""
    ends = ("contact:2028649", "company:2502418")
    some = here(demo_home, "path", *ends, "--all", "--limit", "3")
    every = asked(demo_home, *ends, "--all", "--limit", "1000")

    assert f"3 of {every['total']} shortest paths; --limit N shows more" in some.stderr
    assert len(every["paths"]) == every["total"] > 3
    assert not every["cut"]


def test_a_limit_asks_for_all(small_home: Path) -> None:
    """Whoever says how many paths wants more than the first: `--limit` needs no `--all`."""
    ends = ("lead:1", "company:20")

    assert refs(asked(small_home, *ends, "--limit", "5")) == refs(asked(small_home, *ends, "--all"))
    assert len(refs(asked(small_home, *ends))) == 1
    told = here(small_home, "path", *ends, "--limit", "1").stderr
    assert told == "2 hops, 1 of 2 shortest paths; --limit N shows more\n"


def test_walk_options(small_home: Path) -> None:
    """Kinds of link, types, hubs and closed leads can be kept out of the way."""

    def way(*options: str, ends: tuple[str, str] = ("lead:1", "contact:13")) -> list[list[str]]:
        return refs(asked(small_home, *ends, *options))

    long_way = [["lead:1", "contact:10", "lead:2", "contact:12", "lead:3", "contact:13"]]
    assert way() == [["lead:1", "company:21", "contact:13"]]
    for options in (
        *(["--via", word] for word in ("lead_contact", "lead-contact", "contact-lead")),
        ["--skip", "companies"],
        ["--avoid-hubs", "100"],
        ["--avoid-hubs=100", "--deleted"],
    ):
        assert way(*options) == long_way, options
    assert way("--avoid-hubs") == way()  # 500 links: none has as many
    assert way("--avoid-hubs", "100", "--open-only") == []
    assert way("--deleted", ends=("lead:4", "contact:13")) == [
        ["lead:4", "contact:14", "lead:5", "contact:13"]
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["lead:1", "lead:4"], "different components: 160 cards and 2 cards; over deleted cards"),
        (["lead:1", "contact:12", "--max-hops", "2"], "not within 2 hops: the shortest path has 3"),
        (["lead:1", "contact:12", "--via", "lead_company"], "over all of them it is 3 hops"),
        (["lead:1", "lead:4", "--skip", "element"], "different components"),
        (["lead:1", "contact:10", "--max-hops", "0"], "not within 0 hops"),
    ],
)
def test_no_path(arguments: list[str], why: str, small_home: Path) -> None:
    """That there is no path is an answer, told with its reason: no data, and no failure.

    An export of it fails, for there is nothing to write (test_graph_export).
    """
    done = here(small_home, "path", *arguments)
    answer = asked(small_home, *arguments)

    assert done.returncode == ExitCode.OK
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.startswith("no path: ")
    assert why in done.stderr
    assert (answer["hops"], answer["total"], answer["paths"]) == (None, 0, [])
    assert why in answer["why_none"]


def test_same_card_twice(small_home: Path) -> None:
    """From a card to itself there is a path of no hop."""
    assert refs(asked(small_home, "lead:1", "leads/1")) == [["lead:1"]]
    assert seen(small_home, "lead:1", "lead:1")[-1] == "the same card"


def test_addresses_are_cards(small_home: Path) -> None:
    """A card may be given by its address in the CRM."""
    url = asked(small_home, "lead:1", "lead:1")["paths"][0][0]["url"]

    assert refs(asked(small_home, url, "contact:10")) == [["lead:1", "contact:10"]]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["lead:1", "lead:99999"], ExitCode.USAGE, "no lead:99999"),
        (["lead:1", "lead:1x"], ExitCode.USAGE, "names no card"),
        (["lead:1"], ExitCode.USAGE, "Missing argument"),
        (["lead:1", "lead:2", "--via", "lead_lead"], ExitCode.USAGE, "no kind of link"),
        (["lead:1", "lead:2", "--via", "\x1b[31m"], ExitCode.USAGE, "no kind of link"),
        (["lead:1", "lead:2", "--skip", "leeds"], ExitCode.USAGE, "no type of card"),
        (["lead:1", "lead:2", "--limit", "0"], ExitCode.USAGE, "0"),
        (["lead:1", "lead:2", "--max-hops", "-1"], ExitCode.USAGE, "-1"),
        (["--avoid-hubs", "lead:1", "lead:2"], ExitCode.USAGE, "--avoid-hubs at the end"),
        (["lead:1", "lead:2", "--avoid-hubs", "9" * 30], ExitCode.USAGE, "number of links"),
        (["https://other.amocrm.ru/leads/detail/1", "lead:2"], ExitCode.USAGE, "another account"),
    ],
)
def test_what_makes_no_sense(
    arguments: list[str], code: ExitCode, said: str, small_home: Path
) -> None:
    """Unknown cards, words and numbers are told in a line, and nothing comes on stdout."""
    done = here(small_home, "path", *arguments)

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("columns", [40, 160])
def test_hostile_names_stay_text(columns: int, small_home: Path) -> None:
    """A name with escapes, markup and line ends is one harmless piece of a line."""
    lines = seen(small_home, "contact:12", "contact:13", columns=columns)
    piped = here(small_home, "path", "contact:12", "contact:13").stdout

    assert all(char.isprintable() for line in lines for char in line)
    assert "␛[31m[bold]" in "\n".join(lines)
    assert {line.count("\t") for line in piped.splitlines()} == {6}


def test_no_colour_where_none_is_wanted(small_home: Path) -> None:
    """NO_COLOR keeps colours out; the path is the same."""
    command = [sys.executable, "-m", "linkgraph", "path", "lead:1", "lead:3"]
    command += ["--home", str(small_home)]

    coloured, uncoloured = in_terminal(command), in_terminal(command, NO_COLOR="1")

    assert "\x1b[36m" in coloured
    assert not re.search(r"\x1b\[3\dm", uncoloured)
    assert without_escapes(coloured) == without_escapes(uncoloured)


def test_paths_are_those_of_another_program(demo_home: Path) -> None:
    """Length, number and cards of all shortest paths are those that networkx finds."""
    done = here(demo_home, "sql", "select * from edges where is_live", "-f", "json")
    graph: networkx.Graph[str] = networkx.Graph()
    for edge in json.loads(done.stdout):
        catalog = f"{edge['to_catalog_id']}/" if edge["to_type"] == "element" else ""
        owner = f"{edge['from_type']}:{edge['from_id']}"
        graph.add_edge(owner, f"{edge['to_type']}:{catalog}{edge['to_id']}")
    draw = random.Random(7)
    cards = sorted(graph)

    for _ in range(6):
        a, b = draw.sample(cards, 2)
        answer = asked(demo_home, a, b, "--all", "--limit", "100000")
        expected = (
            sorted(networkx.all_shortest_paths(graph, a, b))
            if networkx.has_path(graph, a, b)
            else []
        )
        assert sorted(refs(answer)) == expected, (a, b)
        assert answer["total"] == len(expected)
