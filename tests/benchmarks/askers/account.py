"""The account that questions are asked of, as it lies in its folder.

`versions/` holds two snapshots as syncs leave them, `graph/*.parquet` the cards and the live links
of the newer one for the rivals, `drawn.json` cards for the questions that want some.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from linkgraph.mirror.snapshots import Snapshot, Snapshots
from queries.parameters import Value
from queries.question import Question


@dataclass(frozen=True)
class Account:
    """An account on disk."""

    folder: Path

    @property
    def is_made(self) -> bool:
        """Whether the making of it came to its end."""
        return self.drawn.exists()

    @property
    def drawn(self) -> Path:
        """The file of drawn cards, which is written last."""
        return self.folder / "drawn.json"

    @property
    def snapshots(self) -> list[Snapshot]:
        """The older one and the newer one."""
        return Snapshots(self.folder).all()

    @property
    def cards(self) -> dict[str, str]:
        """The drawn cards by the names under which Cypher is given them."""
        (a, b), (one, two) = self._drawn["company"], self._drawn["any"]
        return {"company_a": a, "company_b": b, "card_a": one, "card_b": two}

    def given(self, question: Question) -> dict[str, Value]:
        """A card for each parameter that has to be given.

        Companies share contacts; two cards are as far apart as most are.
        """
        asked = [one for one in question.parameters if one.required]
        kind = "company" if any("company" in one.choices for one in asked) else "any"
        return {one.name: card for one, card in zip(asked, self._drawn[kind], strict=False)}

    @property
    def _drawn(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = json.loads(self.drawn.read_text())
        return found

    def graph(self, name: str) -> Path:
        """The file of a kind of node (`lead`) or relation (`lead_contact`)."""
        return self.folder / "graph" / f"{name}.parquet"

    def answer(self, asker: str, question: str) -> Path:
        """Where an asker's process leaves an answer."""
        return self.folder / "answers" / asker / f"{question}.parquet"
