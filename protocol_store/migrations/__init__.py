"""The database's tables, release by release. Each step knows the way up and the way back."""
