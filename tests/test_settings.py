"""A home keeps its accounts: privately, whole, and with whatever a person wrote beside them."""

import stat
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from linkgraph.accounts import READ_ONLY_VARIABLE, AccountSettings
from linkgraph.errors import HomeUnusable, NoAccount, SettingsError, UsageError
from linkgraph.settings import (
    ACCOUNT_VARIABLE,
    HOME_VARIABLE,
    Home,
    write_private,
)

URL = "https://example.amocrm.ru"
TOKEN = "secret-token"
SETTINGS = st.builds(
    AccountSettings,
    url=st.text(st.characters(exclude_categories=["Cs"])),
    rate=st.floats(0.01, 1e6) | st.just(float("inf")),
    read_only=st.booleans(),
    phone_country=st.sampled_from(["RU", "KZ", "US"]),
    keep=st.integers(1, 1000),
    max_removals=st.floats(0, 1),
)


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def mode(path: Path) -> int:
    """The rights of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


@given(SETTINGS, SETTINGS)
def test_settings_come_back(
    tmp_path_factory: pytest.TempPathFactory, first: AccountSettings, second: AccountSettings
) -> None:
    """What is kept of an account is read back, when it is added and when it is replaced."""
    home = Home(tmp_path_factory.mktemp("home"))

    assert home.add("work", first, TOKEN).settings == first
    assert home.add("work", second, "another", replace=True).settings == second
    assert home.account("work").token == "another"


def test_what_a_person_wrote_stays(home: Home) -> None:
    """Comments, blank lines and settings by hand outlive every change that commands make."""
    home.add("work", AccountSettings(URL), TOKEN)
    config = home.root / "config.toml"
    config.write_text(
        "# my accounts\n\n" + config.read_text() + "keep = 9 # nine, for the auditor\n"
    )

    home.add("other", AccountSettings(URL), TOKEN)
    home.use("other")
    home.add(
        "work", replace(home.account("work").settings, read_only=True), "another", replace=True
    )
    home.remove("other", data=True)

    text = config.read_text()
    assert text.startswith("# my accounts\n")
    assert "# nine, for the auditor" in text
    assert home.account("work").settings == AccountSettings(URL, read_only=True, keep=9)


def test_everything_is_private(home: Home) -> None:
    """Home and folders are their owner's alone, and so are the files, also when they change."""
    for _ in range(2):
        home.add("work", AccountSettings(URL), TOKEN, replace=True)

    assert mode(home.root) == mode(home.root / "work") == 0o700
    assert mode(home.root / "config.toml") == 0o600
    assert mode(home.root / "work" / "credentials.json") == 0o600


def test_rights_of_others_folders_stay(tmp_path: Path) -> None:
    """A folder that holds other things already is not shut to those who used it."""
    (tmp_path / "report.txt").write_text("")
    tmp_path.chmod(0o755)

    Home(tmp_path).add("work", AccountSettings(URL), TOKEN)

    assert mode(tmp_path) == 0o755
    assert mode(tmp_path / "work") == 0o700


def test_private_file_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """A write that fails leaves what stood there, and a leftover of a crash is no obstacle."""
    path = tmp_path / "file"
    write_private(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "new \ud800")
    assert path.read_text() == "old"

    write_private(path, "new")

    assert path.read_text() == "new"
    assert mode(path) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["a", "work", "0", "my.shop-2_x", "a" * 63])
