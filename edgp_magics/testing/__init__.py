"""Public fakes and contract suites: twins of everything outside, held to the same contracts."""

from ._planted import Planted, planted_customers
from ._proposer import ScriptedProposer
from ._rag import HashEncoder, check_encoder, check_store

__all__ = ["HashEncoder", "Planted", "ScriptedProposer", "check_encoder", "check_store", "planted_customers"]
