"""Revocation: who no longer stands, the signed list that says so, and how every replica knows."""
