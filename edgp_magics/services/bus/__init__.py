"""The agents' message bus."""

from ._bus import DeadLetter, MCPMessageBus, MessageBus, Subscription
from ._conversation import Entry, mermaid, sequence_chart
from ._mailbox import Answer, Handler, Overflow
from ._message import MCPMessage, MessagePriority, plain_content

__all__ = [
    "Answer",
    "DeadLetter",
    "Entry",
    "Handler",
    "MCPMessage",
    "MCPMessageBus",
    "MessageBus",
    "MessagePriority",
    "Overflow",
    "Subscription",
    "mermaid",
    "plain_content",
    "sequence_chart",
]
