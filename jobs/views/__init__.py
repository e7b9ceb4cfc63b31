"""The pages of Sync Jobs: lists, one job, its exchanges, errors, overview and connections."""
