"""The page on which a person looks at the books, and edits them."""
