"""Capabilities: pure work on frames. ``f(frame, context, *, options) -> Result``; they reach no service, file or clock."""

from ._options import Option, OptionSpec, options_of, read_options
from ._registry import CAPABILITIES, CapabilitySpec, names, spec_of

__all__ = ["CAPABILITIES", "CapabilitySpec", "Option", "OptionSpec", "names", "options_of", "read_options", "spec_of"]
