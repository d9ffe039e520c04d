"""A body typed as plain lines, read into the blocks that the decree numbers and sets apart."""

import re

from chauban_docform.letters import (
    Article,
    Block,
    Clause,
    Division,
    Paragraph,
    Point,
    RomanSection,
)

DIVISION = re.compile(r"(?:Phần|Chương) [IVXLC]+|(?:Mục|Tiểu mục) \d+")
ROMAN = re.compile(r"(?P<number>[IVXLC]+)\. +(?P<title>\S.*)")
ARTICLE = re.compile(r"Điều (?P<number>\d+)\. *(?P<text>.*)")
CLAUSE = re.compile(r"(?P<number>\d+)\. +(?P<text>\S.*)")
POINT = re.compile(r"(?P<letter>[abcdđeghiklmnopqrstuvxy])\) +(?P<text>\S.*)")


def parse_body(text: str) -> tuple[Block, ...]:
    """Return what a drafter typed, one block for each line that is not blank.

    The heads of lines decide (PL I II.6): `Chương I` takes the next line as its title;
    `I. TIÊU ĐỀ` is a section if the title is in capitals; `Điều 1.`, `1.`, `a)`; anything else
    is a paragraph.
    """
    lines = [" ".join(line.split()) for line in text.splitlines()]
    rest = iter([line for line in lines if line])
    return tuple(
        Division(line, next(rest, "")) if DIVISION.fullmatch(line) else parse_line(line)
        for line in rest
    )


def parse_line(line: str) -> Block:
    if match := ARTICLE.fullmatch(line):
        return Article(int(match["number"]), match["text"])
    if (match := ROMAN.fullmatch(line)) and match["title"] == match["title"].upper():
        return RomanSection(match["number"], match["title"])
    if match := CLAUSE.fullmatch(line):
        return Clause(int(match["number"]), match["text"])
    if match := POINT.fullmatch(line):
        return Point(match["letter"], match["text"])
    return Paragraph(line)
