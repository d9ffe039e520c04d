"""Credentials, certificates, paths, revocation and time-stamps; bytes in, values out.

No module here reads a clock or settings, and none opens a connection save `network` and the
demonstration service, which are edges: keys, trust, time and network arrive as arguments.
"""
