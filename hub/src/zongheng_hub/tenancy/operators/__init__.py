"""Operators: the people who act for a tenant, what they may do, and how they come in."""
