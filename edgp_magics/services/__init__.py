"""Services: what capabilities never touch: language models, retrieval, the bus, state."""
