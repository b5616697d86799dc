# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Every command with its options; what each one does stands in the module that it names.

Commands are named, not imported: ``--help`` must not wait for the libraries that hash pictures.
"""

from __future__ import annotations

import argparse
from datetime import date

from artistguard.models import Band
from artistguard.settings import RESERVATIONS

LEVELS = ("self-declared", "profile-linked", "domain-verified", "cryptographically-bound")
WAYS = ("dns", "page", "file", "profile", "did")
FORMATS = (
    *("auto", "coyo", "datacomp", "laion", "pd12m", "openimages", "danbooru"),
    *("img2dataset", "hf", "images", "csv"),
)


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; `run` of what it parses names module and function."""
    top = argparse.ArgumentParser(
        prog="artistguard",
        description="See where your art was taken for AI training, and say no to all of it.",
        epilog="Start with: artistguard protect FOLDER",
    )
    top.add_argument("--version", action="store_true", help="which version this is")
    top.set_defaults(run=None, json=False, artist=None)
    commands = _Commands(top)
    _add_searching(commands)
    _add_protecting(commands)
    _add_checking(commands)
    _add_stamps(commands)
    _add_backups(commands)
    _add_profiles(commands.group("profile", "several names or artists, each with its own data"))
    _add_owning(commands)
    _add_marking(commands)
    _add_packs(commands.group("pack", "packs: data sets that can be searched on this machine"))
    _add_servers(commands.group("server", "servers to search at and to file with"))
    _add_sites(commands.group("site", "your own site: what it says to machines"))
    _add_training(commands.group("dataset", "for those who train on a data set"))
    _add_serving(commands)
    return top


