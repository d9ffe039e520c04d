"""Servers on loopback that speak the interfaces of edxml.md 12 as they are documented."""
