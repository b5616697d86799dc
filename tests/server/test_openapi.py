# SPDX-FileCopyrightText: The ArtistGuard developers
# SPDX-License-Identifier: Apache-2.0
"""Whatever a stranger sends, as our own description has it or not, the server stays itself."""

import json

import hypothesis
import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from artistguard.search import remote
from artistguard.server import openapi
from baking import Row, bake
from servers import serving

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
OPERATIONS = [(path, method) for path, item in openapi.DOCUMENT["paths"].items() for method in item]


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("openapi")
    pack = bake(folder / "pack", [Row(str(number)) for number in range(10)])
    with serving(folder / "data", packs=[pack]) as running:
        yield running


@pytest.fixture(scope="module")
def key(running):
    return running.key_of("tester", "search", "declare", "admin", per_day=1 << 60)


@pytest.fixture(scope="module")
def described(running):
    """Our description, in which the only data set that there is stands as an example."""
    with running.caller() as caller:
        [source] = remote.sources(caller)
    text = json.dumps(openapi.DOCUMENT)
    revision = json.dumps({"type": "string", "enum": [source.revision, "old"]})
    return json.loads(text.replace('"revision": {"type": "string"}', f'"revision": {revision}'))


@pytest.mark.parametrize("mode", list(GenerationMode), ids=["as described", "otherwise"])
@pytest.mark.parametrize("path, method", OPERATIONS)
def test_every_answer_is_one_that_was_described_and_none_is_an_error(
    running, described, key, path, method, mode
):
    operation = schemathesis.openapi.from_dict(described)[path][method]
    try:
        cases = operation.as_strategy(generation_mode=mode)
    except schemathesis.errors.SchemathesisError:
        return

    @hypothesis.settings(
        max_examples=8,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=cases)
    def ask(case):
        answer = case.call(base_url=running.url, headers={"Authorization": f"Bearer {key}"})
        case.validate_response(answer, checks=CHECKS)

    try:
        ask()
    except hypothesis.errors.Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # nothing to say otherwise
