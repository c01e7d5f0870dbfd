"""Rules suggested from a profile, and how other tools write them."""
