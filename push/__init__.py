"""Reaching a phone in a pocket."""
