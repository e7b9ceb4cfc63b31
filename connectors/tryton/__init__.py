"""Tryton: JSON-RPC, several calls per document, a real general ledger."""
