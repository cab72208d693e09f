"""378 expectations of a robots matcher, as facts: a robots file, then who may ask for what.

What is expected follows, one by one, the standard expectations of the public robots compliance collection (124 of its
correctness, 254 of its stress part); names, paths and texts are invented. Four of them contradict RFC 9309, section
2.2.2, by which `/robots.txt` itself is always allowed: they are kept apart, in `CONTRADICTING`.
"""

from collections.abc import Iterator
from textwrap import dedent
from typing import NamedTuple


class Case(NamedTuple):
    """A robots file and what is expected of it: lines of an agent and paths, `+` where allowed, `-` where not."""

    title: str
    robots: bytes
    expected: str

    def each(self) -> Iterator[tuple[str, str, bool]]:
        """Yield agent, path and whether it is allowed."""
        for line in self.expected.strip().splitlines():
            agent, *marked = line.split()
            yield from ((agent, one[1:], one[0] == "+") for one in marked)


def case(title: str, robots: str, expected: str) -> Case:
    return Case(title, dedent(robots).lstrip("\n").encode(), expected)


RULE = b"User-Agent: reed\nDisallow: /Harbour\n"
CLOSED = "+/Harbour"
ENDINGS = ["User-Agent: oak", "Allow: /a/grove", "User-Agent: elm", "", "", "Disallow: /"]
SPELT = "{}: MossBot\n{}: /m/\n{}: /\n"

