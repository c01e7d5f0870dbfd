"""Frames: one view of any table, and the only code that knows the libraries behind it."""

from ._canonical import canonical
from ._compare import differing_rows
from ._eager import in_memory
from ._edit import Edit, edited, restored
from ._files import file_stem, is_table_file
from ._frame import Column, Frame, Kind, unique_names
from ._recognise import as_frame, column_names, is_frame_like
from ._registry import DatasetRegistry
from ._remains import pack, remains_of, skeleton, unpack
from ._take import spaced

__all__ = [
    "Column",
    "DatasetRegistry",
    "Edit",
    "Frame",
    "Kind",
    "as_frame",
    "canonical",
    "column_names",
    "differing_rows",
    "edited",
    "file_stem",
    "in_memory",
    "is_frame_like",
    "is_table_file",
    "pack",
    "remains_of",
    "restored",
    "skeleton",
    "spaced",
    "unique_names",
    "unpack",
]
