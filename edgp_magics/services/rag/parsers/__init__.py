"""Documents of several formats to text with headings. Documents are data: nothing in them is run or followed."""

from ._parse import FORMATS, MAX_BYTES, parse_bytes, parse_file, parse_text

__all__ = ["FORMATS", "MAX_BYTES", "parse_bytes", "parse_file", "parse_text"]
