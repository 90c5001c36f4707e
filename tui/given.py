"""What was given for the parameters of questions, kept between starts, and what is proposed.

Cards are proposed from where one is in Browse; who has gone on to another card since a question was
asked means that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from linkgraph.model import Ref
from queries.parameters import Kind
from tui.walking import Walking

if TYPE_CHECKING:
    from queries.question import Question
    from tui.state import State


class Given(msgspec.Struct):
    """The last question, and what was given for each."""

    question: str = ""
    """The name of the question that was asked last."""
    parameters: dict[str, dict[str, str]] = {}
    """As text, by name, by the question's name."""
    at: dict[str, str] = {}
    """Where one was in Browse when each was asked."""

    def texts(self, question: Question, cards: Sequence[Ref]) -> dict[str, str]:
        """What to begin with, by the parameter's name: as last time, or the cards at hand."""
        texts = dict(self.parameters.get(question.name, {}))
        asked = [one for one in question.parameters if one.kind is Kind.CARD]
        moved = self.at.get(question.name) != _written(cards)
        # Of two cards the pinned one comes first: it is where a path begins.
        left = list(cards) if len(asked) < 2 else list(reversed(cards))
        for parameter in asked:
            fitting = [
                ref for ref in left if not parameter.choices or ref.type in parameter.choices
            ]
            if fitting and (moved or not texts.get(parameter.name)):
                texts[parameter.name] = str(fitting[0])
                left.remove(fitting[0])
        return texts

    def stood(self, name: str, cards: Sequence[Ref]) -> None:
        """Note where one is in Browse while a question is asked."""
        self.at[name] = _written(cards)


def at_hand(state: State) -> list[Ref]:
    """The card in focus in Browse, and the pinned one."""
    walking = state.get("browse", Walking)
    found = (walking.here.ref or walking.here.at, walking.pin)
    return list(dict.fromkeys(ref for ref in found if ref is not None))


def _written(refs: Sequence[Ref]) -> str:
    return " ".join(map(str, refs))
