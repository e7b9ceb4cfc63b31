"""Tells people about problems: once when one begins, once when it is over."""
