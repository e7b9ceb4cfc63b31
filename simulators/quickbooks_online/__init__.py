"""A stand-in for QuickBooks Online: one company's books behind the vendor's API."""
