"""`linkgraph export` to one file: the graph as GraphML, parts of it, and pictures."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx
import pytest

from linkgraph.cli.exits import ExitCode
from tests.cli.here import here
from tests.terminal import linkgraph

SVG = "{http://www.w3.org/2000/svg}"
BUSY = "contact:2028649"


def exported(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """An export that must succeed: it has nothing to say on stdout."""
    done = here(home, "export", *arguments)
    assert done.returncode == ExitCode.OK, done.stderr
    assert done.stdout == ""
    return done


def graph(path: Path) -> Any:
    """A GraphML file as networkx reads it."""
    return networkx.read_graphml(path)


def drawn(path: Path) -> tuple[set[str], str]:
    """The refs of a picture's cards, and all its text."""
    root = ElementTree.parse(path).getroot()
    titles = [
        title.text or ""
        for mark in root.iter()
        if mark.get("data-card") is not None
        for title in mark.findall(f"{SVG}title")
    ]
    refs = {line.rsplit(" · ", 1)[-1] for title in titles for line in title.split("\n")[1:2]}
    return refs, "\n".join(root.itertext())


def test_whole_graph(demo_home: Path, tmp_path: Path) -> None:
    """GraphML holds all cards and all live links of the snapshot; the command tells how many."""
    target = tmp_path / "all.graphml"
    done = linkgraph("export", str(target), "--home", str(demo_home))
    edges = here(demo_home, "sql", "select * from edges where is_live", "-f", "json").stdout

    found = graph(target)

    assert done.returncode == ExitCode.OK
    assert f"{found.number_of_nodes():,} cards, {found.number_of_edges():,} links" in done.stderr
    assert {(edge["from_type"], edge["from_id"], edge["to_id"]) for edge in json.loads(edges)} == {
        (kind, int(owner), int(other.rpartition(":")[2].rpartition("/")[2]))
        for kind, owner, other in (
            (*a.partition(":")[::2], b) if rank(a) <= rank(b) else (*b.partition(":")[::2], a)
            for a, b in found.edges
        )
    }


def rank(ref: str) -> int:
    """Which side owns a link."""
    return ("lead", "customer", "contact", "company", "element").index(ref.partition(":")[0])


def test_parts_of_the_graph(small_home: Path, tmp_path: Path) -> None:
    """What lies around a card, its component, the ways between two; all by a walk's options."""
    target = tmp_path / "part.graphml"

    def part(*options: str) -> tuple[set[str], int]:
        exported(small_home, str(target), *options)
        found = graph(target)
        return set(found.nodes), found.number_of_edges()

    anna = {"contact:10", "lead:1", "lead:2", "company:20"}
    assert part("--around", "contact:10", "--depth", "1") == (anna, 3)
    assert part("--around", "contact:10", "--depth", "0") == ({"contact:10"}, 0)
    assert part("--component", "lead:4") == ({"lead:4", "contact:14"}, 1)
    assert part("--path", "lead:1", "company:20") == (
        {"lead:1", "contact:10", "contact:11", "company:20"},
        4,
    )
    assert part("--around", "lead:1", "--via", "lead-contact", "--depth", "1") == (
        {"lead:1", "contact:10", "contact:11"},
        2,
    )
    assert part("--around", "lead:1", "--limit", "3")[0] == {"lead:1", "contact:10", "contact:11"}
    people = {*(f"contact:{number}" for number in range(10, 15)), "company:20", "company:21"}
    assert part("--skip", "lead", "--skip", "element") == (people, 3)
    assert part("--skip", "lead", "--skip", "element", "--deleted") == (people, 3)
    assert part("--skip", "lead", "--skip", "element", "--avoid-hubs", "100") == (
        {*(f"contact:{number}" for number in range(10, 15)), "company:20"},
        2,
    )


def test_deleted_cards(small_home: Path, tmp_path: Path) -> None:
    """Deleted cards and their links are left out unless they are asked for."""
    target = tmp_path / "deleted.graphml"

    exported(small_home, str(target))
    without = graph(target)
    exported(small_home, str(target), "--deleted")
    whole = graph(target)
    exported(small_home, str(target), "--path", "lead:4", "contact:13", "--deleted")
    path = graph(target)

    assert set(whole) - set(without) == {"lead:5"}
    assert set(whole.edges) - set(without.edges) == {
        ("lead:5", "contact:14"),
        ("lead:5", "contact:13"),
    }
    assert whole.edges["lead:5", "contact:14"]["relation"] == "lead_contact"
    assert sorted(path) == ["contact:13", "contact:14", "lead:4", "lead:5"]
    assert path.number_of_edges() == 3


