"""Tenants, credentials, envelopes and grants: pure rules that need no hub."""
