"""Typed instruments over the catalogue, their label policy and their limits."""
