"""All questions there are. Every front end lists and finds them here, never in the folder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from linkgraph.errors import UnknownQuestion
from linkgraph.plaintext import plain
from queries.header import parse
from queries.question import Question


@dataclass(frozen=True)
class Catalogue:
    """The questions by name."""

    questions: Mapping[str, Question]

    @classmethod
    def load(cls) -> "Catalogue":
        """Read every question file of this package.

        Raises:
            InvalidQuestion: a file does not hold together; names file and line.
        """
        return cls(_built_in())

    def get(self, name: str) -> Question:
        """The question of that name.

        Raises:
            UnknownQuestion: there is none; the hint names those that are like it.
        """
        question = self.questions.get(name.strip().lower().replace("_", "-"))
        if question is None:
            near = get_close_matches(name.lower(), self.questions, n=3, cutoff=0.4)
            hint = f"did you mean {' or '.join(near)}?" if near else "`ask` alone lists them all"
            raise UnknownQuestion(f"no question is called «{plain(name, 80)}»", hint=hint)
        return question

    def groups(self) -> dict[str, list[Question]]:
        """The questions by group, groups and names in alphabetical order."""
        grouped: dict[str, list[Question]] = {}
        for question in sorted(self, key=lambda question: (question.group, question.name)):
            grouped.setdefault(question.group, []).append(question)
        return grouped

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions.values())

    def __len__(self) -> int:
        return len(self.questions)


@cache
def _built_in() -> Mapping[str, Question]:
    # Questions in Python will be loaded here as well: they need the same face, not another list.
    folder = files(__package__)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    questions = (
        parse(name.removesuffix(".sql"), folder.joinpath(name).read_text(encoding="utf-8"), name)
        for name in names
    )
    return {question.name: question for question in questions}
