# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The lines with which web servers and pages say it beside each picture.

`X-Robots-Tag: noai, noimageai` stands alone and in small letters: some readers compare it letter by
letter, and one takes everything that follows another program's name for that program's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Final

from artistguard.channels.site.policy import Policy
from artistguard.channels.site.statements import RSL, TDM_POLICY

_SUFFIXES: Final = ("avif", "gif", "heic", "jpeg", "jpg", "png", "svg", "tif", "tiff", "webp")


def wanted_headers(policy: Policy) -> dict[str, str]:
    """What each picture is to be served with."""
    return {
        "X-Robots-Tag": "noai, noimageai",
        "tdm-reservation": "1",
        "tdm-policy": f"{policy.site}/{TDM_POLICY}",
        "Content-Usage": "train-ai=n",
    }


def apache(policy: Policy) -> str:
    """For `.htaccess`, or a `<Directory>` of the server's own settings; needs mod_headers."""
    lines = "".join(
        f'    Header always set {name} "{value}"\n'
        for name, value in wanted_headers(policy).items()
    )
    return (
        "<IfModule mod_headers.c>\n"
        f'  <FilesMatch "(?i)\\.({"|".join(_SUFFIXES)})$">\n{lines}  </FilesMatch>\n'
        "</IfModule>\n"
    )


def nginx(policy: Policy) -> str:
    """For inside `server { … }`, or a location, by `include`; it keeps nobody from searching.

    nginx forgets these in a location that has `add_header` lines of its own: include it there, too.
    """
    return "".join(
        f'add_header {name} "{value}" always;\n' for name, value in wanted_headers(policy).items()
    )


def caddy(policy: Policy) -> str:
    """For inside a site's block of the Caddyfile, by `import`."""
    kinds = " ".join(f"*.{one}" for one in _SUFFIXES)
    lines = "".join(f'\t{name} "{value}"\n' for name, value in wanted_headers(policy).items())
    return f"@pictures path {kinds}\nheader @pictures {{\n{lines}}}\n"


def hosted(policy: Policy) -> str:
    """`_headers`, which Netlify and Cloudflare Pages read from the published folder."""
    lines = "".join(f"  {name}: {value}\n" for name, value in wanted_headers(policy).items())
    return "".join(f"{path.rstrip('/')}/*\n{lines}" for path in policy.paths)


def wordpress(policy: Policy) -> str:
    """For `wp-content/mu-plugins/`: the pages. Pictures are served by the server alone."""
    headers = "".join(
        f"        $headers['{name}'] = '{value}';\n"
        for name, value in wanted_headers(policy).items()
    )
    tags = "".join(f"        echo '{line}', \"\\n\";\n" for line in head(policy).splitlines())
    return (
        "<?php\n"
        "/* Plugin Name: Reservation of rights */\n"
        "add_filter('wp_headers', function ($headers) {\n"
        f"{headers}        return $headers;\n    }});\n"
        "add_action('wp_head', function () {\n"
        f"{tags}    }});\n"
    )


def head(policy: Policy) -> str:
    """For the `<head>` of every page; some search engines take `noarchive` for no training."""
    site = escape(policy.site)
    return (
        '<meta name="robots" content="noai, noimageai, noarchive">\n'
        '<meta name="tdm-reservation" content="1">\n'
        f'<meta name="tdm-policy" content="{site}/{TDM_POLICY}">\n'
        f'<link rel="license" type="application/rsl+xml" href="{site}/{RSL}">\n'
    )


SNIPPETS: Final[Mapping[str, Callable[[Policy], str]]] = {
    "servers/apache.htaccess": apache,
    "servers/nginx.conf": nginx,
    "servers/Caddyfile": caddy,
    "servers/_headers": hosted,
    "servers/wordpress.php": wordpress,
    "pages/head.html": head,
}
"""By their place in the kit."""