def test_picture_of_a_neighbourhood(small_home: Path, tmp_path: Path) -> None:
    """A picture holds the nearest cards, says how many there are, and where the rest hangs."""
    target = tmp_path / "around.svg"
    done = exported(small_home, str(target), "--around", "lead:1", "--limit", "5")

    refs, text = drawn(target)

    assert refs == {"lead:1", "contact:10", "contact:11", "company:21", "element:7/70"}
    assert "5 of 158 cards, the nearest first" in text
    assert "5 of 158 cards, the nearest first" in done.stderr
    assert "152 links" in text
    assert "+151" in text  # what hangs on the hub and is not in the picture
    assert "×2.5" in text
    assert target.as_uri() in done.stderr


def test_picture_of_paths(demo_home: Path, tmp_path: Path) -> None:
    """A picture of paths holds whole paths, at most as many cards as asked, and counts them."""
    target = tmp_path / "path.svg"
    done = exported(demo_home, str(target), "--path", BUSY, "company:2502418", "--limit", "9")
    every = json.loads(
        here(
            demo_home, "path", BUSY, "company:2502418", "--all", "--limit", "99", "-f", "json"
        ).stdout
    )

    refs, text = drawn(target)

    assert len(refs) <= 9
    whole = [path for path in every["paths"] if {card["ref"] for card in path} <= refs]
    assert len(whole) >= 2
    assert set().union(*({card["ref"] for card in path} for path in whole)) == refs
    assert f"of {every['total']} shortest paths of 4 hops" in text
    assert f"of {every['total']} shortest paths of 4 hops" in done.stderr


def test_picture_of_a_component(small_home: Path, tmp_path: Path) -> None:
    """A component is drawn whole where it fits, states told; HTML is the same as a page."""
    svg, html = tmp_path / "component.svg", tmp_path / "component.HTML"
    for target in (svg, html):
        exported(small_home, str(target), "--component", "lead:2", "--avoid-hubs", "100")

    refs, text = drawn(svg)

    assert {"lead:2", "contact:12", "lead:3", "contact:13", "element:7/70"} <= refs
    assert "company:21" not in refs
    assert "lead:2 · won" in text
    assert "without cards of more than 100 links" in text
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_hostile_names_stay_text(small_home: Path, tmp_path: Path) -> None:
    """No name becomes markup, wherever it is written, nor an escape in a terminal."""
    for name in ("x.svg", "x.html", "x.graphml"):
        done = exported(small_home, str(tmp_path / name), "--around", "lead:3")
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "\x1b" not in text + done.stderr
    assert "alert('&')" in graph(tmp_path / "x.graphml").nodes["lead:3"]["label"]
    assert "alert('&')" in drawn(tmp_path / "x.svg")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["x.svg"], ExitCode.USAGE, "around, component or path"),
        (["x.svg", "--around", "lead:99999"], ExitCode.USAGE, "no lead:99999"),
        (["x.svg", "--around", "lead:1", "--limit", "0"], ExitCode.USAGE, "0"),
        (["x.svg", "--around", "lead:1", "--component", "lead:1"], ExitCode.USAGE, "both"),
        (["x.svg", "--component", "lead:1", "--depth", "3"], ExitCode.USAGE, "--around REF"),
        (["x.svg", "--path", "lead:1", "lead:4"], ExitCode.FAILED, "different components"),
        (["x.svg", "--around", "lead:1", "-t", "leads"], ExitCode.USAGE, "FOLDER"),
        (["x.graphml", "--limit", "3"], ExitCode.USAGE, "--around REF"),
        (["x.graphml", "--via", "nonsense"], ExitCode.USAGE, "no kind of link"),
        (["tables", "--around", "lead:1"], ExitCode.USAGE, ".graphml"),
        (["tables", "--skip", "lead"], ExitCode.USAGE, ".graphml"),
        (["nowhere/x.svg", "--around", "lead:1"], ExitCode.FAILED, "cannot write"),
        (["nowhere/x.graphml"], ExitCode.FAILED, "cannot write"),
        (["taken.svg", "--around", "lead:1"], ExitCode.FAILED, "cannot write"),
    ],
)
def test_what_makes_no_sense(
    arguments: list[str], code: ExitCode, said: str, small_home: Path, tmp_path: Path
) -> None:
    """What cannot be is told in a line with a remedy, and no file is left behind."""
    (tmp_path / "taken.svg").mkdir()

    done = here(small_home, "export", str(tmp_path / arguments[0]), *arguments[1:])

    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["taken.svg"]


def test_what_stood_there_stays(small_home: Path, tmp_path: Path) -> None:
    """An export that fails half-way leaves the file of last time as it was, and nothing beside."""
    target = tmp_path / "kept.graphml"
    target.write_text("last time's")
    command = f"ulimit -f 1; {sys.executable} -m linkgraph export {target} --home {small_home}"

    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)

    assert done.returncode == ExitCode.FAILED, done.stderr
    assert "cannot write" in done.stderr
    assert "Traceback" not in done.stderr
    assert target.read_text() == "last time's"
    assert [path.name for path in tmp_path.iterdir()] == ["kept.graphml"]
