"""What every page shares: tables, template tags, stylesheet."""