CORRECTNESS = [
    Case("a byte order mark is no text", b"\xef\xbb\xbf" + RULE, "reed -/Harbour"),
    Case("two bytes of a byte order mark hide the first line", b"\xef\xbb" + RULE, "reed +/Harbour"),
    Case("one byte of a byte order mark hides the first line", b"\xef" + RULE, "reed +/Harbour"),
    Case("a damaged byte order mark hides the first line", b"\xef\x11\xbf" + RULE, "reed +/Harbour"),
    Case(
        "a byte order mark in the middle hides its line",
        RULE.replace(b"\nD", b"\n\xef\xbb\xbfD"),
        "reed +/Harbour",
    ),
    case("records are named", "user-agent: MossBot\ndisallow: /\n", "MossBot -/m/n"),
    case("other records are no rules", "moss: MossBot\nfern: /\n", "MossBot +/m/n"),
    Case("lines end at LF", "\n".join([*ENDINGS, ""]).encode(), "elm -/leaf"),
    Case("lines end at CR LF", "\r\n".join([*ENDINGS, ""]).encode(), "elm -/leaf"),
    Case("lines end at CR", "\r".join([*ENDINGS, ""]).encode(), "elm -/leaf"),
    Case("the last line may lack an end", "\n".join(ENDINGS).encode(), "elm -/leaf"),
    Case(
        "ends of lines may be mixed",
        b"User-Agent: oak\nAllow: /a/grove\r\nUser-Agent: elm\n\r\n\nDisallow: /",
        "elm -/leaf",
    ),
    case("records in capitals", SPELT.format("USER-AGENT", "ALLOW", "DISALLOW"), "MossBot +/m/n -/c/d"),
    case("records in small letters", SPELT.format("user-agent", "allow", "disallow"), "MossBot +/m/n -/c/d"),
    case("records in any letters", SPELT.format("uSeR-aGeNt", "AlLoW", "dIsAlLoW"), "MossBot +/m/n -/c/d"),
    case("an empty file", "", "MossBot +/m/n"),
    case(
        "the star's group is for the others",
        "user-agent: *\ndisallow: /m\nuser-agent: MossBot\nallow: /m/n\n",
        "MossBot +/m/n\nFernBot -/m/n",
    ),
    case(
        "without a group of ours and of the star's no rules apply",
        "user-agent: MossBot\nallow: /\nuser-agent: FernBot\ndisallow: /\nuser-agent: KelpBot\ndisallow: /\n",
        "IvyBot +/m/n",
    ),
    case(
        "groups are merged, and rules outside of them ignored",
        """
        allow: /moss/fern/

        user-agent: MossBot
        disallow: /
        allow: /k/
        user-agent: FernBot
        disallow: /
        allow: /l/


        allow: /j/
        user-agent: KelpBot

        user-agent: MossBot
        allow: /o/
        disallow: /
        """,
        """
        MossBot +/k/b +/o/d -/l/c
        FernBot +/l/c +/j/a -/o/d
        KelpBot +/o/d
        MossBot -/moss/fern/
        FernBot -/moss/fern/
        KelpBot -/moss/fern/
        """,
    ),
    case("what is not allowed", "User-Agent: *\nAllow: /opened/index.html\nDisallow: /\n", "mossbot -/any-other-url"),
    case(
        "a path covers what begins with it",
        "user-agent: MossBot\ndisallow: /\nallow: /rice\n",
        "MossBot -/paddy +/rice +/rice.html +/rice/wild.html +/ricefields +/ricefields/wet.html"
        " +/rice.html?id=any -/Rice.asp -/unrice -/?id=rice",
    ),
    case(
        "a star at the end changes nothing",
        "user-agent: MossBot\ndisallow: /\nallow: /rice*\n",
        "MossBot -/paddy +/rice +/rice.html +/rice/wild.html +/ricefields +/ricefields/wet.html"
        " +/rice.html?id=any -/Rice.paddy -/unrice -/?id=rice",
    ),
    case(
        "a slash at the end is part of the path",
        "user-agent: MossBot\ndisallow: /\nallow: /rice/\n",
        "MossBot -/paddy +/rice/ +/rice/wild +/rice/?wild +/rice/wild.html +/rice/?id=any"
        " -/rice -/rice.html -/Rice/Wild.html",
    ),
    case(
        "a star stands for anything, the query too",
        "user-agent: MossBot\ndisallow: /\nallow: /*.cgi\n",
        "MossBot -/paddy +/name.cgi +/field/name.cgi +/field/name.cgi?some +//field/any.cgi.part.html +/name.cgi/"
        " +/index?f=name.cgi/ -/cgi/ -/index?cgi -/doors.CGI",
    ),
    case(
        "a dollar ends the path",
        "user-agent: MossBot\ndisallow: /\nallow: /*.cgi$\n",
        "MossBot -/paddy +/name.cgi +/field/name.cgi -/name.cgi?some -/name.cgi/ -/name.cgi5 -/cgi/ -/name?cgi"
        " -/bbbcgibbb -//doors.CGI",
    ),
    case(
        "a star may stand in the middle",
        "user-agent: MossBot\ndisallow: /\nallow: /rice*.cgi\n",
        "MossBot -/paddy +/rice.cgi +/ricefields/oatrice.cgi?some -/Rice.CGI",
    ),
    case(
        "the longer rule forbids", "user-agent: MossBot\ndisallow: /m/leaf.html\nallow: /m/\n", "MossBot -/m/leaf.html"
    ),
    case(
        "the longer rule allows",
        "user-agent: MossBot\nallow: /m/leaf.html\ndisallow: /m/\n",
        "MossBot +/m/leaf.html -/m/",
    ),
    case("empty rules are none", "user-agent: MossBot\ndisallow: \nallow: \n", "MossBot +/m/leaf.html"),
    case("of equals Allow wins", "user-agent: MossBot\ndisallow: /\nallow: /\n", "MossBot +/m/leaf.html"),
    case("a slash is an octet", "user-agent: MossBot\ndisallow: /m\nallow: /m/\n", "MossBot -/m +/m/"),
    case(
        "of long equals Allow wins",
        "user-agent: MossBot\ndisallow: /m/leaf.html\nallow: /m/leaf.html\n",
        "MossBot +/m/leaf.html",
    ),
    case(
        "a longer pattern forbids",
        "user-agent: MossBot\nallow: /leaf\ndisallow: /*.html\n",
        "MossBot -/leaf.html +/leaf",
    ),
    case(
        "a longer path allows",
        "user-agent: MossBot\nallow: /m/leaf.\ndisallow: /*.html\n",
        "MossBot +/m/leaf.html -/m/n.html",
    ),
    case(
        "one's own group is heard alone",
        "User-agent: *\nDisallow: /m/\nUser-agent: MossBot\nDisallow: /n/\n",
        "MossBot +/m/leaf -/n/leaf",
    ),
    case("a beginning is enough", "user-agent: MossBot\nallow: /l\ndisallow: /\n", "MossBot +/leaf"),
    case("a tie within a folder", "user-agent: MossBot\nallow: /bin\ndisallow: /bin\n", "MossBot +/bin/leaf"),
    case("a pattern longer than a path", "user-agent: MossBot\nallow: /leaf\ndisallow: /*.htm\n", "MossBot -/leaf.htm"),
    case("the first page alone", "user-agent: MossBot\nallow: /$\ndisallow: /\n", "MossBot +/ -/leaf.html"),
    case(
        "an address within a query",
        "User-agent: MossBot\nDisallow: /\nAllow: /moss/fern?kelp=ivy&reed=http://moss.example?oak&elm\n",
        "MossBot +/moss/fern?kelp=ivy&reed=http://moss.example?oak&elm",
    ),
    case(
        "a rule beyond ASCII meets the escaped URL, the raw one not",
        "User-agent: MossBot\nDisallow: /\nAllow: /moss/fern/云\n",
        "MossBot +/moss/fern/%E4%BA%91 -/moss/fern/云",
    ),
    case(
        "an escaped rule meets the escaped URL, the raw one not",
        "User-agent: MossBot\nDisallow: /\nAllow: /moss/fern/%E4%BA%91\n",
        "MossBot +/moss/fern/%E4%BA%91 -/moss/fern/云",
    ),
    case(
        "a needless escape in an Allow is as it is written",
        "User-agent: MossBot\nDisallow: /\nAllow: /moss/fern/%6B%65%6C\n",
        "MossBot -/moss/fern/kel +/moss/fern/%6B%65%6C",
    ),
    case(
        "a star between slashes",
        "User-agent: MossBot\nDisallow: /moss/fern/elm\nAllow: /moss/*/ivy\n",
        "MossBot -/moss/fern/elm +/moss/elm +/moss//elm +/moss/kelp/elm",
    ),
    case(
        "a dollar at the end",
        "User-agent: MossBot\nDisallow: /moss/fern$\nAllow: /moss/fern/ivy\n",
        "MossBot -/moss/fern +/moss/fern/ivy +/moss/fern/ +/moss/fern/oak",
    ),
    case(
        "a comment may follow a rule",
        "User-agent: MossBot\n# Disallow: /\nDisallow: /moss/elm#ivy\nAllow: /\n",
        "MossBot +/moss/fern -/moss/elm",
    ),
    case("capitals in a rule", "user-agent: MossBot\ndisallow: /M/\n", "MossBot +/m/n"),
    case("small letters in a rule", "user-agent: MossBot\ndisallow: /m/\n", "MossBot -/m/n"),
]

