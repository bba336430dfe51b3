"""Published documents, served as they are: their lists page truly, and their answers are valid.

They run where MOCK_SERVER_DOCUMENTS names a folder that holds the documents, and are skipped elsewhere.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.documents.survey import documents, sum_up, survey
from tests.support.documents import SMALL

FOLDER = os.environ.get("MOCK_SERVER_DOCUMENTS", "")
PUBLISHED = documents(Path(FOLDER)) if FOLDER else []

# The share of the lists of all documents together, in hundredths.
LEAST = 95


@pytest.mark.slow
def test_a_small_document_is_surveyed_over_a_real_connection(tmp_path: Path) -> None:
    path = tmp_path / "2024-small.yaml"
    pagination = "{type: object, properties: {after: {type: string}, before: {type: string}}}"
    path.write_text(SMALL.replace("pagination: {type: object}", f"pagination: {pagination}"))

    found = survey(path)

    assert (len(found.walked), len(found.paging), len(found.valid)) == (1, 1, 1)
    assert not found.refusal


@pytest.mark.slow
@pytest.mark.skipif(not PUBLISHED, reason="MOCK_SERVER_DOCUMENTS names no folder of documents")
def test_of_the_lists_of_published_documents_most_page_truly_and_most_answers_are_valid() -> None:
    surveys = [survey(path) for path in PUBLISHED]
    report = "\n".join([*(line for each in surveys for line in each.lines()), sum_up(surveys)])
    assert [each.name for each in surveys if each.refusal] == [], report

    paging = sum(len(each.paging) for each in surveys)
    served = sum(len(each.served) for each in surveys)
    assert sum(len(each.walked) for each in surveys) * 100 >= LEAST * paging, report
    assert sum(len(each.valid) for each in surveys) * 100 >= LEAST * served, report
