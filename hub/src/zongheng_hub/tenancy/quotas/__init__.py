"""Quotas: what tenants may use of the hub, as those above them have said."""
