"""What lists of documents have in common."""

from chauban.registers.models import Priority


def urgency_word(priority: int) -> str:
    """The degree of urgency as a list shows it; nothing for an ordinary document."""
    return "" if priority == Priority.NORMAL else str(Priority(priority).label)
