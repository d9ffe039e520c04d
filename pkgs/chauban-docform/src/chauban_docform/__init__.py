"""Kinds, symbols, numbers and layout of administrative documents (ND 30/2020)."""
