"""Request context, access table and error pages."""
