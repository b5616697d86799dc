# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The files in which a site states its reservation: TDMRep and its policy, RSL, and ai.txt."""

from __future__ import annotations

import json
from typing import Any, Final
from xml.etree import ElementTree as ET

from artistguard.channels.site.policy import Policy

TDMREP: Final = ".well-known/tdmrep.json"
TDM_POLICY: Final = "tdm-policy.json"
RSL: Final = "license.xml"
AI_TXT: Final = "ai.txt"

_RSL_SPACE: Final = "https://rslstandard.org/rsl"
_PICTURES: Final = (
    "avif",
    "bmp",
    "gif",
    "heic",
    "jpeg",
    "jpg",
    "png",
    "psd",
    "svg",
    "tif",
    "tiff",
    "webp",
)


def tdmrep(policy: Policy) -> str:
    """Where mining is reserved: W3C TDM Reservation Protocol, final report, section on tdmrep.json.

    An array even for one rule; the first that fits a path holds.
    """
    return _json(
        [
            {
                "location": path,
                "tdm-reservation": 1,
                "tdm-policy": f"{policy.site}/{TDM_POLICY}",
            }
            for path in policy.paths
        ]
    )


def tdm_policy(policy: Policy) -> str:
    """Who may be asked for a licence: an ODRL offer in the profile of the TDM Reservation Protocol.

    Mining is permitted to whoever has obtained consent first, and not otherwise.
    """
    assigner: dict[str, str] = {"uid": policy.site, "vcard:fn": policy.owner}
    if "@" in policy.contact and "://" not in policy.contact:
        assigner["vcard:hasEmail"] = f"mailto:{policy.contact.removeprefix('mailto:')}"
    assigner["vcard:hasURL"] = policy.contact if "://" in policy.contact else f"{policy.site}/"
    return _json(
        {
            "@context": ["http://www.w3.org/ns/odrl.jsonld", "http://www.w3.org/ns/tdmrep.jsonld"],
            "@type": "Offer",
            "profile": "http://www.w3.org/ns/tdmrep",
            "uid": f"{policy.site}/{TDM_POLICY}",
            "assigner": assigner,
            "permission": [
                {
                    "target": [f"{policy.site}{path}" for path in policy.paths],
                    "action": "tdm:mine",
                    "duty": [{"action": "obtainConsent"}],
                }
            ],
        }
    )


def rsl(policy: Policy) -> str:
    """The licence in Really Simple Licensing 1.0: a prohibition wins over a permission there."""
    prohibited = ["ai-train"] if policy.answers else ["ai-all"]
    permitted = ["search"] * policy.search + ["ai-input"] * policy.answers
    if not policy.search:
        prohibited.append("search")
    top = ET.Element("rsl", xmlns=_RSL_SPACE)
    for path in policy.paths:
        licence = ET.SubElement(ET.SubElement(top, "content", url=path), "license")
        if permitted:
            ET.SubElement(licence, "permits", type="usage").text = " ".join(permitted)
        ET.SubElement(licence, "prohibits", type="usage").text = " ".join(prohibited)
    ET.indent(top)
    body = ET.tostring(top, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def ai_txt(policy: Policy) -> str:
    """Spawning's ai.txt: kinds of files, which nobody may use. No reader of it is known today."""
    lines = [f"# {policy.site}", "User-Agent: *", *(f"Disallow: *.{one}" for one in _PICTURES)]
    if policy.everywhere:
        lines += ["Disallow: *", "Disallow: /"]
    return "".join(f"{line}\n" for line in lines)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
