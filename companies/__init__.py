"""Companies, their people, and the walls between them."""
