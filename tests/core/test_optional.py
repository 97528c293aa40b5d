"""A missing dependency is named together with the extra that installs it."""

import json

import pytest

from boundwise.core.errors import BoundwiseError, NotAvailableError
from boundwise.core.optional import require


def test_an_installed_module_is_returned():
    assert require("json", extra="report") is json


def test_a_missing_module_is_named_with_its_extra():
    with pytest.raises(NotAvailableError) as caught:
        require("no_such_module_at_all.sub", extra="cluster")
    assert "no_such_module_at_all.sub" in str(caught.value)
    assert "pip install 'boundwise[cluster]'" in str(caught.value)
    assert isinstance(caught.value, ImportError)
    assert isinstance(caught.value, BoundwiseError)
    assert isinstance(caught.value.__cause__, ImportError)


def test_a_broken_module_says_why(tmp_path, monkeypatch):
    (tmp_path / "broken_optional.py").write_text("import no_such_inner_module\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(NotAvailableError, match="no_such_inner_module"):
        require("broken_optional", extra="report")
