"""The province in which every address has something behind it."""

from tests.exchange.conftest import axis, carry, gateway  # noqa: F401
from tests.ui.conftest import moment, province  # noqa: F401
from tests.workflow.conftest import (  # noqa: F401
    a_pdf,
    authority,
    keystores,
    office,
    world,
)
