"""QuickBooks Online: what its Accounting API v3 wants to hear, and what it answers."""
