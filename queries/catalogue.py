"""All questions there are. Every front end lists and finds them here, never in the folder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path

from linkgraph.errors import InvalidQuestion, UnknownQuestion
from linkgraph.plaintext import plain
from queries.header import parse
from queries.question import Question

#: How a module of this package begins that is a question.
_IN_PYTHON = "# title:"
#: Bytes of a person's own question.
_LARGEST = 1_000_000


@dataclass(frozen=True)
class Catalogue:
    """The questions by name."""

    questions: Mapping[str, Question]
    broken: Mapping[str, InvalidQuestion] = field(default_factory=dict)
    """What is wrong with people's own files, by the names that they would have."""

    @classmethod
    def load(cls, own: Path | None = None) -> "Catalogue":
        """Read every question file of this package, and a person's own `.sql` files in a folder.

        A file of theirs that does not hold together hides no other question: `get` tells of it.

        Raises:
            InvalidQuestion: a file of the library does not hold together; names file and line.
        """
        questions, broken = dict(_built_in()), {}
        for path in _sql_files(own):
            name = path.stem.lower().replace("_", "-")
            try:
                if name in questions:
                    raise InvalidQuestion(
                        f"{path}: there is a question «{name}» already", hint="rename the file"
                    )
                questions[name] = parse(name, _text(path), str(path), path=path)
            except InvalidQuestion as error:
                broken[name] = error
        return cls(questions, broken)

    def get(self, name: str) -> Question:
        """The question of that name.

        Raises:
            UnknownQuestion: there is none; the hint names those that are like it.
            InvalidQuestion: it is a person's own, and its file does not hold together.
        """
        wanted = name.strip().lower().replace("_", "-")
        question = self.questions.get(wanted)
        if question is not None:
            return question
        if wanted in self.broken:
            raise self.broken[wanted]
        near = get_close_matches(wanted, self.questions, n=3, cutoff=0.4)
        hint = f"did you mean {' or '.join(near)}?" if near else "`ask` alone lists them all"
        raise UnknownQuestion(f"no question is called «{plain(name, 80)}»", hint=hint)

    def problems(self) -> list[Question]:
        """The questions of the library whose rows are problems, in the order of `groups`."""
        return [
            question
            for questions in self.groups().values()
            for question in questions
            if question.problem is not None and question.path is None
        ]

    def groups(self) -> dict[str, list[Question]]:
        """The questions by group, groups and names in alphabetical order, people's own last."""
        grouped: dict[str, list[Question]] = {}
        for question in sorted(self, key=lambda one: (bool(one.path), one.group, one.name)):
            grouped.setdefault(question.group, []).append(question)
        return grouped

    def __iter__(self) -> Iterator[Question]:
        return iter(self.questions.values())

    def __len__(self) -> int:
        return len(self.questions)


@cache
def _built_in() -> Mapping[str, Question]:
    folder = files(__package__)
    found = {}
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        stem, dot, kind = entry.name.rpartition(".")
        if dot and kind in ("sql", "py"):
            source = entry.read_text(encoding="utf-8")
            if kind == "sql":
                found[stem] = parse(stem, source, entry.name)
            elif source.startswith(_IN_PYTHON):
                name, module = stem.replace("_", "-"), f"{__package__}.{stem}"
                found[name] = parse(name, source, entry.name, module=module)
    return found


def _sql_files(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() == ".sql")


def _text(path: Path) -> str:
    # A pipe among the files would keep every question waiting for whoever writes to it.
    if not path.is_file():
        raise InvalidQuestion(f"{path} is no file", hint="take it out of the folder")
    if path.stat().st_size > _LARGEST:
        raise InvalidQuestion(
            f"{path} is too large for a question", hint=f"keep it under {_LARGEST:,} bytes"
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidQuestion(
            f"{path} cannot be read: {error}", hint="write it in UTF-8"
        ) from error
    except OSError as error:
        raise InvalidQuestion(
            f"{path} cannot be read: {error.strerror or error}", hint="look at its rights"
        ) from error
