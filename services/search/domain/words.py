"""What counts as the same word: one normal form for texts and for what people type (rule B17).

The normal form is only searched, never shown. Arabic is written with and without vowel marks,
with four forms of alef, two of a final ya, ta marbuta or ha, and with two rows of digits; people
mean the same word by all of them.
"""

import re
import unicodedata

_ALEF, _YA, _HA, _KAF = "\u0627", "\u064a", "\u0647", "\u0643"
_LETTERS = str.maketrans(
    {
        "\u0671": _ALEF,  # alef wasla; madda and hamza above or below are marks once decomposed
        "\u0649": _YA,  # alef maksura
        "\u06cc": _YA,  # Farsi ya
        "\u0629": _HA,  # ta marbuta
        "\u06a9": _KAF,  # keheh
        "\u0640": None,  # tatweel
    }
)
_MARKS = re.compile(
    "[\u0300-\u036f"  # accents on Latin letters
    "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff]"  # harakat
)
_OPERATORS = '"-'
_NO_OPERATOR = re.compile(r"(?<=[^\s])-|-(?=[\s-]|$)")
_ARTICLE = re.compile(
    # 'and', 'with', 'as', 'so' may be written to the article, and 'to the' melts with it. What is
    # left has three letters at least, so that words that merely begin like it stay whole.
    r"\b(?:[\u0648\u0628\u0643\u0641]?\u0627\u0644|\u0644\u0644)+(?=[\u0621-\u064a]{3})"
)
_INVISIBLE = frozenset({"Cf", "Cs", "Co", "Cn"})
"""Marks of direction, joiners and what no database can store (halves of surrogate pairs)."""


def text_words(*texts: str | None) -> str:
    """The words of texts that are to be found, in normal form, parted by single blanks."""
    return _tidy(_letters(" ".join(text or "" for text in texts), kept=""))


def query_words(query: str) -> str:
    """What somebody typed, in the same normal form.

    Double quotes (a phrase) and a hyphen before a word (without it) keep their meaning, as
    PostgreSQL's websearch_to_tsquery reads them. Empty when nothing was typed that could be a word.
    """
    words = _tidy(_NO_OPERATOR.sub(" ", _letters(query, kept=_OPERATORS)))
    return words if words.strip(_OPERATORS + " ") else ""


def _letters(text: str, kept: str) -> str:
    """Letters, their marks, digits and the characters in `kept`; a blank for everything else."""
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = unicodedata.normalize("NFC", _MARKS.sub("", decomposed).translate(_LETTERS))
    return "".join(character if character in kept else _letter(character) for character in plain)


def _letter(character: str) -> str:
    category = unicodedata.category(character)
    if category in _INVISIBLE:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return character if category[0] in "LMN" else " "


def _tidy(words: str) -> str:
    return " ".join(_ARTICLE.sub("", words).split())
