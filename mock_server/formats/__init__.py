"""Strict JSON and YAML, query strings, and files."""