def test_names_that_do(name: str, home: Home) -> None:
    """Small letters, digits, dot, dash and underscore make a name."""
    assert home.add(name, AccountSettings(URL), TOKEN).name == name


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", ".lock", "-x", "A", "Работа", "a b", "a/b", "a\\b", "a\n", "a\x00"),
        *("a" * 64, "config.toml", "config.toml.new", "pace-kommo", "pace-kommo.lock"),
    ],
)
def test_names_that_do_not(name: str, home: Home) -> None:
    """A name that leads elsewhere, or is that of a file of the home, is refused."""
    with pytest.raises(UsageError, match="name"):
        home.add(name, AccountSettings(URL), TOKEN)

    assert not home.root.exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("rate = 0", "rate = 0 "),
        ("rate = nan", "rate = nan"),
        ("rate = true", "rate = True"),
        ('rate = "7"', "rate = '7'"),
        ("keep = 0", "keep = 0 "),
        ("keep = 2.5", "keep = 2.5"),
        ("max_removals = 1.01", "max_removals"),
        ('read_only = "no"', "read_only"),
        ("phone_country = 7", "phone_country"),
        ('phone_country = "Russia"', "phone_country"),
        ("speed = 9", "speed"),
    ],
)
def test_settings_that_cannot_be(line: str, told: str, home: Home) -> None:
    """A setting out of its range is told with its file and its account."""
    home.prepare()
    (home.root / "config.toml").write_text(f'[accounts.work]\nurl = "{URL}"\n{line}\n')

    with pytest.raises(SettingsError) as caught:
        home.account()

    assert "config.toml: [accounts.work] " in caught.value.message
    assert told in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"[accounts",
        b"accounts = 5",
        b"accounts.x = 5",
        b"[accounts.Work]\nurl = 'https://example.amocrm.ru'",
        b"[accounts.work]\nkeep = 3",
        b"[accounts.work]\nurl = 5",
    ],
)
def test_broken_file_is_pointed_at(content: bytes, home: Home) -> None:
    """A file that is no settings is named in the error."""
    home.prepare()
    config = home.root / "config.toml"
    config.write_bytes(content)

    with pytest.raises(SettingsError, match=r"config\.toml"):
        home.account()

    assert config.read_bytes() == content


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[accounts", b"accounts = 5", b"accounts.x = 5"])
def test_broken_file_is_not_written_over(content: bytes, home: Home) -> None:
    """No command changes a file that it cannot read."""
    home.prepare()
    config = home.root / "config.toml"
    config.write_bytes(content)

    with pytest.raises(SettingsError, match=r"config\.toml"):
        home.use("work")
    with pytest.raises(SettingsError, match=r"config\.toml"):
        home.add("work", AccountSettings(URL), TOKEN)

    assert config.read_bytes() == content


def test_which_account_is_meant(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The named one, else LINKGRAPH_ACCOUNT's, else the default, else the only one."""
    home.add("first", AccountSettings(URL), TOKEN)
    home.add("second", AccountSettings(URL), TOKEN)
    assert (home.default, home.account().name) == ("first", "first")

    home.use("second")
    assert home.account().name == "second"
    monkeypatch.setenv(ACCOUNT_VARIABLE, "first")
    assert home.account().name == "first"
    assert home.account("second").name == "second"
    monkeypatch.delenv(ACCOUNT_VARIABLE)
    home.remove("second", data=True)
    assert (home.default, home.account().name) == (None, "first")
    home.add("third", AccountSettings(URL), TOKEN)
    assert home.default == "third"
    home.remove("third", data=True)
    home.add("fourth", AccountSettings(URL), TOKEN)
    home.remove("first", data=True)
    assert home.account().name == "fourth"


def test_two_accounts_without_a_default(home: Home) -> None:
    """Where no account is meant more than another, both are named."""
    for name in ("first", "second", "third"):
        home.add(name, AccountSettings(URL), TOKEN)
    home.remove("first", data=False)

    with pytest.raises(NoAccount, match="second, third"):
        home.account()


@pytest.mark.parametrize("name", ["", "nope", "Work", "../home"])
def test_unknown_account(name: str, home: Home) -> None:
    """An account that is not there is neither used nor removed, nor another in its stead."""
    home.add("work", AccountSettings(URL), TOKEN)
    before = (home.root / "config.toml").read_bytes()

    with pytest.raises(NoAccount):
        home.use(name)
    with pytest.raises(NoAccount):
        home.remove(name, data=True)

    assert (home.root / "config.toml").read_bytes() == before
    assert home.account("work").token == TOKEN


def test_account_in_a_sync_is_not_removed(home: Home) -> None:
    """While an account is being synced it stays, token and all."""
    kept = home.add("work", AccountSettings(URL), TOKEN)

    with (
        FileLock(kept.folder / "sync.lock"),
        pytest.raises(SettingsError, match="being synced"),
    ):
        home.remove("work", data=True)

    assert home.account("work").token == TOKEN


@pytest.mark.parametrize(
    ("value", "read_only"), [("", False), ("0", False), ("1", True), ("yes", True)]
)
def test_environment_makes_read_only(
    value: str, read_only: bool, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LINKGRAPH_READ_ONLY forbids writes everywhere; it never allows what a setting forbids."""
    free = home.add("free", AccountSettings(URL), TOKEN)
    bound = home.add("bound", AccountSettings(URL, read_only=True), TOKEN)
    monkeypatch.setenv(READ_ONLY_VARIABLE, value)

    assert free.read_only is read_only
    assert bound.read_only


def test_token_is_in_no_repr(home: Home) -> None:
    """What is printed of an account in a log or a debugger does not hold its token."""
    kept = home.add("work", AccountSettings(URL), TOKEN)

    assert TOKEN not in repr(kept) + repr(home) + str(kept)


@pytest.mark.parametrize("content", ["", "{}", "[]", "5", '{"token"', "\ud800"])
def test_token_that_cannot_be_read(content: str, home: Home) -> None:
    """A broken token file is told with the way to enter the token again."""
    kept = home.add("work", AccountSettings(URL), TOKEN)
    (kept.folder / "credentials.json").write_bytes(content.encode("utf-8", "surrogatepass"))

    with pytest.raises(SettingsError) as caught:
        _ = kept.token

    assert "account add work" in caught.value.hint
    assert "--replace" in caught.value.hint


def test_many_change_the_settings_at_once(home: Home) -> None:
    """Accounts that several processes add at the same moment are all kept."""
    home.prepare()
    code = (
        "import sys; from linkgraph.settings import *; from pathlib import Path\n"
        "for i in range(5):\n"
        f"    Home(Path(sys.argv[1])).add(sys.argv[2] + str(i), AccountSettings({URL!r}), 't')"
    )

    def add(name: str) -> int:
        command = [sys.executable, "-c", code, str(home.root), name]
        return subprocess.run(command, check=False).returncode

    with ThreadPoolExecutor(3) as pool:
        codes = list(pool.map(add, "abc"))

    assert codes == [0, 0, 0]
    assert home.account_names() == sorted(f"{name}{i}" for name in "abc" for i in range(5))
    assert tomllib.loads((home.root / "config.toml").read_text())["default"] in home.account_names()


def test_where_the_home_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As given, else by LINKGRAPH_HOME, else the platform's folder; always an absolute path."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "named"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert Home.locate("given").root == tmp_path / "given"
    assert Home.locate("~/given").root == tmp_path / "given"
    assert Home.locate().root == tmp_path / "named"
    monkeypatch.setenv(HOME_VARIABLE, "")
    assert Home.locate().root.is_absolute()
    with pytest.raises(HomeUnusable, match="nobodyhere"):
        Home.locate("~nobodyhere/x")


def test_home_that_is_a_file(tmp_path: Path) -> None:
    """A home that cannot be one says so, with the way to another."""
    (tmp_path / "file").write_text("")

    with pytest.raises(HomeUnusable) as caught:
        Home(tmp_path / "file").add("work", AccountSettings(URL), TOKEN)

    assert "--home" in caught.value.hint
