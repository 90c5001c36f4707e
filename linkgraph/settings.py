"""A home: its accounts, their settings and credentials, and where everything of theirs lies.

    HOME/                      0700
      config.toml              the default account and each account's settings
      questions/               questions of one's own, `.sql` files
      NAME/                    one folder an account
        credentials.json       0600
        account.sqlite         runs, and what was learned of the account
        staging.duckdb         the sync in progress
        versions/ current      snapshots
        sync.lock pace         shared by the account's processes

Whatever is written is written whole or not at all, by one process at a time.
"""

import json
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from linkgraph.accounts import Account, AccountSettings
from linkgraph.errors import HomeUnusable, NoAccount, SettingsError, UsageError

HOME_VARIABLE = "LINKGRAPH_HOME"
ACCOUNT_VARIABLE = "LINKGRAPH_ACCOUNT"
#: The folder of a home that holds a person's own questions.
QUESTIONS = "questions"

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)
#: Files of the home itself, whose names an account's folder must not take.
_RESERVED = ("config.toml", "pace-kommo", QUESTIONS)


@dataclass(frozen=True, slots=True)
class Home:
    """A folder with accounts in it."""

    root: Path
    _config: Path = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_config", self.root / "config.toml")

    @classmethod
    def locate(cls, given: Path | str | None = None) -> "Home":
        """The home: as given, else by LINKGRAPH_HOME, else the platform's data folder."""
        chosen = given or os.environ.get(HOME_VARIABLE) or platformdirs.user_data_dir("linkgraph")
        try:
            return cls(Path(chosen).expanduser().absolute())
        except RuntimeError as error:  # ~somebody who is nobody
            raise HomeUnusable(
                f"the home {chosen} is nowhere: {error}",
                hint=f"choose another with --home DIR or {HOME_VARIABLE}",
            ) from error

    def prepare(self) -> None:
        """Make the home, for its owner alone. A folder that holds things already stays as it is.

        Raises:
            HomeUnusable: it cannot be made or written.
        """
        with self._usable():
            self.root.mkdir(parents=True, exist_ok=True)
            if not any(self.root.iterdir()):
                self.root.chmod(0o700)

    def account_names(self) -> list[str]:
        """The names of all accounts, sorted."""
        return sorted(self._accounts())

    @property
    def default(self) -> str | None:
        """The account that commands mean when none is named."""
        value = self._read().get("default")
        return value if isinstance(value, str) and value else None

    def account(self, name: str | None = None) -> Account:
        """The named account; else LINKGRAPH_ACCOUNT, the default, or the only one.

        Raises:
            NoAccount: there is no such account.
            SettingsError: its settings do not hold.
        """
        accounts = self._accounts()
        if not accounts:
            raise NoAccount(
                f"no account yet in {self.root}",
                hint="linkgraph account add NAME --url https://example.amocrm.ru "
                "(or try it without a CRM: linkgraph demo)",
            )
        wanted = name or os.environ.get(ACCOUNT_VARIABLE) or self.default
        if wanted is None and len(accounts) == 1:
            wanted = next(iter(accounts))
        if wanted is None:
            raise NoAccount(
                f"which account? There are {', '.join(sorted(accounts))}",
                hint="name one with --account, or set the default: linkgraph account use NAME",
            )
        _require(wanted, accounts)
        return Account(
            wanted, self._settings(wanted, accounts[wanted]), self._folder(wanted), self.root
        )

    def add(
        self, name: str, settings: AccountSettings, token: str, *, replace: bool = False
    ) -> Account:
        """Keep an account and its token; the first account becomes the default.

        Raises:
            UsageError: the name does not do, or is taken and `replace` is not set.
            HomeUnusable: the home cannot be written.
        """
        self.check_name(name, replace=replace)
        self.prepare()
        import tomlkit

        with self._changing() as config:
            self.check_name(name, replace=replace)  # another process may have been quicker
            accounts = config.setdefault("accounts", tomlkit.table())
            folder = self._folder(name)
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
            write_private(folder / "credentials.json", json.dumps({"token": token}))
            table = accounts.setdefault(name, tomlkit.table())
            for item in fields(settings):
                value = getattr(settings, item.name)
                if item.name in table or value != item.default:
                    table[item.name] = value
            config.setdefault("default", name)
        return self.account(name)

    def check_name(self, name: str, *, replace: bool = False) -> None:
        """Whether an account may be added under a name.

        Raises:
            UsageError: the name does not do, or is taken and `replace` is not set.
        """
        if not _NAME.fullmatch(name) or name.startswith(_RESERVED):
            raise UsageError(
                f"«{name[:80]}» cannot be an account's name",
                hint="small letters, digits, dot, dash and underscore, at most 63",
            )
        if name in self._accounts() and not replace:
            raise UsageError(
                f"there is an account {name} already",
                hint="take another name, or --replace to change its address and token",
            )

    def use(self, name: str) -> None:
        """Make an account the default.

        Raises:
            NoAccount: there is no such account.
        """
        with self._changing() as config:
            _require(name, self._accounts())
            config["default"] = name

    def remove(self, name: str, *, data: bool) -> None:
        """Forget an account and its token; with `data`, its snapshots and all else too.

        Raises:
            NoAccount: there is no such account.
            SettingsError: a sync of it is running.
        """
        from filelock import FileLock, Timeout

        with self._changing() as config:
            _require(name, self._accounts())
            folder = self._folder(name)
            if folder.is_dir():
                try:
                    with FileLock(folder / "sync.lock", timeout=0):
                        (folder / "credentials.json").unlink(missing_ok=True)
                        if data:
                            _unlock_tree(folder)
                            shutil.rmtree(folder)
                except Timeout as error:
                    raise SettingsError(
                        f"account {name} is being synced", hint="stop that sync first"
                    ) from error
            del config["accounts"][name]
            if config.get("default") == name:
                del config["default"]

    def _folder(self, name: str) -> Path:
        return self.root / name

    def _accounts(self) -> dict[str, Mapping[str, Any]]:
        accounts = self._read().get("accounts", {})
        if not isinstance(accounts, dict):
            raise SettingsError(f"{self._config}: accounts is no table", hint="correct the file")
        for name, table in accounts.items():
            if not isinstance(table, dict) or not _NAME.fullmatch(name):
                raise SettingsError(
                    f"{self._config}: accounts.{name} is no account",
                    hint="a table [accounts.NAME], its name of small letters and digits",
                )
        return accounts

    def _settings(self, name: str, table: Mapping[str, Any]) -> AccountSettings:
        known = {item.name for item in fields(AccountSettings)}
        unknown = sorted(set(table) - known)
        if unknown or "url" not in table:
            what = f"does not know {', '.join(unknown)}" if unknown else "lacks url"
            raise SettingsError(
                f"{self._config}: [accounts.{name}] {what}",
                hint=f"it may hold {', '.join(sorted(known))}",
            )
        try:
            return AccountSettings(**table)
        except SettingsError as error:
            raise SettingsError(
                f"{self._config}: [accounts.{name}] {error.message}", hint=error.hint
            ) from error

    def _read(self) -> dict[str, Any]:
        with self._usable():
            try:
                content = self._config.read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return {}
        try:
            return tomllib.loads(content.decode("utf-8"))
        except ValueError as error:  # no TOML, no UTF-8
            raise SettingsError(
                f"{self._config} is no valid TOML: {error}", hint="correct the file"
            ) from error

    @contextmanager
    def _changing(self) -> Iterator[Any]:
        """The configuration, to be changed; written whole or not at all, one process at a time."""
        import tomlkit  # takes 20 ms with the locks, and most commands change nothing here
        from filelock import FileLock

        with self._usable(), FileLock(self.root / ".config.lock", timeout=10):
            self._read()  # says plainly what is wrong with it, where something is
            text = self._config.read_text(encoding="utf-8") if self._config.exists() else ""
            config = tomlkit.parse(text)
            yield config
            write_private(self._config, tomlkit.dumps(config))

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:  # a lock that is not got in time is one too
            raise HomeUnusable(
                f"the home {self.root} cannot be used: {getattr(error, 'strerror', None) or error}",
                hint=f"choose another with --home DIR or {HOME_VARIABLE}",
            ) from error


def _require(name: str, accounts: Mapping[str, object]) -> None:
    if name not in accounts:
        raise NoAccount(
            f"there is no account «{name[:80]}»",
            hint=f"there are {', '.join(sorted(accounts))}: linkgraph account list"
            if accounts
            else "linkgraph account add NAME --url https://example.amocrm.ru",
        )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all, kept through a power cut."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _unlock_tree(folder: Path) -> None:
    """Snapshots are read-only on purpose; their folders must be writable to be removed."""
    for path in folder.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o700)
