"""Works, their crews and their papers: from 报备 to release, and what is missing before 进组."""