class _Commands:
    """The commands of one level; each has the options that all share."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._commands = parser.add_subparsers(metavar="COMMAND", title="commands")

    def add(self, name: str, run: str, about: str) -> argparse.ArgumentParser:
        command = self._commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="one JSON object a line")
        command.add_argument("--data", metavar="DIR", help="where ArtistGuard keeps its data")
        # `own check` has an option of that name for a page on the web.
        if run != "owning.check":
            command.add_argument(
                "--profile", dest="artist", metavar="NAME", help="of several, whose data"
            )
        return command

    def group(self, name: str, about: str) -> _Commands:
        return _Commands(self._commands.add_parser(name, help=about, description=about))


def _add_searching(commands: _Commands) -> None:
    one = commands.add("fingerprint", "searching.fingerprint", "fingerprint files, keep nothing")
    one.add_argument("paths", metavar="PATH", nargs="+")
    one = commands.add("scan", "searching.scan", "take works in, or see what changed")
    one.add_argument("folders", metavar="FOLDER", nargs="*")
    one = commands.add("search", "searching.search", "look works up in bulk")
    one.add_argument("paths", metavar="PATH", nargs="*", help="pictures to look up, not to keep")
    _add_places(one)
    one.add_argument("--url", action="append", default=[], help="an address of yours")
    one.add_argument("--host", action="append", default=[], help="a site of yours")
    one.add_argument("--name", action="append", default=[], help="a name captions may give you")
    one = commands.add("matches", "searching.matches", "what was found")
    one.add_argument("--band", type=_band, default=tuple(Band), metavar="BAND[,BAND]")
    one.add_argument("--work", type=_number)
    verdict = one.add_mutually_exclusive_group()
    for word, about in (
        ("mine", "say that matches show your work"),
        ("not-mine", "say that they do not"),
        ("allowed", "say that you allow this use"),
        ("undecide", "take back what you said of them"),
    ):
        verdict.add_argument(f"--{word}", type=_number, nargs="+", metavar="MATCH", help=about)


def _add_protecting(commands: _Commands) -> None:
    one = commands.add("protect", "protecting.protect", "the main job: take in, search, opt out")
    one.add_argument("folders", metavar="FOLDER", nargs="+")
    _add_places(one)
    _add_consent(one)
    one = commands.add("opt-out", "protecting.opt_out", "file opt-outs in bulk")
    one.add_argument("--band", type=_band, metavar="BAND[,BAND]", help="default: certain,likely")
    one.add_argument("--work", type=_number, nargs="+", help="these works with all their copies")
    one.add_argument("--domain", nargs="+", help="everything of yours at these domains")
    one.add_argument("--future", action="store_true", help="all works, later ones included")
    one.add_argument("--channel", metavar="CHANNEL")
    one.add_argument("--dry-run", action="store_true", help="show each line that would be filed")
    _add_consent(one)
    commands.add("watch", "watching.watch", "keep at it: take in, search and file what is new")
    commands.add("deliver", "protecting.deliver", "send what waits")
    commands.add("status", "standing.status", "what stands where")
    one = commands.add("withdraw", "protecting.withdraw", "take opt-outs back, with a record")
    one.add_argument("ids", type=_id, metavar="ID", nargs="+")


def _add_places(command: argparse.ArgumentParser) -> None:
    # Both go into one list: a pack, a server and an engine are told apart by how they are spelled.
    command.add_argument(
        "--pack", dest="places", action="append", default=[], metavar="PACK", help="search here"
    )
    command.add_argument(
        "--backend", dest="places", action="append", metavar="URL", help="and at this server"
    )


def _add_consent(command: argparse.ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="file without asking")
    command.add_argument("--as", dest="declarant", metavar="NAME", help="your name or pen name")


def _add_checking(commands: _Commands) -> None:
    one = commands.add("receipts", "checking.receipts", "the proof of what was filed")
    one.add_argument("--export", metavar="DIR", help="write each receipt to a file")
    one = commands.add("verify", "checking.verify", "check proof files, with nothing else at hand")
    one.add_argument("files", metavar="FILE", nargs="+")
    one.add_argument("--key", metavar="HEX", help="the signer's public key, if you know it")
    one.add_argument(
        "--against",
        metavar="FILE",
        action="append",
        default=[],
        help="for a log: a receipt, checkpoint or list that was kept from it earlier",
    )
    one = commands.add("doctor", "checking.doctor", "see what works on this machine")
    one.add_argument("--bundle", metavar="FILE", help="write what may be shown to helpers")


def _add_backups(commands: _Commands) -> None:
    backup = commands.group("backup", "all records as one file")
    one = backup.add("save", "checking.back_up", "write settings, database and registry to a file")
    one.add_argument("file", metavar="FILE")
    one = backup.add("restore", "checking.restore", "bring them back into an empty data folder")
    one.add_argument("file", metavar="FILE")


def _add_profiles(commands: _Commands) -> None:
    commands.add("list", "naming.list_", "every profile and where it lies")
    one = commands.add("add", "naming.add", "make a profile; its packs are those of the first")
    one.add_argument("name", metavar="NAME")
    one = commands.add("rename", "naming.rename", "call a profile otherwise")
    one.add_argument("name", metavar="NAME", help="as it is called now; the first is also “main”")
    one.add_argument("new", metavar="NEW")


def _add_owning(commands: _Commands) -> None:
    own = commands.group("own", "show that a domain or profile is yours")
    one = own.add("challenge", "owning.challenge", "the sign to put up at a domain of yours")
    one.add_argument("domain", metavar="DOMAIN")
    one = own.add("check", "owning.check", "look for the sign, and file that it was seen")
    one.add_argument("domain", metavar="DOMAIN")
    one.add_argument("--by", choices=WAYS, help="default: dns, file, page in turn")
    one.add_argument("--profile", metavar="URL", help="a profile whose page links to the domain")
    own.add("list", "owning.list_", "what you have said of who may speak for what")
    one = own.add("revoke", "owning.revoke", "take back what you said, with a record")
    one.add_argument("ids", metavar="ID", nargs="+")
    _add_channel(one)
    one = commands.add("dispute", "owning.dispute", "say that an entry is not rightful, or answer")
    one.add_argument("id", metavar="ID")
    one.add_argument("--why", required=True, metavar="TEXT")
    _add_channel(one)
    one = commands.add("mandate", "owning.mandate", "let an agency act for you, until a day")
    one.add_argument("--for", dest="agency", required=True, metavar="NAME")
    one.add_argument("--until", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    one.add_argument("--party", metavar="ID", help="its account or key, where NAME is not that")
    one.add_argument("--domain", metavar="DOMAIN", help="for this domain only")
    _add_channel(one)


def _add_marking(commands: _Commands) -> None:
    one = commands.add("mark", "marking.mark", "copies of pictures that say: not for AI training")
    one.add_argument("paths", metavar="PATH", nargs="*")
    where = one.add_mutually_exclusive_group()
    where.add_argument("--out", metavar="DIR", help="where the marked copies go")
    where.add_argument(
        "--in-place", action="store_true", help="mark originals; what they were is kept beside"
    )
    how = one.add_mutually_exclusive_group()
    how.add_argument("--sidecar", action="store_true", help="credentials in a file beside each")
    how.add_argument("--no-credentials", action="store_true", help="XMP alone, nothing signed")
    one.add_argument("--reserve", choices=RESERVATIONS, metavar="WORD", help="of the PLUS words")
    one.add_argument("--as", dest="creator", metavar="NAME", help="whom the copies name as creator")
    one.add_argument("--rights", metavar="TEXT", help="one line, such as: © 2026 Mira Example")
    one.add_argument("--terms", metavar="TEXT", help="what others may do, in your words")
    one.add_argument("--statement", metavar="URL", help="a page of yours about your rights")
    one.add_argument("--licensor", metavar="URL", help="where licences are to be had")
    one.add_argument("--certificate", metavar="FILE", help="sign with one you bought (PEM)")
    one.add_argument("--key-file", metavar="FILE", help="its key (PEM)")
    one.add_argument("--keep", action="store_true", help="say all this from now on")
    one.add_argument("--root", metavar="FILE", help="write what others check your signature with")
    one.add_argument("--export-from", metavar="DIR", help="while watched, mark what comes here")
    one.add_argument("--export-to", metavar="DIR", help="and put copies here")


def _add_channel(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--channel", default="registry", metavar="CHANNEL", help="where: server:HOST, say"
    )


def _add_packs(commands: _Commands) -> None:
    one = commands.add("build", "packs.build", "build a pack to search offline")
    one.add_argument("sources", metavar="SOURCE", nargs="+", help="file, folder, pattern, address")
    one.add_argument("--out", required=True, metavar="PACK")
    one.add_argument("--format", default="auto", choices=FORMATS, help="how it was published")
    one.add_argument("--name", default="", help="the data set's name")
    one.add_argument("--dataset-version", default="", help="the data set's version")
    one.add_argument("--append", action="store_true", help="add to a pack that is there")
    one.add_argument("--licence", default="", help="the licence of its metadata")
    commands.add("list", "packs.list_", "the packs that are searched")
    for name, run, about in (
        ("info", "packs.info", "what packs hold and can answer"),
        ("add", "packs.add", "search these packs from now on"),
        ("remove", "packs.remove", "search these packs no longer; their files stay"),
        ("verify", "packs.verify", "check every byte of packs"),
    ):
        one = commands.add(name, run, about)
        one.add_argument("packs", metavar="PACK", nargs="+")
    one.add_argument("--live", type=int, metavar="N", help="fetch N pictures and compare hashes")
    one = commands.add("load", "packs.load", "put packs into a database engine")
    one.add_argument("packs", metavar="PACK", nargs="+")
    one.add_argument("--into", required=True, metavar="URL", help="clickhouse:// or postgresql://")

    one = commands.add("loads", "packs.loads", "what lies in a database engine, searched or not")
    one.add_argument("--into", required=True, metavar="URL", help="clickhouse:// or postgresql://")
    one.add_argument("--drop", action="store_true", help="free the space of what was replaced")
    one.add_argument(
        "--drop-unfinished",
        action="store_true",
        help="and of what was broken off: load nothing now",
    )


def _add_servers(commands: _Commands) -> None:
    one = commands.add("add", "servers.add", "search at this server and file with it from now on")
    one.add_argument("url", metavar="URL")
    one.add_argument("--key-from-stdin", action="store_true", help="its key follows on a line")
    how = one.add_mutually_exclusive_group()
    how.add_argument("--private", action="store_true", default=None, help="ask in buckets only")
    how.add_argument("--whole-hashes", dest="private", action="store_false", help="ask openly")
    one = commands.add("remove", "servers.remove", "use this server no longer")
    one.add_argument("url", metavar="URL")
    commands.add("list", "servers.list_", "the servers in use")


def _add_stamps(commands: _Commands) -> None:
    one = commands.add("stamp", "checking.stamp", "have an authority of time stamp what was filed")
    one.add_argument("--authority", metavar="URL", help="whom to ask, from now on (RFC 3161)")
    one.add_argument("--roots", metavar="FILE", help="its root certificates, to check it by")


def _add_sites(sites: _Commands) -> None:
    one = sites.add("kit", "sites.kit", "write the files by which a site reserves its rights")
    one.add_argument("site", metavar="SITE", help="as in https://artist.example")
    one.add_argument("--out", required=True, metavar="DIR", help="an empty folder for the kit")
    one.add_argument("--export", metavar="DIR", help="the site's files, as they are published")
    one.add_argument("--robots", metavar="FILE", help="the robots.txt it has; else it is asked")
    one.add_argument("--owner", help="who reserves; else the name that opt-outs are filed with")
    one.add_argument("--contact", default="", help="a mail address or page to ask for a licence")
    one.add_argument("--path", action="append", default=[], help="only what lies under this path")
    one.add_argument("--no-search", action="store_true", help="stop search engines' AI, too")
    one.add_argument("--answers", action="store_true", help="let works answer people's questions")
    one = sites.add("audit", "sites.audit", "compare what a site says with what it was to say")
    one.add_argument("sites", metavar="SITE", nargs="*", help="else every site with a kit")
    one.add_argument("--page", action="append", default=[], help="look at this page of the site")
    one = sites.add("record", "sites.record", "every look at a site, the newest first")
    one.add_argument("site", metavar="SITE")
    one = sites.add("forget", "sites.forget", "look at a site no more")
    one.add_argument("site", metavar="SITE")
    one = sites.add("agents", "sites.agents", "the programs that gather for AI")
    one.add_argument("--take", metavar="FILE", help="a newer list")


def _add_training(commands: _Commands) -> None:
    one = commands.add("filter", "training.filter_", "the data set without what was opted out")
    one.add_argument("source", metavar="IN")
    one.add_argument("--out", required=True, metavar="OUT")
    _add_honoured(one)
    one = commands.add("subset", "training.subset", "the ids of rows to keep, for DataComp")
    one.add_argument("source", metavar="IN", help="Parquet metadata with uid, or a folder of it")
    one.add_argument("--out", required=True, metavar="OUT.npy")
    _add_honoured(one)


def _add_honoured(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--opt-outs",
        required=True,
        metavar="SOURCE",
        help="a public list: its folder, open or salted, or one of its files",
    )
    command.add_argument(
        "--at-least",
        default=LEVELS[0],
        choices=LEVELS,
        metavar="LEVEL",
        help=f"honour what was proved as well as this: {', '.join(LEVELS)}; default: all",
    )
    command.add_argument(
        "--disputed",
        default="honour",
        choices=("honour", "keep"),
        help="leave out disputed entries like others (default: anybody can dispute), or keep them",
    )


def _add_serving(commands: _Commands) -> None:
    serve = commands.add("serve", "serving.serve", "be the search backend and registry of others")
    serve.add_argument("--host", default="127.0.0.1", help="the address to listen at")
    serve.add_argument("--port", type=int, default=8439)
    serve.add_argument("--pack", action="append", default=[], metavar="PACK", help="to be searched")
    serve.add_argument("--index", metavar="URL", help="an engine to be searched: clickhouse://...")
    serve.add_argument("--tls-certificate", metavar="FILE", help="serve https, with this chain")
    serve.add_argument("--tls-key", metavar="FILE")
    serve.add_argument("--anonymous", action="store_true", help="let anyone search, without a key")
    serve.add_argument("--honour", default="self-declared", choices=LEVELS, metavar="LEVEL")
    readable = serve.add_mutually_exclusive_group()
    readable.add_argument("--public-log", action="store_true", help="let anyone copy the log")
    readable.add_argument(
        "--salted-only", action="store_true", help="hand out the list that cannot be read, only"
    )
    commands = _Commands(serve)
    publish = commands.add("publish", "serving.publish", "write the public list, to be handed out")
    publish.add_argument("--salted", action="store_true", help="one to test with, not to read")
    keys = commands.group("key", "the keys that clients are known by")
    add = keys.add("add", "serving.add_key", "make a key, and show it this once")
    add.add_argument("--account", required=True, metavar="NAME", help="whose key it is")
    add.add_argument("--scopes", default="search,declare", metavar="SCOPE[,SCOPE]")
    add.add_argument("--per-day", type=int, default=10_000_000, help="queries and entries a day")
    revoke = keys.add("revoke", "serving.revoke_keys", "make keys good for nothing")
    revoke.add_argument("ids", metavar="ID", nargs="+")
    for one in (serve, publish, add, revoke, keys.add("list", "serving.list_keys", "all keys")):
        one.add_argument("--database", metavar="URL", help="postgresql://... for all it keeps")


def _number(text: str) -> int:
    """A work's or a match's number."""
    number = int(text)
    if not 0 < number < 1 << 63:
        raise ValueError(text)
    return number


def _id(text: str) -> str:
    """An id that can be looked up; what the terminal's bytes spell may be no text at all."""
    return text.encode("utf-8", "strict").decode()


def _band(text: str) -> tuple[Band, ...]:
    try:
        return tuple(Band(word) for word in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"choose from {', '.join(Band)}") from None
