import pytest

from tests.knowledge.county import County


@pytest.fixture(scope="session")
def county() -> County:
    return County()
