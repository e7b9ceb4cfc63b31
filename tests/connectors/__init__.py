"""Tests of the accounting systems' side; contract.py is for every connector."""

import pytest

pytest.register_assert_rewrite("tests.connectors.contract")
