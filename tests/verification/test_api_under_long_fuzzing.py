"""Every operation of the OpenAPI document, called hundreds of times.

A module of its own, which a run without long tests does not even collect (see conftest): schemathesis makes up the
boundary cases of each operation while it collects, and that takes a tenth of a short run's collection.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from schemathesis import Case

from tests.verification.accounts import Account
from tests.verification.calls import profile, schema
from tests.verification.test_api_under_fuzzing import assert_answer_is_documented


@pytest.mark.long
@schema.parametrize()
@settings(profile, max_examples=300)
def test_every_answer_of_hundreds_is_documented(case: Case[Any], account: Account) -> None:
    assert_answer_is_documented(case, account)
