"""Builders shared by the tests: small scenes in local metres, the shipped rules, declared ground."""
