"""A demonstration PKI that runs on one machine and has no legal effect."""
