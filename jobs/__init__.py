"""The Sync Jobs: export, import, the journal and the errors."""
