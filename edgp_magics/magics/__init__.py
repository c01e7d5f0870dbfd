"""The magic: parse, run, show, complete. No logic of its own."""