WARES = ("reeds", "rushes", "grain", "more_grain")
LOOSE = ["css$", "css?", "js$", "js?", "gif", "jpg", "jpeg", "png"]
PATCH = ["yards", "ferry/common", "loft", "jar", "chaff"]
MEADOW = ["data/bee/hive/more_comb", "hay/some_row/bales", "silo", "well", "moss", "fern", "kelp"]
QUERIES = ["maker=*", "seeker=*", "placer=*", "looker=*", "shape=json", "shape=leaf-context", "shape=main-leaf"]
MORE_QUERIES = ["shape=json-pretty", "shape=ical", "someHay=*"]


def _lines(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _closing(paths: list[str]) -> list[str]:
    return [f"Disallow: /{path}" for path in paths]


STRESS = [
    case(
        "a delay within a group",
        """
        User-agent: *
        Crawl-delay: 10
        # Moss
        Disallow: /hjkl-main/
        Disallow: /hjkl-ferry/
        Disallow: /hjkl-shared/
        # Fern
        Disallow: /hjkl-gate.php
        Disallow: /hjkl-gate-sample.php
        Disallow: /hjkl-knobs.php
        """,
        """
        mossbot +/
        moss_bot +/fern/index.html
        moss-bot +/hjkl-gate.pdf
        mossbot -/hjkl-gate.php -/hjkl-gate-sample.php +/hjkl-gate-simple.php
        MossBot -/hjkl-knobs.php
        Moss-Bot -/hjkl-shared/index.html
        """,
    ),
    case(
        "many folders, some by star and dollar",
        """
        User-agent: *
        Disallow: /see-answers.html
        Disallow: /aid.html
        Disallow: /talk/essays/see/
        Disallow: /talk/see/
        Disallow: /talk/see/uv/
        Disallow: /talk/see/hjk/
        Disallow: /talk/hjk/
        Disallow: /talk/echo/
        Disallow: /talk/qp/
        Disallow: /talk/*/essays/see/$
        Disallow: /talk/*/see/$
        Disallow: /talk/*/see/uv/$
        Disallow: /talk/*/see/hjk/$
        Disallow: /talk/*/hjk/$
        Disallow: /talk/*/echo/$
        Disallow: /write-somebody.html
        """,
        """
        MossBot +/
        mossbot +/seek?ask=123
        Moss_Bot -/see-answers.html
        fernbot +/talk/
        FernBot -/talk/essays/see/112
        KelpBot +/talk/see -/talk/see/uv
        MossBot -/talk/moss/fern/kelp/see/
        fernbot -/talk/anything/hjk/
        FernBot -/talk/hjk/
        IvyBot -/write-somebody.html?user=moss
        """,
    ),
    case(
        "a sitemap between the rules of one group",
        """
        User-agent: *
        Disallow: /heap-*
        Disallow: /diary/heap-*
        Disallow: /_qdnt/draft/
        Disallow: /ug/set-duties/

        Sitemap: https://www.moss.example/sitemap.xml
        Disallow: /_qdnt/draft/
        Disallow: /ug/set-duties/
        """,
        """
        mossbot +/index.html
        moss-bot -/heap-
        mossbot +/heap
        moss_bot -/heap-786
        moss-bot +/diary/123 -/diary/heap-123
        mossbot +/_qdnt/test.txt
        moss_bot -/_qdnt/draft/test.txt
        moss-bot +/qdnt/draft/test.txt
        moss_bot -/ug/set-duties/moss/fern
        mossbot -/ug/set-duties/
        moss_bot +/ug/index.html
        """,
    ),
    case(
        "queries and stars between folders",
        """
        User-agent: *
        Disallow: /hjkl-enter
        Disallow: /hjkl-warden
        Disallow: /hayback/
        Disallow: /hay/*
        Disallow: /?*/
        Disallow: /scribe/
        Disallow: /no/*/leaf/
        Disallow: /no/*/hay/
        Sitemap: http://moss.example/leaf-sitemap.xml
        """,
        "mossbot -/hjkl-enter -/hjkl-enter/ +/ +/hayback -/hayback/new +/moss/?user=warden/hay -/?user=warden/hay"
        " +/no/leaf/ -/no/some/leaf/ +/no/some/hay -/no/some/hay/more",
    ),
    case(
        "an empty Disallow for the others",
        """
        User-agent: hjklbot
        Disallow: /
        User-agent: *
        Disallow:
        Crawl-delay: 15
        Sitemap: http://moss.example/sitemap.xml
        """,
        """
        mossbot +/
        MossBot +/moss/fern/kelp.php
        Moss_Bot +/index.html
        hjklbot -/ -/moss/fern/kelp.js
        """,
    ),
    case(
        "markup between the lines, and a name that ends at a figure",
        """
        User-agent: *
        <br />
        Allow: /
        <br />
        User-agent: FernBot
        <br />
        Disallow: /
        <br />
        User-agent: UV42bot
        <br />
        Disallow: /
        <br />
        sitemap: http://moss.example/sitemap.xml
        """,
        """
        mossbot +/
        moss-bot +/moss/fern
        moss_bot +/robots.txt
        FernBot -/ -/moss/fern/kelp
        UV42bot +/moss/fern +/
        UV -/
        """,
    ),
    case(
        "several names and a delay before their rules",
        """
        User-agent: Mossbot
        User-agent: Fernbot
        User-agent: Kelpbot
        User-agent: Ivybot
        Crawl-delay: 10
        Disallow:

        User-agent: *
        Disallow: /
        """,
        """
        Mossbot +/moss/fern
        Fernbot +/moss/fern
        Kelpbot +/moss/kelp +/ +/index.html
        lelpbot -/ -/index.html -/moss/lelp
        """,
    ),
    Case(
        "the long file of a site kit",
        _lines(
            "#",
            "# robots.txt",
            "# and no more than a comment:",
            "# Heard at: http://moss.example/robots.txt",
            "",
            "User-agent: *",
            "Crawl-delay: 15",
            "# Moss",
            *(f"Allow: /{ware}/*.{end}" for ware in WARES for end in LOOSE),
            "# Fern",
            *_closing(["anything/", "reeds/", "rushes/", "grain/", "looms/", "more_grain/"]),
            *_closing(["SOME_WORDS.txt", "some_loom.php", "SETUP.moss.txt", "SETUP.fern.txt", "SETUP.kelp.txt"]),
            *_closing(["take.php", "TAKE.txt", "TERMS.txt", "AIDS.txt", "renew.php", "RENEWAL.txt", "which.php"]),
            "# And what is asked for by a query",
            *_closing([f"?q={query}/" for query in ["main", "remark/reply", "sieve/ads", "grain/add", "seek"]]),
            *_closing([f"?q=kelp/{word}/" for word in ["secret", "enrol", "enter", "leave"]]),
        ),
        "mossbot +/ +/aid.html +/some.css +/moss/some.css +/reeds/some.css -/reeds/some.html +/reeds/some.jpeg"
        " +/rushes/some.css?user=main +/rushes/some.jpeg?user=main -/anything/moss.cpp -/more_grain/dark"
        " -/some_loom.php +/renewal.txt -/RENEWAL.txt -/grain/main +/?q=kelp/ +/?q=kelp/enter -/?q=kelp/enter/"
        " +/?q=grain/drop/ -/?q=grain/add/",
    ),
    case(
        "two groups of the star are one",
        """


        User-agent: Whirr-Ivy
        Allow: /

        User-agent: Kelp-Ivy
        Allow: /

        User-agent: fernbot
        Allow: /
        Disallow: /tree

        User-agent: HumBot
        Disallow: /tree

        User-agent: Modest-web-crawler
        Disallow: /tree

        User-agent: *
        Disallow: /

        User-agent: *
        Disallow: /tree

        Sitemap: /sitemap.xml
        """,
        """
        Whirr-Ivy +/robots.txt
        Kelp-Ivy +/moss/fern
        HumBot -/treellaboration/index.htm +/moss/fern +/ -/tree/bark
        mossbot -/index.htm
        moss_bot -/treebark
        moss-bot -/
        """,
    ),
    case(
        "comments and blank lines around two groups",
        """
        # A remark
        # http://www.moss.example/anything.html



        # What the lines below are about
        # (told at length)

        User-agent: *
        Disallow:



        # About one crawler,
        # and where to read of it:
        # http://www.moss.example/some/aid/about/ivybot?arg=123

        User-Agent: Ivybot
        Disallow: /*send_question$
        Disallow: /*folder_makers$
        """,
        """
        mossbot +/
        MossBot +/seek?ask=123
        mossbot +/moss/fern/send_question
        moss-bot +/fern/kelp/foler_makers
        Ivybot +/
        fernbot +/robots.txt
        Ivybot -/kelp/send_question +/kelp/send_question?args=123 -/new_folder_makers -/fern/kelp/folder_makers
        """,
    ),
    Case(
        "patterns with many stars",
        _lines(
            "User-agent: *",
            *(f"Allow: /*.{end}" for end in ["js", "css", "jpg", "png", "gif"]),
            "Allow: /*?leaf",
            "Allow: /*?via=",
            *_closing(["*?", "gauge/", "no/1", "no/3", "enrol", "no/5", "no/7", "no/8", "no/9", "no/under/", "board/"]),
            *_closing(["mistress/", "herald/", "safe/", "vote/", "seek/", "zyxw/", "*_hidden_shape_="]),
            *_closing(["*-*-*-*-321$", "kelp/order/", "kelp/paperorder/", "kelp/till/", "kelp/user/", "kelp/seek"]),
            *_closing(["*0-*-0-03$", "*-0-0-"]),
            "",
            "Sitemap: http://moss.example/sitemap.xml",
            "Sitemap: http://moss.example/sitemap-market.xml",
        ),
        "mossbot +/moss.js +/moss/fern.css +/k/l/m?via=fern +/k/l/m +/gauges/k -/gauge/perf -/no/13579 +/no/24680"
        " -/seek/gauges -/moss_fern_hidden_shape_=123 -/moss-fern-lelp-ivy-321 +/moss-fern-lelp-ivy-3216 -/-0-0-312"
        " +/kelp -/kelp/user/123",
    ),
    case(
        "groups of nothing but a delay",
        """
        User-agent: fernbot
        Disallow: /

        User-agent: kelpbot
        Disallow: /

        User-agent: ivy_bot
        Crawl-delay: 1

        User-agent: *
        Allow: /

        User-agent: *
        Crawl-delay: 1
        """,
        """
        fernbot -/moss/fern -/moss/moss/moss -/index.html
        kelpbot -/attics/123 -/diary?id=113
        ivy_bot +/index.html +/moss/fern +/
        mossbot +/moss/fern +/diary?id=113
        """,
    ),
    Case(
        "the folders of a site kit",
        _lines(
            "# To read of robots.txt: http://www.moss.example/orig.html",
            "#",
            "",
            "User-agent: *",
            *_closing(["main/", "shop/", "qdn/", "parts/", "see/", "needs/", "layout/", "speech/", "shelf/", "hay/"]),
            *_closing(["ferry/", "pieces/", "additions/", "aid/", "tmp/"]),
            "",
        ),
        "mossbot +/ +/index.html -/qdn/hay +/ferr +/ferry +/brooks?user=warden",
    ),
    Case(
        "the same rules for many names, and nothing for the others",
        _lines(
            *(
                line
                for name in ["mossmossbot*", "fernfernbot*", "ivybot", "ddbot", "heelbot", "in_tester"]
                for line in [f"User-agent: {name}", *_closing([f"{path}/" for path in PATCH]), ""]
            ),
            "User-agent: *",
            "Disallow: /",
            "",
            "",
            "Sitemap: http://www.moss.example/sitemap.xml",
        ),
        """
        mossmossbot-exp -/yards/diary
        mossmossbot -/chaff/index.html
        fernfernbot-prod -/jar/bash -/moss/fern
        fernfernbot -/jar/bash +/moss/fern
        ivybot +/ivy/ivy/ivy -/chaff/see.html
        in_tester +/seek?ask=123 -/ferry/common/123
        moss_bot -/seek?ask=123
        """,
    ),
    case(
        "a name that may everything",
        """
        User-agent: warden
        Disallow:

        User-agent: *
        Disallow: /hum
        Allow: /

        Sitemap: http://moss.example/sitemap.xml

        """,
        """
        mossbot -/hum/knobs -/hum-lite
        fernbot +/ivy/fern
        ivybot -/hum
        kelpbot +/main/hum
        fernbot +/anotherhum/k
        mossbot +/rehum/k -/hum/hum/hum
        moss-bot +/seec/hum
        fern-bot -/hum/seec
        warden +/hum/ses +/moss/fern +/hum
        """,
    ),
    case(
        "a delay of an hour",
        """
        User-agent: *
        Crawl-delay: 3500
        Disallow: /uv_gate
        Disallow: /uv_wares
        Disallow: /uv_text/fern
        Disallow: /uv_text/cache
        Disallow: /uv_text/kelp
        """,
        """
        mossbot -/uv_gate
        moss_bot -/uv_gate-moss
        moss-bot -/uv_wares/moss.txt
        mossbot +/moss/fern +/uv_text/moss
        moss_bot -/uv_text/fern/moss.fern
        moss-bot -/uv_text/cache-moss +/
        """,
    ),
    case(
        "two names share a group behind a comment",
        """
        User-agent: *
        Allow: /

        # For Kelp Bot
        User-Agent: JoyBot-Kelp-Mobile
        User-Agent: JoyBot-Kelp
        Disallow: /_bell/*
        Disallow: /_odds*
        Disallow: /ferry/v1/see/*

        Sitemap: https://www.moss.example/sitemap.xml
        """,
        """
        mossbot +/moss/fern
        moss_bot +/
        moss-bot +/robots.txt
        JoyBot-Kelp-Mobile -/_bell/index.html -/_odds +/_ferry/v2/moss -/ferry/v1/see/
        JoyBot-Kelp -/ferry/v1/see/moss
        moss-bot +/ferry/v1/see/moss
        moss_bot +/_odds/index.html
        """,
    ),
    case(
        "an empty Disallow and a sitemap",
        """
        User-agent: ivybot
        Disallow: /
        User-agent: *
        Disallow:
        Sitemap: https://moss.example/sitemap.xml
        """,
        """
        mossbot +/moss/fern +/
        moss_bot +/diary?id=132
        ivybot -/ -/kelp/kelp -/index.htm
        """,
    ),
    case(
        "sitemaps first, and an exception",
        """
        Sitemap: http://moss.example/sitemap.xml
        Sitemap: http://moss.example/tidings-sitemap.xml
        User-agent: *
        Disallow: /gate/
        Allow: /gate/warden-ajax.php
        """,
        """
        moss-bot +/index.html -/gate/index.html
        moss_bot -/gate/moss/fern/index.htm
        mossbot +/gate/warden-ajax.php +/diary?id=234
        """,
    ),
    case(
        "spaces in front of colons, stars at both ends, and a name that ends at a figure",
        """
        User-Agent: *
        Crawl-delay : 60
        Disallow : /*kelp*
        Disallow : /*ivy*

        User-agent: KLM123bot
        Crawl-delay : 60
        Disallow: /

        """,
        """
        Mossbot +/
        moss-bot +/moss/fern
        moss_bot +/robots.txt -/new_kelp -/kelp/new
        moss-bot -/move/ivy/add
        moss_bot -/kelpnew/start
        Mossbot -/moss_ivy_fern
        KLM123bot +/robots.txt
        """,
    ),
    case(
        "a folder with an exception",
        """
        User-agent: *
        Disallow: /uv-kelp/
        Allow: /uv-kelp/kelp-ajax.php

        Sitemap: https://moss.example/uv-sitemap.xml
        """,
        """
        MossBot +/
        Moss_Bot +/moss/fern.php
        mossbot -/uv-kelp/index.htm
        moss-bot -/uv-kelp/moss/fern
        moss_bot +/uv-kelp/kelp-ajax.php
        moss-bot +/uv-kelp/kelp-ajax.php?user=123
        """,
    ),
    case(
        "dollars and question marks at the ends",
        """
        User-Agent: *
        Disallow: /mishap$
        Disallow: /nb/example.moss.MossGate
        Disallow: /diary
        Disallow: /warden$
        Disallow: /wardendeeds$
        Disallow: /wardendeeds?
        Disallow: /kelp
        Disallow: /nb/example.moss.FernGate
        Sitemap: https://moss.example/sitemap.xml
        """,
        """
        mossbot +/mishap?user=warden -/mishap
        moss_bot +/seek/moss -/diary
        moss-bot -/wardendeeds -/wardendeeds?id=123 +/wardendeeds/new
        mossbot +/nb/test.txt -/nb/example.moss.FernGate +/moss/fern
        """,
    ),
    Case(
        "a group of the others, and a longer one of one name",
        _lines(
            "User-agent: *",
            *_closing(MEADOW),
            "Sitemap: http://www.moss.example/hay/some_row/data/sitemap.xml",
            "",
            "User-agent: ivybot",
            *_closing(MEADOW),
            *_closing(["users/big_moss/some_hay", "users/big_moss/other_hay", "en/hay/ass", "en/hay/eft"]),
            *_closing(["sk/hay/qsj", "sk/hay/pem", "cz/hay/qsj", "cz/hay/pem", "hu/hay/slf", "hu/hay/joe"]),
            *_closing(["addplayzes", "addplaynone"]),
            "Crawl-delay: 29",
        ),
        """
        mossbot +/house -/moss?id=12 +/ivy +/house/looms/s.js -/kelp/112 +/data/index.html -/data/bee/hive/more_comb
        ivybot -/data/bee/hive/more_comb -/users/big_moss/some_hay/new -/addplayzes
        mossbot +/addplay/new
        ivybot +/addplay/new -/addplaynone?to=KITE +/cz
        """,
    ),
    Case(
        "comments beyond ASCII",
        _lines(
            "# Today’s remark is of no use",
            "# If I don’t like it, I’ll leave it – 就这样",
            "#",
            "# To read of robots.txt: http://www.moss.example/orig.html",
            "",
            "User-agent: *",
            *_closing(["mistress/", "jar/", "cache/", "dmjpo/", "pieces/", "leftouts/", "removal/", "layouts/"]),
            *_closing(["shelves/", "brooks/", "additions/", "tmp/"]),
            "",
        ),
        """
        mossbot +/moss/fern -/mistress/knobs -/jar/sh
        moss-bot +/seek?ask=123
        moss_bot +/brook/113 -/brooks/113
        moss-bot +/example/mistress
        mossbot +/mistress -/mistress/
        moss_bot +/dev/null -/tmp/null
        """,
    ),
    Case(
        "many queries, and no space behind the colon",
        _lines(
            "# Some words",
            "",
            "",
            "User-agent: *",
            *_closing(["hay", "seek", "reeds$", "reeds/", "calls/", "lively/"]),
            *(f"Disallow:/*{mark}{query}" for query in [*QUERIES, *MORE_QUERIES] for mark in "?&"),
            "",
            "Sitemap: https://moss.example/sitemap.xml",
        ),
        "mossbot +/ +/robots.txt -/seek -/seek/ -/seek?id=123 -/reeds +/reedsgauges -/reeds/new -/moss?maker=fern"
        " -/moss?seeker=kelp -/moss?maker=fern&seeker=kelp -/moss?looker=ivy -/moss?maker=fern&reeds=kelp"
        " -/calls/index.html",
    ),
]

CONTRADICTING = [
    case("closed to one name", "User-agent: hjklbot\nDisallow: /\nUser-agent: *\nDisallow:\n", "hjklbot -/robots.txt"),
    case(
        "closed to a second name", "User-agent: *\nAllow: /\nUser-agent: FernBot\nDisallow: /\n", "FernBot -/robots.txt"
    ),
    case("closed to a name up to its figure", "User-agent: UV42bot\nDisallow: /\n", "UV -/robots.txt"),
    case("closed with a delay", "User-agent: KLM123bot\nCrawl-delay : 60\nDisallow: /\n", "KLM -/robots.txt"),
]
"""By RFC 9309, section 2.2.2, the opposite holds: the file itself is always allowed."""
