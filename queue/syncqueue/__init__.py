"""The Sync Queue: the records that wait to be exported."""
