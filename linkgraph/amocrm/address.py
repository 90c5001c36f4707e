"""Where an account lives, and the one origin that may ever be sent its token."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from linkgraph.errors import InvalidAddress
from linkgraph.model import is_crm_host, is_loopback
from linkgraph.plaintext import plain

_HINT = (
    "paste the address of any page of the account, such as https://example.amocrm.ru "
    "(or .amocrm.com, .kommo.com); a simulated account runs at http://127.0.0.1:PORT"
)
_CRM_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.(?:amocrm\.(?:ru|com)|kommo\.com)")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\uffff\\]")  # what parsers of addresses disagree about
_DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Address:
    """An account's origin: scheme, lower-case host without a trailing dot, port.

    >>> Address.parse("Example.amoCRM.ru.").url
    'https://example.amocrm.ru'
    >>> Address.parse("https://example.kommo.com/leads/detail/12?x=1").host
    'example.kommo.com'
    """

    scheme: str
    host: str
    port: int

    @property
    def url(self) -> str:
        """The origin as text, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def counts_by_ip(self) -> bool:
        """Whether the limit is counted per IP, over all accounts (amocrm-api section 4: Kommo)."""
        return self.host.endswith(".kommo.com")

    @property
    def is_loopback(self) -> bool:
        """Whether the account is simulated on this machine."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        return self.url

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read an address, bare or pasted with the path of any page.

        Raises:
            InvalidAddress: not an account of the CRM, or not a way to reach one safely.
        """
        word = text.strip()
        parts = _split(word)
        host = (parts.hostname or "").rstrip(".")
        if parts.username is not None or parts.password is not None:
            raise _invalid(word, "holds a user name or password")
        if is_loopback(host):
            return cls._loopback(word, parts, host)
        if host == "www" or host.startswith("www."):
            raise _invalid(word, "is the CRM's own site, not an account")
        if not is_crm_host(host) or not _CRM_HOST.fullmatch(host):
            raise _invalid(word, "is not the address of an amoCRM or Kommo account")
        if parts.scheme != "https":
            raise InvalidAddress(
                f"«{plain(word, 80)}» is not encrypted, and a token must not go there",
                hint=f"write https://{host}",
            )
        if parts.port not in {None, 443}:
            raise _invalid(word, "names a port, and the CRM has none but 443")
        return cls("https", host, 443)

    @classmethod
    def _loopback(cls, word: str, parts: SplitResult, host: str) -> "Address":
        if parts.scheme != "http":
            raise _invalid(word, "is this machine, where accounts are simulated over http")
        return cls("http", host, parts.port if parts.port is not None else 80)

    def holds(self, url: str) -> bool:
        """Whether a URL is on this very origin: same scheme, host and port."""
        return self.target_of(url) is not None

    def target_of(self, url: str) -> str | None:
        """Path and query of a URL on this very origin, None for any other."""
        if _FORBIDDEN.search(url):
            return None
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        origin = (parts.scheme, parts.hostname, port or _DEFAULT_PORTS.get(parts.scheme))
        if origin != (self.scheme, self.host, self.port) or "@" in parts.netloc:
            return None
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def target_at_home(self, url: str) -> str | None:
        """Path and query of a URL of this account that may name another of the CRM's own hosts.

        The reference shows answers whose links name the shard that served them
        (`shard151.amocrm.ru`). They are asked of the account's own host, which alone sees the
        token. None for hosts that are not the CRM's.
        """
        here = self.target_of(url)
        if here is not None or self.is_loopback or _FORBIDDEN.search(url):
            return here
        try:
            parts = urlsplit(url)
            if parts.scheme != "https" or parts.port not in {None, 443} or "@" in parts.netloc:
                return None
        except ValueError:
            return None
        if not is_crm_host(parts.hostname or ""):
            return None
        return parts.path + (f"?{parts.query}" if parts.query else "")


def _split(word: str) -> SplitResult:
    if not word or _FORBIDDEN.search(word.split("?")[0].split("#")[0]):
        raise _invalid(word, "is not an address")
    try:
        if "://" not in word:
            # A bare host: https, unless it is this machine.
            guess = urlsplit(f"https://{word}")
            scheme = "http" if is_loopback((guess.hostname or "").rstrip(".")) else "https"
            word = f"{scheme}://{word}"
        parts = urlsplit(word)
        _ = parts.port  # read here because only reading it tells whether it is a number
    except ValueError as exc:
        raise _invalid(word, "is not an address") from exc
    return parts


def _invalid(word: str, why: str) -> InvalidAddress:
    shown = re.sub(r"//[^/@]*@", "//…@", word)  # a pasted password is not to be shown
    return InvalidAddress(f"«{plain(shown, 80)}» {why}", hint=_HINT)
