"""Every operation of the OpenAPI document, called with what it expects and with what it does not.

Whatever is sent: no 5xx, no status that is not documented, and an answer in the shape and with the headers that are.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import settings
from schemathesis import Case
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance

from tests.verification.accounts import Account
from tests.verification.calls import is_id, profile, schema

# Who may not is the subject of the tests of strangers. What a schema cannot say, such as that names are unique or that
# a moment is of our time, is refused with 422 and its reasons.
JUDGED_ELSEWHERE = [ignored_auth, positive_data_acceptance]
# In bodies, what can only mean one thing is taken for it: "1" for 1.
JUDGED_OF_PARAMETERS_ONLY = [negative_data_rejection]


def assert_answer_is_documented(case: Case[Any], account: Account) -> None:
    """Make a call, with ids that lead somewhere, and judge its answer."""
    owned = {name: account.ids[name] for name, value in case.path_parameters.items() if is_id(value)}
    case.path_parameters.update(owned)

    answer = case.call(headers=account.headers)

    excluded = JUDGED_ELSEWHERE if case.body is NOT_SET else [*JUDGED_ELSEWHERE, *JUDGED_OF_PARAMETERS_ONLY]
    case.validate_response(answer, headers=account.headers, excluded_checks=excluded)
    assert UUID(answer.headers["x-run-id"][0])
    assert answer.headers["cache-control"] == ["no-store"]
    if answer.status_code >= 400:
        problem = answer.json()
        assert answer.headers["content-type"] == ["application/problem+json"]
        assert (problem["status"], problem["run_id"]) == (answer.status_code, answer.headers["x-run-id"][0])


@schema.parametrize()
@settings(profile, max_examples=12)
def test_every_answer_is_documented(case: Case[Any], account: Account) -> None:
    assert_answer_is_documented(case, account)
